"""Does a conversation have one owner whatever supervisors and agents do in whatever order?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.access import Actor
from bot.bootstrap import HANDOFF_TABLES
from bot.store.engine import create_store_engine
from bot.store.tables import conversations, outbox
from bot.watching import Supervisor
from handoff import Refused, Ticket
from tests.console.desk import Shopfront
from tests.databases import empty

PEOPLE = ("chenjing", "wangfang", "limei")  # of whom the first leads
ASIDE = ("watch", "leave", "whisper", "join")  # what moves nothing
STEPS = st.lists(
    st.tuples(st.sampled_from((*ASIDE, "take_over", "give_back", "accept", "close")), st.sampled_from(PEOPLE)),
    min_size=3,
    max_size=14,
)
KEPT: tuple[Table, ...] = (conversations, HANDOFF_TABLES.agents, HANDOFF_TABLES.assignment_log, outbox)


async def rows(engine: AsyncEngine) -> dict[str, list[Mapping[str, Any]]]:
    async with engine.connect() as connection:
        return {
            table.name: [dict(row) for row in (await connection.execute(select(table))).mappings()] for table in KEPT
        }


def act(front: Shopfront, ticket: Ticket, step: str, who: str, client_id: str) -> Awaitable[Refused | None]:
    watching, bench = front.console.wall_side.watching, front.console.workbench
    number, by = ticket.conversation_id, Supervisor(who, who, Actor(who))
    acts: dict[str, Callable[[], Awaitable[Refused | None]]] = {
        "watch": lambda: watching.watch(ticket, by),
        "leave": lambda: watching.leave(ticket, by),
        "whisper": lambda: watching.whisper(ticket, by, "先道歉"),
        "join": lambda: watching.join(ticket, by, "您好", client_id=client_id),
        "take_over": lambda: watching.take_over(ticket, by),
        "give_back": lambda: watching.give_back(ticket, by),
        "accept": lambda: bench.accept(number, who),
        "close": lambda: bench.close(number, who, outcome="resolved"),
    }
    return acts[step]()


def holds(now: dict[str, list[Mapping[str, Any]]], number: int) -> None:
    row = next(each for each in now["conversations"] if each["id"] == number)
    log = [each for each in now["assignment_log"] if each["conversation_id"] == number]
    assert sorted(each["version"] for each in log) == list(range(2, row["version"] + 1))  # one writer a version
    last = max(log, key=lambda each: each["version"])
    assert (row["owner"], row["agent"]) == (last["to_owner"], last["agent"])
    assert (row["owner"] == "agent") == (row["agent"] is not None)
    for agent in now["agents"]:
        had = [each for each in now["conversations"] if each["state"] == "open" and each["agent"] == agent["id"]]
        assert agent["active"] == len(had) <= agent["capacity"]


async def play(front: Shopfront, number: int, steps: list[tuple[str, str]]) -> None:
    ticket = await front.hand_over(number)
    before = await rows(front.engine)
    for at, (step, who) in enumerate(steps):
        refused = await act(front, ticket, step, who, f"play-{number}-{at}")
        now = await rows(front.engine)
        holds(now, number)
        if refused is not None:
            assert now == before, (step, who)
        elif step in ASIDE:
            kept = ("conversations", "agents", "assignment_log") if step == "join" else tuple(now)
            assert all(now[name] == before[name] for name in kept), (step, who)
        before = now
    version = (await front.conversation(number))["version"]
    async with front.engine.begin() as connection:
        await front.desk.close(connection, number, version, by="system", outcome="idle")


def test_a_conversation_has_one_owner_whatever_is_done_beside_her(database_url: str) -> None:
    with asyncio.Runner() as runner:
        front = Shopfront(create_store_engine(database_url, 2))
        runner.run(empty(front.engine))
        runner.run(front.open_doors())
        front.appoint("chenjing", "aftersale")
        played = iter(range(1, 1_000))

        @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
        @given(STEPS)
        def property_holds(steps: list[tuple[str, str]]) -> None:
            runner.run(play(front, next(played), steps))

        try:
            property_holds()
        finally:
            runner.run(front.engine.dispose())
