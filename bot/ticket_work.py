"""What can a person do about a ticket besides talking? Notes, waiting, priority, links; each one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from sqlalchemy import select

from archive.tagging import Tag, TagState
from bot.store.engine import read_only
from bot.store.tables import conversations
from bot.tagging.desk import TagDesk
from bot.ticket_media import TicketMedia
from bot.wakeups import Wakeups
from handoff import (
    Attachment,
    Desk,
    Link,
    LinkKind,
    Mention,
    Note,
    Offer,
    OfferState,
    QueuePlace,
    Ratings,
    Refusal,
    Refused,
    SlaClocks,
    Ticket,
    TicketState,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

TagDecision = Literal["pin", "veto", "release"]


@dataclass(frozen=True, slots=True)
class About:
    """What is known about a ticket beside its conversation. offer: the open one.

    tags: hers, the surest first. more_tags: those that she could be given.
    """

    offer: Offer | None
    place: QueuePlace | None
    notes: Sequence[Note]
    attachments: Sequence[Attachment]
    links: Sequence[Link]
    tags: Sequence[Tag] = ()
    more_tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A promise and when its time is over."""

    metric: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketWork:
    """Commands and reads about tickets. A Refused has changed nothing."""

    engine: AsyncEngine
    desk: Desk
    clocks: SlaClocks
    ratings: Ratings
    media: TicketMedia
    tags: TagDesk
    wakeups: Wakeups
    now: Callable[[], datetime]

    async def about_in(self, connection: AsyncConnection, ticket: Ticket) -> About:
        """Everything the ticket's page shows of it."""
        offers = await self.desk.offers(connection, ticket.id)
        tags = await self.tags.of(connection, (ticket.account, ticket.customer))
        worn = {tag.name for tag in tags if tag.state.is_worn}
        return About(
            offer=next((each for each in offers if each.state is OfferState.OPEN), None),
            place=await self.desk.place_in_queue(connection, ticket.id) if ticket.state is TicketState.OPEN else None,
            notes=await self.desk.notes(connection, ticket.id),
            attachments=await self.desk.attachments(connection, ticket.id),
            links=await self.desk.links(connection, ticket.id),
            tags=[tag for tag in tags if tag.state is not TagState.FADED],
            more_tags=[name for name in self.tags.rules().by_name if name not in worn],
        )

    async def offered_to(self, connection: AsyncConnection, agent: str) -> Sequence[tuple[Offer, Ticket]]:
        """What an agent is offered now, with the tickets."""
        offers = await self.desk.offers_to(connection, agent)
        tickets = await self.desk.tickets(connection, [each.ticket_id for each in offers])
        return [(each, tickets[each.ticket_id]) for each in offers if each.ticket_id in tickets]

    async def urgent(self, tickets: Sequence[Ticket]) -> Mapping[int, Due]:
        """What is promised first about each ticket, where something is. One statement."""
        async with read_only(self.engine).connect() as connection:
            return await self.urgent_in(connection, tickets)

    async def urgent_in(self, connection: AsyncConnection, tickets: Sequence[Ticket]) -> Mapping[int, Due]:
        """The same, read with other things."""
        c = self.clocks.tables.sla_clocks.c
        query = (
            select(c.ticket_id, c.metric, c.due_at)
            .where(c.ticket_id.in_([each.id for each in tickets]), c.ended_at.is_(None), c.due_at.is_not(None))
            .order_by(c.due_at.desc())  # of several the first due is the last one kept
        )
        rows = (await connection.execute(query)).all()
        return {row.ticket_id: Due(row.metric, row.due_at) for row in rows}

    async def note(self, ticket: Ticket, by: str, text: str, *, named: Collection[str] = ()) -> Refused | None:
        """Write a note for colleagues. named: who are told of it, by id."""

        async def act(connection: AsyncConnection) -> Note | Refused:
            note = await self.desk.note(connection, ticket.id, by=by, text=text.replace("\0", ""))
            if isinstance(note, Note):
                await self.desk.mention(connection, note, named)
            return note

        return await self._do(ticket, act)

    async def mentions_of(self, person: str) -> Sequence[Mention]:
        """The notes that name her and that she has not opened yet."""
        async with read_only(self.engine).connect() as connection:
            return await self.desk.mentions_of(connection, person)

    async def see_mention(self, mention_id: int, person: str) -> int | None:
        """She opens one: its ticket's id; None where there is none of hers."""
        async with self.engine.begin() as connection:
            return await self.desk.see_mention(connection, mention_id, person)

    async def pend(self, ticket: Ticket, by: str, until: datetime | None) -> Refused | None:
        """It waits for the customer, and its clocks with it."""
        reason = "waits for the customer"
        return await self._do(ticket, lambda c: self.desk.pend(c, ticket.id, by=by, until=until, reason=reason))

    async def resume(self, ticket: Ticket, by: str) -> Refused | None:
        """It goes on."""
        return await self._do(ticket, lambda c: self.desk.resume(c, ticket.id, by=by))

    async def prioritise(self, ticket: Ticket, by: str, priority: int) -> Refused | None:
        """Change its priority, 1 (highest) – 4."""
        return await self._do(ticket, lambda c: self.desk.prioritise(c, ticket.id, priority, by=by, reason="by hand"))

    async def link(self, ticket: Ticket, other_id: int, by: str) -> Refused | None:
        """Say that it belongs together with another."""
        return await self._do(ticket, lambda c: self.desk.link(c, ticket.id, other_id, kind=LinkKind.RELATED, by=by))

    async def merge(self, ticket: Ticket, into_id: int, by: str) -> Refused | None:
        """Let another ticket go on for it."""
        return await self._do(ticket, lambda c: self.desk.merge(c, ticket.id, into_id, by=by))

    async def reopen(self, ticket: Ticket, by: str) -> Refused | None:
        """A closed ticket waits again, in the conversation its customer has with the bot now."""

        async def act(connection: AsyncConnection) -> object:
            query = select(conversations.c.id, conversations.c.version).where(
                conversations.c.account == ticket.account,
                conversations.c.customer == ticket.customer,
                conversations.c.state == "open",
                conversations.c.owner == "bot",
            )
            row = (await connection.execute(query.limit(1))).one_or_none()
            if row is None:
                return Refused(Refusal.CLOSED)
            reopened = await self.desk.reopen(connection, ticket.id, row.id, row.version, by=by, reason="by hand")
            if isinstance(reopened, Ticket):
                await self.media.attach_before(connection, ticket.id, row.id)
            return reopened

        return await self._do(ticket, act)

    async def decide_tag(self, ticket: Ticket, by: str, name: str, decision: TagDecision) -> None:
        """Pin, veto or release a tag of the customer's. Raises UnknownTag."""
        person = (ticket.account, ticket.customer)
        async with self.engine.begin() as connection:
            match decision:
                case "pin":
                    await self.tags.pin(connection, person, name, by=by)
                case "veto":
                    await self.tags.veto(connection, person, name, by=by)
                case "release":
                    await self.tags.release(connection, person, name, by=by)
        for topic in (Wakeups.TAGS, Wakeups.CONSOLE, f"conversation:{ticket.conversation_id}"):
            self.wakeups.ring(topic)

    async def is_there(self, agent: str, until: datetime) -> None:
        """Her page is open: where her being ready depends on that, it holds longer."""
        async with self.engine.begin() as connection:
            await self.desk.renew_presence(connection, agent, until)

    async def _do(self, ticket: Ticket, act: Callable[[AsyncConnection], Awaitable[object]]) -> Refused | None:
        async with self.engine.begin() as connection:
            outcome = await act(connection)
        for topic in (Wakeups.QUEUE, Wakeups.CONSOLE, f"conversation:{ticket.conversation_id}"):
            self.wakeups.ring(topic)
        return outcome if isinstance(outcome, Refused) else None
