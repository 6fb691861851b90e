"""What is a review: who looks at whose work, what she found, and what became of it?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from archive.reviews.sheets import Marks

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


class ReviewState(StrEnum):
    """ASSIGNED waits for its reviewer; SCORED is the agent's to see, who may appeal once; SETTLED is final."""

    ASSIGNED = "assigned"
    SCORED = "scored"
    APPEALED = "appealed"
    SETTLED = "settled"

    @property
    def is_told(self) -> bool:
        """Whether the agent sees it."""
        return self is not ReviewState.ASSIGNED


class ReviewRefused(StrEnum):
    """Why nothing was changed."""

    GONE = "gone"  # no such review, or what was said is no longer kept
    NOT_YOURS = "not_yours"
    WRONG_STATE = "wrong_state"
    CHANGED = "changed"  # somebody else changed it meanwhile
    NO_REASON = "no_reason"


@dataclass(frozen=True, slots=True)
class Comment:
    """A word about one utterance."""

    entry_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody wrote about a conversation."""

    note: str = ""
    comments: tuple[Comment, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written."""
        return not self.note and not self.comments


@dataclass(frozen=True, slots=True)
class Outcome:
    """What scoring came to, by the sheet of that moment.

    fatal: fatal nodes without a point. points: the most of each node. automatic: of nodes that rules look at, whether
    these found a fault.
    """

    total: float
    passed: bool
    fatal: tuple[str, ...]
    points: Mapping[str, int]
    automatic: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Review:
    """A review as it stands. revision: raised by each change. marks, outcome: None until it is scored."""

    id: int
    anchor: int
    account: str
    customer: str
    room: str
    agent: str
    reviewer: str
    sheet: str
    state: ReviewState
    revision: int
    marks: Marks | None
    outcome: Outcome | None
    assigned_at: datetime
    scored_at: datetime | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewEvent:
    """Something that happened to a review. words: empty, too, where their key was erased."""

    number: int
    at: datetime
    by: str
    kind: ReviewState
    marks: Marks | None
    total: float | None
    words: Words


@dataclass(frozen=True, slots=True)
class ReviewSelection:
    """Which reviews are listed; what is empty narrows nothing. agents: of these; before: older than this id.

    seen: what must hold of the anchor.
    """

    agents: frozenset[str] | None = None
    agent: str = ""
    reviewer: str = ""
    states: Sequence[ReviewState] = ()
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 50
    seen: Callable[[ColumnElement[int]], ColumnElement[bool]] | None = None


@dataclass(frozen=True, slots=True)
class ToReview:
    """A session to be looked at. anchor: the id of its first entry."""

    anchor: int
    account: str
    customer: str
    room: str
    agent: str
    reviewer: str
    sheet: str
