"""What is a session that was found, and what is it when it is read again?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from archive.analysis import KeptFinding
from archive.entry import Entry

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select


class Feeling(StrEnum):
    """How a session felt: how it ended, or a signal that was clearly felt."""

    BAD = "bad"
    EVEN = "even"
    GOOD = "good"
    URGENCY = "urgency"
    COMPLAINT = "complaint"
    CHURN = "churn"
    PURCHASE = "purchase"


@dataclass(frozen=True, slots=True)
class Sight:
    """Which sessions somebody may see.

    everything: all of them, whatever follows. talks: ids of her teams' conversations, served: of any team's. agents:
    her teams' people; their sessions without a team's conversation (imports, the session archive) are hers to see, too.
    within: what the region of a session must be, of all of that; None: any, also one that is not known. own: the agent
    who she is; with `within`, she sees what she served herself, wherever it comes from.
    """

    everything: bool = False
    agents: frozenset[str] = frozenset()
    talks: Select[Any] | None = None
    served: Select[Any] | None = None
    within: Callable[[ColumnElement[str]], ColumnElement[bool]] | None = None
    own: str = ""


EVERYTHING = Sight(everything=True)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for; what is "" or None narrows nothing.

    text: words apart must all be said in one message. tag: that the customer wears. rule: of a finding that was not
    dismissed. topic: ids of messages, one of which must be in it. since, until: when it began, [since, until).
    after: (when it began, id) of the last one seen; older ones follow.
    """

    text: str = ""
    feeling: Feeling | None = None
    tag: str = ""
    agent: str = ""
    rule: str = ""
    topic: tuple[int, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: tuple[datetime, int] | None = None
    limit: int = 30


@dataclass(frozen=True, slots=True)
class Session:
    """A session's facts. timed: whether its source knew times. moods: in [-1, 1]; times in seconds; None: not known."""

    id: int
    account: str
    customer: str
    room: str
    conversation_id: int | None
    started_at: datetime
    ended_at: datetime
    agent: str
    messages: int
    customer_messages: int
    bot_messages: int
    person_messages: int
    timed: bool
    first_response_s: float | None
    slowest_response_s: float | None
    person_response_s: float | None
    mood_first: float | None
    mood_last: float | None
    mood_trend: float | None
    urgency: float | None
    complaint: float | None
    churn: float | None
    purchase: float | None
    unanswered: bool
    satisfaction: float | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Found:
    """A session that fits. said: what of it shows that, or how it began. rules: (rule, severity) of its findings."""

    session: Session
    said: tuple[Entry, ...]
    rules: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Sessions, the latest first. after: where the next page goes on, None after the last."""

    found: tuple[Found, ...]
    after: tuple[datetime, int] | None


@dataclass(frozen=True, slots=True)
class Played:
    """One utterance again. mood: None where none was read. elsewhere: she said it to us by another way meanwhile."""

    entry: Entry
    mood: float | None = None
    question: bool = False
    keywords: tuple[str, ...] = ()
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Playback:
    """A session again, in order. withheld: utterances that may not be analysed (any more), and are not shown.

    earlier, later: the same person's sessions next to it, None where there is none that may be seen.
    """

    session: Session
    lines: Sequence[Played]
    findings: Sequence[KeptFinding]
    keywords: Sequence[tuple[str, int]] = ()
    withheld: int = 0
    earlier: int | None = None
    later: int | None = None
    tags: Sequence[str] = field(default=())
