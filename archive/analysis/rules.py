"""Which faults of service does the shop want to be found? Its rules, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from archive.analysis.lines import PEOPLE, SHOP
from archive.entry import Voice


class Severity(StrEnum):
    """How bad it is; they sort by `SEVERITIES`."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class Side(StrEnum):
    """Whose words or waits a rule looks at."""

    BOT = "bot"
    PERSON = "person"
    SHOP = "shop"

    @property
    def voices(self) -> frozenset[Voice]:
        """The voices of this side."""
        match self:
            case Side.BOT:
                return frozenset({Voice.BOT})
            case Side.PERSON:
                return PEOPLE
            case Side.SHOP:
                return SHOP


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that nobody answered within `after`."""

    after: timedelta


@dataclass(frozen=True, slots=True)
class SlowAnswer:
    """An answer that took longer than `over`. first: only the first of a session; business: shop's hours count."""

    over: timedelta
    side: Side = Side.PERSON
    first: bool = False
    business: bool = True


@dataclass(frozen=True, slots=True)
class ForbiddenPhrase:
    """Something that must not be said. stages, scripts: only while these nodes were being answered; empty: always."""

    phrases: tuple[str, ...]
    side: Side = Side.SHOP
    stages: frozenset[str] = frozenset()
    scripts: frozenset[str] = frozenset()


class Node(StrEnum):
    """Where in a conversation something has to be said."""

    OPENING = "opening"
    CLOSING = "closing"
    ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True)
class MissingPhrase:
    """None of `phrases` was said where one of them must be: at a node, in sessions of these stages or scripts."""

    phrases: tuple[str, ...]
    node: Node = Node.ANYWHERE
    side: Side = Side.PERSON
    stages: frozenset[str] = frozenset()
    scripts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class BrokenPromise:
    """Something was promised, and the shop was not heard of again within `within`.

    not_before: what is said sooner than this belongs to the promise itself ("还有什么可以帮您") and keeps nothing.
    """

    phrases: tuple[str, ...]
    within: timedelta
    not_before: timedelta = timedelta(0)
    side: Side = Side.SHOP


@dataclass(frozen=True, slots=True)
class Drift:
    """A person's answer is less like the approved one for that question than `below` (a likeness in [0, 1])."""

    below: float


@dataclass(frozen=True, slots=True)
class CausedHandover:
    """The bot gave the conversation away for one of these reasons, as its turns name them."""

    reasons: frozenset[str]


Check = Unanswered | SlowAnswer | ForbiddenPhrase | MissingPhrase | BrokenPromise | Drift | CausedHandover


@dataclass(frozen=True, slots=True)
class QualityRule:
    """One rule of the shop. name: unique; what reports and findings call it."""

    name: str
    severity: Severity
    check: Check
    advice: str = ""
