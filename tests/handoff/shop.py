"""A shop with open conversations, for the desk's tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.tables import METADATA, Id, Instant, addresses, conversations
from handoff import AgentStatus, Claimed, Desk, Facts, NewTicket, Policy, Router, Summary, Ticket, Utterance, define
from tests.handoff.policies import sample_policy

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TABLES = define(METADATA, Instant(), Id)
SUMMARY = Summary(
    asked="为什么还没退款",
    tried=("退款多久到账",),
    collected={"order_no": "D123"},
    utterances=(Utterance("customer", "为什么还没退款", START),),
)


@dataclass
class Clock:
    """Time that only moves when told to."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Shop:
    """A desk over the sample policy, and conversations 1…n that the bot owns."""

    engine: AsyncEngine
    clock: Clock = field(default_factory=Clock)
    policy: Policy = field(default_factory=sample_policy)

    def __post_init__(self) -> None:
        self.router = Router(self.policy)
        self.desk = Desk(TABLES, conversations, self.clock, lambda: self.policy)

    async def open_doors(self, customers: int, *, ready: bool = True) -> None:
        async with self.engine.begin() as connection:
            await self.desk.apply_policy(connection, self.policy)
            for number in range(1, customers + 1):
                await self.add_conversation(connection, number)
            if ready:
                for agent in self.policy.agents:
                    await self.desk.set_status(connection, agent.id, AgentStatus.READY, by=agent.id)

    async def add_conversation(self, connection: AsyncConnection, number: int) -> None:
        who = {"account": "corp", "inbox": "wk1", "customer": f"wm{number}"}
        await connection.execute(insert(addresses).values(id=number, ready_at=START, **who))
        await connection.execute(
            insert(conversations).values(
                id=number, address_id=number, channel="wecom_kf", opened_at=START, updated_at=START, **who
            )
        )

    def new_ticket(self, number: int, version: int = 1, text: str = "转人工") -> NewTicket:
        return NewTicket(
            conversation_id=number,
            expected_version=version,
            account="corp",
            channel="wecom_kf",
            customer=f"wm{number}",
            verdict=self.router.route(Facts(text=text)),
            summary=SUMMARY,
        )

    async def open(self, number: int, version: int = 1, text: str = "转人工") -> Ticket:
        async with self.engine.begin() as connection:
            ticket = await self.desk.open_ticket(connection, self.new_ticket(number, version, text))
        assert isinstance(ticket, Ticket)
        return ticket

    async def assign(self, number: int, agent: str) -> Claimed:
        """Open a ticket and let this agent claim it."""
        await self.open(number)
        async with self.engine.begin() as connection:
            claimed = await self.desk.claim(
                connection, number, 2, expected_team="aftersale", agent_id=agent, cause="card_click"
            )
        assert isinstance(claimed, Claimed)
        return claimed

    async def conversation(self, number: int) -> dict[str, object]:
        async with self.engine.connect() as connection:
            row = (await connection.execute(select(conversations).where(conversations.c.id == number))).mappings().one()
        return dict(row)

    async def active(self, agent: str) -> int:
        async with self.engine.connect() as connection:
            return next(one.active for one in await self.desk.agents(connection) if one.id == agent)


MOVED = (
    conversations, TABLES.agents, TABLES.agent_teams, TABLES.agent_channels, TABLES.tickets, TABLES.ticket_events,
    TABLES.offers, TABLES.assignment_log,
)  # fmt: skip
BESIDES = (
    TABLES.teams, TABLES.agent_states, TABLES.ticket_notes, TABLES.ticket_mentions, TABLES.ticket_attachments,
    TABLES.ticket_links,
)  # fmt: skip


async def snapshot(
    engine: AsyncEngine, tables: Sequence[Table] = (*MOVED, *BESIDES)
) -> dict[str, list[dict[str, Any]]]:
    """Everything the desk can change, row by row."""
    async with engine.connect() as connection:
        return {
            table.name: [
                dict(row)
                for row in (await connection.execute(select(table).order_by(*table.primary_key.columns))).mappings()
            ]
            for table in tables
        }
