"""Who has a conversation? The one place that changes its owner, each time with the next version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.offers import OfferState
from handoff.outcomes import Owner, Refusal, Refused
from handoff.tables import Tables
from handoff.tickets import TicketState


@dataclass(frozen=True, slots=True)
class Standing:
    """A conversation's ownership as it was read, with what of its ticket and its open offer matters to it.

    ticket_team, ticket_state, skills: of its ticket. offer_id, offered_to: of the open offer.
    """

    id: int
    account: str
    channel: str
    customer: str
    open: bool
    owner: Owner
    team: str | None
    agent: str | None
    ticket_id: int | None
    version: int
    ticket_team: str | None = None
    ticket_state: TicketState | None = None
    skills: tuple[str, ...] = ()
    offer_id: int | None = None
    offered_to: str | None = None

    def refused(self, reason: Refusal) -> Refused:
        """A refusal that tells how it stands."""
        return Refused(reason, self.owner, self.agent, self.version)

    @property
    def queue(self) -> str:
        """The team it is served in: its ticket's where somebody without a team serves it, "" if it has no ticket."""
        return self.team or self.ticket_team or ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation is to go."""

    owner: Owner
    team: str | None = None
    agent: str | None = None


class Ownership:
    """Reads and moves rows of the application's `conversations` table.

    Statements are built once: building one costs more than running it.
    """

    def __init__(self, conversations: Table, tables: Tables) -> None:
        c, tickets, offers = conversations.c, tables.tickets, tables.offers
        mine = c.id == bindparam("p_id")
        unchanged = stands(conversations)
        joined = conversations.outerjoin(tickets, tickets.c.id == c.ticket_id).outerjoin(
            offers, and_(offers.c.conversation_id == c.id, offers.c.state == OfferState.OPEN.value)
        )
        self._read = select(
            c.id, c.account, c.channel, c.customer, c.state, c.owner, c.team, c.agent, c.ticket_id, c.version,
            tickets.c.team.label("ticket_team"), tickets.c.state.label("ticket_state"), tickets.c.skills,
            offers.c.id.label("offer_id"), offers.c.agent.label("offered_to"),
        ).select_from(joined).where(mine)  # fmt: skip
        self._lock = select(c.id).where(*unchanged).with_for_update()
        # One at most is open. Read by the move itself, which begins after the lock was got: none can be made meanwhile.
        offer = select(offers.c.id).where(offers.c.conversation_id == c.id, offers.c.state == OfferState.OPEN.value)
        self._move = update(conversations).where(
            *unchanged,
            c.owner == bindparam("p_owner"),
            c.agent.is_not_distinct_from(bindparam("p_agent")),
            c.team.is_not_distinct_from(bindparam("p_team")),
            offer.scalar_subquery().is_not_distinct_from(bindparam("p_offer")),
        )
        self._set_ticket = update(conversations).where(mine)

    async def read(self, connection: AsyncConnection, conversation_id: int) -> Standing | None:
        """How the conversation stands; None if there is none of this id."""
        row = (await connection.execute(self._read, {"p_id": conversation_id})).one_or_none()
        if row is None:
            return None
        return Standing(
            id=row.id,
            account=row.account,
            channel=row.channel,
            customer=row.customer,
            open=row.state == "open",
            owner=Owner(row.owner),
            team=row.team,
            agent=row.agent,
            ticket_id=row.ticket_id,
            version=row.version,
            ticket_team=row.ticket_team,
            ticket_state=None if row.ticket_state is None else TicketState(row.ticket_state),
            skills=tuple(row.skills or ()),
            offer_id=row.offer_id,
            offered_to=row.offered_to,
        )

    async def lock(self, connection: AsyncConnection, seen: Standing) -> bool:
        """Hold its row to the end of the transaction, if it still stands as `seen`: nobody can offer it meanwhile."""
        held = await connection.execute(self._lock, {"p_id": seen.id, "p_version": seen.version})
        return held.first() is not None

    async def move(
        self, connection: AsyncConnection, seen: Standing, to: Place, at: datetime, values: Mapping[str, object]
    ) -> int | None:
        """Move it if it still stands as `seen`; return the new version, or None if somebody was faster.

        One UPDATE whose conditions hold the old owner, agent, team and version: a newer version is
        never overwritten, whatever ran in between. And what is offered of it: what waits may be offered without a
        new version, so whoever moves what waits has locked it before.
        """
        still = {
            "p_id": seen.id,
            "p_version": seen.version,
            "p_owner": seen.owner.value,
            "p_agent": seen.agent,
            "p_team": seen.team,
            "p_offer": seen.offer_id,
        }
        new = {
            "owner": to.owner.value,
            "team": to.team,
            "agent": to.agent,
            "version": seen.version + 1,
            "updated_at": at,
        }
        statement = self._move.values(**values) if values else self._move  # of these some are expressions
        moved = await connection.execute(statement, still | new)
        return seen.version + 1 if moved.rowcount == 1 else None

    async def set_ticket(self, connection: AsyncConnection, conversation_id: int, ticket_id: int) -> None:
        """Note the ticket just written for a conversation that this transaction moved."""
        await connection.execute(self._set_ticket, {"p_id": conversation_id, "ticket_id": ticket_id})


def stands(conversations: Table) -> tuple[ColumnElement[bool], ...]:
    """The conditions that a conversation, `p_id`, is open and has had nobody else since version `p_version`."""
    c = conversations.c
    return c.id == bindparam("p_id"), c.state == "open", c.version == bindparam("p_version")
