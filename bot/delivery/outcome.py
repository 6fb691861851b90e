"""How can one try of an effect end? A closed union, and how a platform's error becomes one of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.phrases import default_phrases
from bot.platform import Ambiguous, ApiError, PlatformError, RateLimited, Unreachable, Verdict

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

# What must be written in the transaction that settles the effect.
Also = Callable[["AsyncConnection"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Sent:
    """It is done; `also` is written with it."""

    also: Also | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """It must not happen any more, for this reason; a trace stays."""

    reason: str
    also: Also | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """Try again. after_s None: by backoff. gives_way: later words to this address need not wait for it."""

    error: str
    after_s: float | None = None
    gives_way: bool = False


@dataclass(frozen=True, slots=True)
class Dead:
    """It cannot happen; a person must look. advice says what to do."""

    error: str
    advice: str
    also: Also | None = None


@dataclass(frozen=True, slots=True)
class Uncertain:
    """It may or may not have happened, and repeating could say it twice: recorded, shown, not guessed."""

    error: str


@dataclass(frozen=True, slots=True)
class ByCallback:
    """The account cannot send by API: the next response to a callback carries it."""

    also: Also | None = None


Outcome = Sent | Dropped | Again | Dead | Uncertain | ByCallback


def outcome_of(error: PlatformError, *, repeatable: bool) -> Outcome:
    """What an error of the platform client means for an effect."""
    match error:
        case RateLimited(retry_after_s=after):
            return Again(error.what, after)
        case Unreachable():
            return Again(error.what)
        case Ambiguous():
            return Again(error.what) if repeatable else Uncertain(error.what)
        case ApiError(verdict=Verdict.RETRY | Verdict.WAIT | Verdict.REFRESH):
            return Again(f"errcode {error.code}")
        case ApiError():
            return Dead(f"errcode {error.code} {error.message}", error.advice)
        case _:
            return Dead(error.what, default_phrases().say("advice.check_account"))
