"""Under which texts can each script be found?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.script import Script
from knowledge_base.text import clauses, normalise


@dataclass(frozen=True, slots=True)
class Variants:
    """Every question of every script, and the clauses of those that hold several; all arrays are [n].

    texts: as indexed. hashes: of the normalised texts, of this process alone. script: position of the script.
    question: number of the question over all scripts; a clause shares its question's. whole: false for a clause.
    first: [scripts + 1], the variants of script i are first[i] to first[i + 1].
    """

    texts: tuple[str, ...]
    hashes: NDArray[np.int64]
    script: NDArray[np.int32]
    question: NDArray[np.int32]
    whole: NDArray[np.bool_]
    first: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.texts)


def spread(scripts: Sequence[Script]) -> tuple[Variants, list[str]]:
    """Lay out the variants of the scripts, in their order, with their normalised texts; alike ones count once."""
    texts: list[str] = []
    plains: list[str] = []
    script: list[int] = []
    question: list[int] = []
    whole: list[bool] = []
    first = [0]
    asked = 0
    for position, entry in enumerate(scripts):
        seen: set[str] = set()
        wholes = list(enumerate(entry.questions, start=asked))
        parts = [(number, part) for number, text in wholes for part in clauses(text)]
        asked += len(wholes)
        for is_whole, group in ((True, wholes), (False, parts)):
            for number, text in group:
                if (plain := normalise(text)) in seen:
                    continue
                seen.add(plain)
                texts.append(text)
                plains.append(plain)
                script.append(position)
                question.append(number)
                whole.append(is_whole)
        first.append(len(texts))
    variants = Variants(
        tuple(texts),
        np.fromiter(map(hash, plains), np.int64, len(plains)),
        np.array(script, dtype=np.int32),
        np.array(question, dtype=np.int32),
        np.array(whole, dtype=np.bool_),
        np.array(first, dtype=np.int32),
    )
    return variants, plains
