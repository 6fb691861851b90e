"""Which analyzers are there? The registry: one file and one line each; how to add one: ../ADDING.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from archive.analysis.analyzers.keywords import KeywordsOfEach
from archive.analysis.analyzers.questions import Questions
from archive.analysis.analyzers.sentiment import CLEAR, Sentiment
from archive.analysis.analyzers.signals import Signals
from archive.analysis.kit import Kit
from archive.analysis.values import Analyzer

__all__ = ["ANALYZERS", "CLEAR", "build_analyzers"]

ANALYZERS: Final[tuple[Callable[[Kit], Analyzer], ...]] = (
    lambda kit: KeywordsOfEach(kit.keywords),
    lambda _: Questions(),
    lambda kit: Sentiment(kit.scores),
    lambda kit: Signals(kit.scores, kit.signals),
)


def build_analyzers(kit: Kit) -> tuple[Analyzer, ...]:
    """Every analyzer, ready to read."""
    return tuple(make(kit) for make in ANALYZERS)
