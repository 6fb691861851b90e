"""A shop whose every public write hypothesis may play, with what must hold read from the rows themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar, cast

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, run_state_machine_as_test
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.engine import create_store_engine
from handoff import Policy, Refused
from tests.databases import empty
from tests.handoff.shop import MOVED, Shop, snapshot

T = TypeVar("T")
CUSTOMERS = 4
SETTINGS = settings(max_examples=6, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class ShopMachine(RuleBasedStateMachine):
    """Plays one transaction after the other and keeps what all rows are after it."""

    policy: Policy

    def __init__(self, runner: asyncio.Runner, shop: Shop) -> None:
        super().__init__()
        self.runner = runner
        self.shop = shop
        self.desk = shop.desk
        self.now: dict[str, list[dict[str, Any]]] = {}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def act(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Play one transaction; whatever it refuses must have changed nothing."""

        async def play() -> T:
            async with self.shop.engine.begin() as connection:
                return await work(connection)

        result = self.run(play())
        after = self.run(snapshot(self.shop.engine, MOVED))
        if isinstance(result, Refused):
            assert after == self.now
        self.now = after
        return result

    def row(self, number: int) -> dict[str, Any]:
        return next(row for row in self.now["conversations"] if row["id"] == number)

    def version(self, number: int, stale: int = 0) -> int:
        return int(self.row(number)["version"]) - stale

    def agent(self, agent: str) -> dict[str, Any]:
        return next(row for row in self.now["agents"] if row["id"] == agent)

    def ticket(self, number: int) -> dict[str, Any] | None:
        """The ticket of a conversation that is not closed."""
        return next((t for t in self.now["tickets"] if t["id"] == self.row(number)["ticket_id"]), None)

    def open_offer(self, number: int) -> dict[str, Any] | None:
        return next((o for o in self.now["offers"] if o["conversation_id"] == number and o["state"] == "open"), None)

    def team(self, number: int) -> str | None:
        """The conversation's team; its ticket's while somebody without a team serves it."""
        ticket, team = self.ticket(number), self.row(number)["team"]
        return str(team or (ticket or {}).get("team")) if team or ticket else None

    def has_on(self, agent: str, channel: str) -> int:
        """Conversations and open offers of hers on a channel, counted from the rows."""
        owned = [r for r in self.now["conversations"] if r["agent"] == agent and r["state"] == "open"]
        offers = [o for o in self.now["offers"] if o["agent"] == agent and o["state"] == "open"]
        return sum(row["channel"] == channel for row in [*owned, *offers])

    def is_ready(self, agent: str) -> bool:
        row, at = self.agent(agent), self.shop.clock()
        over = row["status"] == "wrapup" and row["status_until"] is not None and row["status_until"] <= at
        return (row["status"] == "ready" or over) and (row["lease_until"] is None or row["lease_until"] > at)

    def limit(self, agent: str, channel: str) -> int | None:
        rows = self.now["agent_channels"]
        return next((r["capacity"] for r in rows if (r["agent_id"], r["channel"]) == (agent, channel)), None)

    def can_take(self, agent: str, number: int, team: str | None) -> bool:
        """May she have this conversation? Worked out here from the rows, not by the code under test."""
        row, offer, ticket = self.agent(agent), self.open_offer(number), self.ticket(number)
        if any(team == each.id and agent in each.supervisors for each in self.shop.policy.teams):
            fits = True
        else:
            member = {"agent_id": agent, "team_id": team} in self.now["agent_teams"]
            fits = member and set((ticket or {}).get("skills") or ()) <= set(row["skills"] or ())
        if offer is not None and offer["agent"] == agent:
            here = row["lease_until"] is None or row["lease_until"] > self.shop.clock()
            return bool(fits and row["active"] < row["capacity"] and row["status"] in {"ready", "wrapup"} and here)
        channel = self.row(number)["channel"]
        limit = self.limit(agent, channel)
        room = row["active"] + row["offered"] < row["capacity"]
        return bool(fits and self.is_ready(agent) and room and (limit is None or self.has_on(agent, channel) < limit))

    @initialize()
    def open_doors(self) -> None:
        self.run(empty(self.shop.engine))
        self.run(self.shop.open_doors(CUSTOMERS))
        self.now = self.run(snapshot(self.shop.engine, MOVED))
        self.fill()

    def fill(self) -> None:
        """What has happened already when the play begins."""


def play(machine: type[ShopMachine], database_url: str) -> None:
    """Run a machine's examples on one database."""
    engine = create_store_engine(database_url, 2)
    with asyncio.Runner() as runner:

        def start() -> ShopMachine:
            return machine(runner, Shop(engine, policy=machine.policy))

        try:
            run_state_machine_as_test(cast("type[ShopMachine]", start), settings=SETTINGS)  # it only calls it
        finally:
            runner.run(engine.dispose())
