"""Which scripts should somebody write, or rewrite? From what customers asked in vain, as drafts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from bot.costs import Tariff
from bot.learning.reactions import asks_nothing
from bot.learning.uses import UseKind
from bot.masking import mask
from knowledge_base import Gap, Near, Passage, Proposal, Script, Unanswered, core, find_gaps, propose
from nlu import split_questions

Floats = NDArray[np.float32]
LOOKED_UP = 5  # questions of a gap that are searched for, the most central

Search = Callable[[str, Floats], Sequence[Passage]]


@dataclass(frozen=True, slots=True)
class InVain:
    """A question that got no good answer.

    text: as the customer wrote it. kind: MISSED, or how she took the script she was shown. script_id: that script.
    parts: how many questions it was read as. at: when that was seen.
    """

    text: str
    customer: int
    kind: UseKind
    script_id: str = ""
    parts: int = 1
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Library:
    """What is approved now. search: live scripts for a text and its vector, best first. tariff: what is sure enough."""

    scripts: Sequence[Script]
    search: Search
    tariff: Tariff
    channel: str


def proposals(
    asked: Sequence[InVain],
    library: Library,
    *,
    encode: Callable[[Sequence[str]], Floats],
    ordinary: Floats,
    customers: int,
) -> tuple[Proposal, ...]:
    """Drafts for what customers asked in vain and the library still does not answer, the most asked first.

    encode, ordinary, customers: as `find_gaps` takes them; encode is called once, and keeps nothing.
    """
    masked = [(each, question) for each in asked for question in masked_questions(each)]
    open_ = [(each, text) for each, text in masked if not asks_nothing(core(text))]
    cores = sorted({core(text) for _, text in open_})
    vectors = dict(zip(cores, encode(cores), strict=True)) if cores else {}

    def known(texts: Sequence[str]) -> Floats:
        return np.stack([vectors[text] for text in texts])

    left = [
        Unanswered(text, str(each.customer))
        for each, text in open_
        if not (each.kind is UseKind.MISSED and _is_answered(library, core(text), vectors[core(text)]))
    ]
    gaps = find_gaps(left, known, ordinary, customers=customers)
    return tuple(_propose(gap, library, vectors) for gap in gaps)


def masked_questions(asked: InVain) -> tuple[str, ...]:
    """One by one: those that were answered well are found again in the library, and left out."""
    return tuple(map(mask, split_questions(asked.text) if asked.parts > 1 else (asked.text,)))


def _is_answered(library: Library, text: str, vector: Floats) -> bool:
    """Whether a script written since then answers it."""
    best = next(iter(library.search(text, vector)), None)
    return best is not None and best.probability >= _thresholds(library, best.script_id)[1]


def _propose(gap: Gap, library: Library, vectors: dict[str, Floats]) -> Proposal:
    near = _nearest(gap, library, vectors)
    above = _thresholds(library, near.script.id)[0] if near else 1.0
    return propose(gap, near, library.scripts, extend_above=above)


def _nearest(gap: Gap, library: Library, vectors: dict[str, Floats]) -> Near | None:
    """The script with the highest mean probability over the gap's central questions."""
    looked_up = gap.questions[:LOOKED_UP]
    sums: defaultdict[str, float] = defaultdict(float)
    for question in looked_up:
        for passage in library.search(question, vectors[question]):
            sums[passage.script_id] += passage.probability / len(looked_up)
    if not sums:
        return None
    best = max(sorted(sums), key=lambda script_id: sums[script_id])
    return Near(next(each for each in library.scripts if each.id == best), round(sums[best], 4))


def _thresholds(library: Library, script_id: str) -> tuple[float, float]:
    script = next(each for each in library.scripts if each.id == script_id)
    found = library.tariff.in_force(library.channel, script.category).thresholds
    return found.ask, found.answer
