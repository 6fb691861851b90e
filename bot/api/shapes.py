"""What do API answers and questions look like? One pydantic model each; the OpenAPI document is made from them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MOST = 100
Key = Annotated[int, Field(ge=1, lt=2**63)]
# what PostgreSQL cannot keep is refused; halves of characters are refused by pydantic
Words = StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00]*$")


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(_Shape):
    """Nothing is asked, so nothing may be given."""


class Paged(_Shape):
    """A list is read on by `after`, the `next` of the page before."""

    after: Key | None = None
    limit: Annotated[int, Field(ge=1, le=MOST)] = 50


class TicketsAsked(Paged):
    """Which tickets: the newest first."""

    state: Literal["open", "assigned", "pending", "closed"] | None = None
    team: Annotated[str, StringConstraints(max_length=64)] | None = None


class TicketOut(_Shape):
    """A ticket. asked: masked. agent: who has it, or had it last."""

    id: int
    conversation_id: int
    account: str
    channel: str
    team: str
    agent: str | None
    state: str
    priority: int
    type: str
    reason: str
    rule: str
    asked: str
    outcome: str | None
    opened_at: datetime
    assigned_at: datetime | None
    first_response_at: datetime | None
    closed_at: datetime | None


class TicketEventOut(_Shape):
    """One line of a ticket's history."""

    id: int
    at: datetime
    kind: str
    by: str
    cause: str


class TicketsOut(_Shape):
    """A page of tickets. next: give it as `after`; null at the end."""

    items: list[TicketOut]
    next: int | None


class TicketWhole(TicketOut):
    """A ticket with its history, oldest first."""

    events: list[TicketEventOut]


class NoteIn(_Shape):
    """A note for colleagues; the customer never sees it."""

    text: Annotated[str, Words]


class NoteOut(_Shape):
    """The note as it was kept."""

    ticket_id: int
    by: str


class MessageOut(_Shape):
    """One line of a transcript. text: masked. recalled: the sender took it back, the text is not shown."""

    id: int
    at: datetime
    voice: str
    text: str
    recalled: bool


class MessagesOut(_Shape):
    """A page of a transcript, oldest first."""

    items: list[MessageOut]
    next: int | None


class ScriptOut(_Shape):
    """An approved script."""

    id: str
    title: str
    category: list[str]
    questions: list[str]
    answers: dict[str, str]


class ScriptsAsked(_Shape):
    """Live scripts by id. after: the id of the last one seen."""

    after: Annotated[str, StringConstraints(max_length=128)] = ""
    limit: Annotated[int, Field(ge=1, le=MOST)] = 50


class ScriptsOut(_Shape):
    """A page of scripts."""

    items: list[ScriptOut]
    next: str | None


class QueueOut(_Shape):
    """Who waits for a team. oldest_at: since when the longest waiting one does."""

    team: str
    waiting: int
    oldest_at: datetime | None


class QueuesOut(_Shape):
    """Every team's queue."""

    items: list[QueueOut]


class TextIn(_Shape):
    """What a customer writes."""

    text: Annotated[str, Words]


class IntentOut(_Shape):
    """An intent and how probable it is."""

    name: str
    confidence: float


class EntityOut(_Shape):
    """What was found, from character `start` to `end`."""

    entity: str
    value: str
    start: int
    end: int


class UnderstandingOut(_Shape):
    """In the shape of Rasa's /model/parse, with the mood besides."""

    text: str
    intent: IntentOut | None
    intent_ranking: list[IntentOut]
    entities: list[EntityOut]
    mood: dict[str, float | str]


class Problem(_Shape):
    """What was wrong (RFC 9457). detail says what to do."""

    title: str
    status: int
    detail: str
