"""Which questions may a model learn from, which must it be asked, and which may stand in one batch?"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nlu.text import normalise

Groups = Sequence[Sequence[str]]
SMALLEST = 20  # groups with two questions: below, nothing measured means anything


class TooFewGroups(Exception):  # noqa: N818 - reads as the fact it is
    """There is too little to learn from or to be asked; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two questions of one group, and questions of other groups that search confuses with the first."""

    group: int
    anchor: str
    positive: str
    negatives: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Split:
    """groups: cleaned, all of them. learned, asked: positions in it; they share none."""

    groups: tuple[tuple[str, ...], ...]
    learned: tuple[int, ...]
    asked: tuple[int, ...]


def split_groups(groups: Groups, *, held_out: float, seed: int) -> Split:
    """Clean the groups and keep a share of them aside, drawn by chance.

    A question that stands twice in a group counts once; one that stands in two groups says nothing and is left out.
    Groups of one question are in the library but teach nothing and are not asked.

    Raises:
        TooFewGroups: fewer than `SMALLEST` groups have two questions.
    """
    cleaned = _cleaned(groups)
    usable = [number for number, group in enumerate(cleaned) if len(group) > 1]
    if len(usable) < SMALLEST:
        raise TooFewGroups(f"{len(usable)} scripts have two questions of their own; {SMALLEST} are needed at least")
    random.Random(seed).shuffle(usable)  # noqa: S311 - to be repeatable, not secret
    aside = max(SMALLEST // 4, round(held_out * len(usable)))
    return Split(cleaned, tuple(sorted(usable[aside:])), tuple(sorted(usable[:aside])))


def _cleaned(groups: Groups) -> tuple[tuple[str, ...], ...]:
    plain = [{normalise(text): text for text in reversed(group) if normalise(text)} for group in groups]
    owners = Counter(key for texts in plain for key in texts)
    kept = [[text for key, text in reversed(texts.items()) if owners[key] == 1] for texts in plain]
    return tuple(tuple(group) for group in kept if group)


def pairs_of(split: Split, negatives: Mapping[str, Sequence[str]], chance: random.Random) -> list[Pair]:
    """One pair a learned question: with another of its group, drawn anew each time.

    negatives: by question, what search finds for it; questions of its own group and of those asked later are left out.
    """
    aside = set(split.asked)
    owner = {text: number for number, group in enumerate(split.groups) if number not in aside for text in group}
    pairs = []
    for number in split.learned:
        group = split.groups[number]
        for anchor in group:
            positive = chance.choice([text for text in group if text != anchor])
            confused = tuple(
                (owner[text], text) for text in negatives.get(anchor, ()) if owner.get(text, number) != number
            )
            pairs.append(Pair(number, anchor, positive, confused))
    return pairs


def batches_of(pairs: Sequence[Pair], size: int, chance: random.Random) -> Iterator[list[Pair]]:
    """All pairs in batches of at most `size`, no two of one group in a batch: each is another's negative."""
    waiting = list(pairs)
    chance.shuffle(waiting)
    while waiting:
        batch: dict[int, Pair] = {}
        later: list[Pair] = []
        for pair in waiting:
            if len(batch) < size and pair.group not in batch:
                batch[pair.group] = pair
            else:
                later.append(pair)
        waiting = later
        yield list(batch.values())


def negatives_of(batch: Sequence[Pair], each: int) -> list[str]:
    """The first `each` confusing questions of every pair that are of no group in the batch; each text once."""
    inside = {pair.group for pair in batch}
    found = (text for pair in batch for text in [text for group, text in pair.negatives if group not in inside][:each])
    return list(dict.fromkeys(found))
