"""Which answer still has to be written, so that nobody is ever told it?"""

from __future__ import annotations

from collections.abc import Mapping

from knowledge_base.words import words

TO_BE_WRITTEN = words("unwritten")["answer"]  # stands in a draft where its answer will be
_MARK = words("unwritten")["mark"]


def is_written(answers: Mapping[str, str]) -> bool:
    """Whether every answer is one, and none holds the mark that stands in its place."""
    return not any(_MARK in text for text in answers.values())
