"""What is searched of one part of the library? A large part stays as it is while a small one holds what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.lexical import Kind, LexicalIndex
from knowledge_base.script import DEFAULT_CHANNEL, Script
from knowledge_base.space import Floats, Space
from knowledge_base.text import essence, normalise
from knowledge_base.variants import Variants, spread
from knowledge_base.vector_index import VectorIndex

SPELLING = Kind()
SOUND = Kind(sound=True)
ANSWER = Kind(shortest=2, longest=2, coverage=True)
HELD = Kind(longest=2, coverage=True, once=True)
_APART = "\n"  # between texts: no normalised text holds it, so no run of a query crosses
ANSWER_CHARACTERS = 120  # of an answer that are encoded behind its question: the rest is manners and details

Index = Callable[[Sequence[str]], VectorIndex]


@dataclass(frozen=True, slots=True)
class Segment:
    """Scripts by id with all their indexes. ids: of the scripts.

    lengths, answer_lengths: of the vectors within the space. answers: vectors of question and answer together, one a
    script, None where they are left out. dropped: [scripts], true where a later segment holds the script or none does.
    bound: [scripts], true where not every customer may be told at any time.
    """

    scripts: tuple[Script, ...]
    ids: tuple[str, ...]
    variants: Variants
    vectors: VectorIndex
    lengths: Floats
    spelling: LexicalIndex
    sound: LexicalIndex
    answer_spelling: LexicalIndex
    held: LexicalIndex
    answers: VectorIndex | None
    answer_lengths: Floats
    dropped: NDArray[np.bool_]
    bound: NDArray[np.bool_]

    @property
    def live(self) -> tuple[Script, ...]:
        """The scripts that are not dropped."""
        if not self.dropped.any():
            return self.scripts
        return tuple(script for script, gone in zip(self.scripts, self.dropped.tolist(), strict=True) if not gone)


def together(script: Script) -> str:
    """The standard question and how the answer begins, encoded as one text."""
    return f"{script.questions[0]}。{script.answers[DEFAULT_CHANNEL][:ANSWER_CHARACTERS]}"


def all_said(questions: Iterable[str], script: Script) -> str:
    """These questions and the script's answer as one normalised text."""
    return _APART.join([*map(normalise, questions), normalise(script.answers[DEFAULT_CHANNEL])])


def build_segment(
    scripts: tuple[Script, ...],
    *,
    questions: Index,
    answers: Index | None,
    space: Callable[[VectorIndex], Space],
    like: Segment | None = None,
) -> tuple[Segment, Space]:
    """Index scripts sorted by id. questions, answers: texts to their index. like: whose weights of runs to share."""
    variants, plains = spread(scripts)
    vectors = questions(variants.texts)
    where = space(vectors)
    answer_vectors = answers([together(script) for script in scripts]) if answers else None
    spoken = [essence(script.answers[DEFAULT_CHANNEL]) for script in scripts]
    segment = Segment(
        scripts=scripts,
        ids=tuple(script.id for script in scripts),
        variants=variants,
        vectors=vectors,
        lengths=vectors.measured(where.lengths),
        spelling=LexicalIndex(plains, SPELLING, like.spelling.weighing if like else None),
        sound=LexicalIndex(plains, SOUND, like.sound.weighing if like else None),
        answer_spelling=LexicalIndex(spoken, ANSWER, like.answer_spelling.weighing if like else None),
        held=LexicalIndex(
            [all_said(script.questions, script) for script in scripts], HELD, like.held.weighing if like else None
        ),
        answers=answer_vectors,
        answer_lengths=answer_vectors.measured(where.lengths) if answer_vectors else np.empty(0, np.float32),
        dropped=np.zeros(len(scripts), np.bool_),
        bound=np.fromiter(map(_is_bound, scripts), np.bool_, len(scripts)),
    )
    return segment, where


def _is_bound(script: Script) -> bool:
    return bool(
        script.valid_from
        or script.valid_until
        or script.channels
        or script.scenes
        or script.tags
        or script.regions
        or script.hours
    )
