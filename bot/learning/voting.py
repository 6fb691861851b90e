"""Which scripts were right for which questions, as customers showed us? No customer alone decides much."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.learning.uses import UseKind
from knowledge_base import Judged
from nlu import normalise

PER_CUSTOMER = 10  # judgements one customer may add, her newest
PER_SCRIPT = 1  # … of them on one script and in one direction
WITNESSES = 2  # customers who must agree before what is only a sign counts
NEWEST = 400  # judgements given to the ranker; it takes no more

# Choosing is an act: right for what was chosen, wrong for the rest of that menu. The others are signs.
_RIGHT = frozenset({UseKind.CHOSEN, UseKind.SATISFIED})
_WRONG = frozenset({UseKind.PASSED_OVER, UseKind.UNHELPFUL, UseKind.PERSON})
_ACTS = frozenset({UseKind.CHOSEN, UseKind.PASSED_OVER})


@dataclass(frozen=True, slots=True)
class Vote:
    """What one customer showed about one script for one question of hers.

    customer: any key that tells customers apart. about: the turn that showed or offered the script.
    parts: how many questions the message was read as.
    """

    query: str
    script_id: str
    kind: UseKind
    customer: int
    about: int
    parts: int = 1


def judgements(votes: Sequence[Vote], *, newest: int = NEWEST) -> tuple[Judged, ...]:
    """What the search may learn from `votes` (oldest first); at most `newest`, the latest ones.

    Only messages of one question teach: of several it is not known which was meant.
    A script chosen from a menu is right for the question, the others of that menu are wrong; where nothing of a menu
    was chosen, nothing is learned from it. "没用" or a call for a person after an answer speaks against the script,
    thanks speak for it: both only count if WITNESSES customers agree about that script. Of one customer at most
    PER_CUSTOMER judgements count, PER_SCRIPT of them for and against one script. Where customers disagree on the same
    words the majority decides; a tie decides nothing.
    """
    kept = _capped(_witnessed(_strongest(_decided(votes))))
    balance: Counter[tuple[str, str]] = Counter()
    latest: dict[tuple[str, str], Vote] = {}
    for vote in kept:
        key = (normalise(vote.query), vote.script_id)
        balance[key] += 1 if vote.kind in _RIGHT else -1
        latest.pop(key, None)
        latest[key] = vote
    judged = [Judged(vote.query, vote.script_id, balance[key] > 0) for key, vote in latest.items() if balance[key]]
    return tuple(judged[-newest:])


def _decided(votes: Iterable[Vote]) -> list[Vote]:
    """Without menus of which nothing was chosen, and without messages of several questions or of no word."""
    votes = [vote for vote in votes if vote.kind in _RIGHT | _WRONG and vote.parts == 1 and normalise(vote.query)]
    chosen = {vote.about for vote in votes if vote.kind is UseKind.CHOSEN}
    return [vote for vote in votes if vote.kind is not UseKind.PASSED_OVER or vote.about in chosen]


def _strongest(votes: Sequence[Vote]) -> Iterator[Vote]:
    """What she did counts, not what she said of it later: a script chosen and then useless was found rightly."""
    acted = {_matter(vote) for vote in votes if vote.kind in _ACTS}
    return (vote for vote in votes if vote.kind in _ACTS or _matter(vote) not in acted)


def _matter(vote: Vote) -> tuple[int, str, str]:
    return vote.customer, normalise(vote.query), vote.script_id


def _witnessed(votes: Iterable[Vote]) -> list[Vote]:
    """Without signs that fewer than WITNESSES customers give about a script."""
    votes = list(votes)
    witnesses: defaultdict[tuple[str, bool], set[int]] = defaultdict(set)
    for vote in votes:
        witnesses[vote.script_id, vote.kind in _RIGHT].add(vote.customer)
    return [
        vote for vote in votes if vote.kind in _ACTS or len(witnesses[vote.script_id, vote.kind in _RIGHT]) >= WITNESSES
    ]


def _capped(votes: Sequence[Vote]) -> list[Vote]:
    """The newest votes of each customer, oldest first, no more than her share."""
    spent: Counter[int] = Counter()
    on_script: Counter[tuple[int, str, bool]] = Counter()
    kept: list[Vote] = []
    for vote in reversed(votes):
        place = (vote.customer, vote.script_id, vote.kind in _RIGHT)
        if spent[vote.customer] >= PER_CUSTOMER or on_script[place] >= PER_SCRIPT:
            continue
        spent[vote.customer] += 1
        on_script[place] += 1
        kept.append(vote)
    return kept[::-1]
