"""With what are sessions judged? The shop's rules in force, and what only the rest of the product knows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zlib import crc32

from archive.analysis.features import Features
from archive.analysis.judging import BusinessSeconds, Judge, Likeness, ServiceFacts
from archive.analysis.rules import BrokenPromise, QualityRule
from archive.analysis.session_store import DueSession

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

JUDGING_VERSION = 1  # raised when features or checks come out differently: all sessions are judged anew

FactsOf = Callable[["AsyncConnection", Sequence[DueSession]], Awaitable[Mapping[int, ServiceFacts]]]  # by session id


@dataclass(frozen=True)
class Quality:
    """What judges sessions now. satisfaction: predicts, in [1, 5], from a session's features."""

    rules: tuple[QualityRule, ...]
    business_seconds: BusinessSeconds
    likeness: Likeness
    satisfaction: Callable[[Features], float | None]

    @cached_property
    def version(self) -> int:
        """Another number for other rules, so that what was judged by the old ones is judged anew."""
        return crc32(repr((JUDGING_VERSION, self.rules)).encode()) & 0x7FFF_FFFF

    @cached_property
    def promised_for(self) -> timedelta:
        """How long after a session something said may still keep a promise of it."""
        return max((each.within for each in self._promises), default=timedelta(0))

    def promises(self, text: str) -> bool:
        """Whether it says something that has to be followed up."""
        return any(phrase in text for each in self._promises for phrase in each.phrases)

    @cached_property
    def _promises(self) -> tuple[BrokenPromise, ...]:
        return tuple(each.check for each in self.rules if isinstance(each.check, BrokenPromise))

    def judge(self) -> Judge:
        """Who holds sessions against the rules."""
        return Judge(self.rules, self.business_seconds, self.likeness)


def any_time(start: datetime, end: datetime) -> float:
    """Business seconds of a shop that never closes."""
    return max((end - start).total_seconds(), 0.0)


def nothing_approved(question: str, answer: str) -> float | None:
    """Likeness where no script is known."""
    del question, answer
    return None


async def no_facts(connection: AsyncConnection, sessions: Sequence[DueSession]) -> Mapping[int, ServiceFacts]:
    """What is known of sessions where nobody says more."""
    del connection, sessions
    return {}
