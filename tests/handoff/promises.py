"""One ticket with promises, for the tests of SLA clocks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from handoff import (
    ALWAYS,
    Calendar,
    Clock,
    Danger,
    Escalation,
    Metric,
    Policy,
    SlaClocks,
    SlaDanger,
    SlaPolicy,
    SlaStep,
    Team,
    Ticket,
)
from handoff.places import Place
from tests.handoff.hours import SHANGHAI, local
from tests.handoff.policies import sample_policy
from tests.handoff.shop import TABLES, Shop
from tests.handoff.shop import Clock as Time

STEPS = (
    SlaStep(Danger.WARNING, Escalation.REMIND),
    SlaStep(Danger.BREACH, Escalation.TELL_SUPERVISOR),
    SlaStep(Danger.BREACH, Escalation.RAISE_PRIORITY, after_s=600),
)
ALL = SlaPolicy("all", first_response_s=3600, next_response_s=1800, resolution_s=8 * 3600, steps=STEPS)
SLOW = SlaPolicy("slow", first_response_s=7200, resolution_s=24 * 3600, pause_when_pending=False)
LHASA = Calendar("lhasa", SHANGHAI, (((local("2026-01-01T10:00").time(), local("2026-01-01T18:00").time()),),) * 7)


def promising(calendar: Calendar = ALWAYS) -> Policy:
    return replace(
        sample_policy(),
        teams=(Team("presale", "售前组", sla="slow"), Team("aftersale", "售后组", sla="all")),
        slas={"all": ALL, "slow": SLOW},
        calendars={"": replace(calendar, name=""), "lhasa": LHASA},
        region_calendars={Place.parse("西藏自治区"): "lhasa"},
    )


class Promises:
    """One ticket of the sample shop, and the clocks of its promises."""

    def __init__(self, engine: AsyncEngine, policy: Policy | None = None, at: datetime | None = None) -> None:
        self.engine = engine
        self.time = Time(at or local("2026-03-02T09:00"))
        self.policy = policy or promising()
        self.shop = Shop(engine, self.time)
        self.clocks = self.new_process()

    def new_process(self) -> SlaClocks:
        return SlaClocks(TABLES, self.time, lambda: self.policy)

    async def open(self, number: int = 1) -> Ticket:
        if number == 1:
            await self.shop.open_doors(3)
        ticket = await self.shop.open(number)
        await self.do(lambda c: self.clocks.start(c, ticket))
        return ticket

    async def do(self, work: Callable[[AsyncConnection], Awaitable[object]]) -> None:
        async with self.engine.begin() as connection:
            await work(connection)

    async def change(self, **columns: object) -> None:
        await self.do(lambda c: c.execute(update(TABLES.tickets).values(**columns)))

    async def all(self, ticket_id: int = 1) -> dict[tuple[Metric, int], Clock]:
        async with self.engine.connect() as connection:
            return {(one.metric, one.cycle): one for one in await self.clocks.of(connection, ticket_id)}

    async def look(self) -> tuple[SlaDanger, ...]:
        async with self.engine.begin() as connection:
            return await self.clocks.in_danger(connection)

    async def mark(self, danger: SlaDanger, clocks: SlaClocks | None = None) -> bool:
        async with self.engine.begin() as connection:
            return await (clocks or self.clocks).mark(connection, danger)

    async def tell(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Look, and mark everything that is found."""
        found = await self.look()
        assert all([await self.mark(danger) for danger in found])
        return [(one.metric.value, one.danger.value if one.is_news else "", tuple(one.steps)) for one in found]

    async def next_due(self) -> datetime | None:
        async with self.engine.connect() as connection:
            return await self.clocks.next_due(connection)
