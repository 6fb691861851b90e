"""Does a customer who waits for a person go on waiting in order when a page, Redis or the database goes away?"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.bootstrap import HANDOFF_TABLES
from bot.console.stream import PRESENCE
from bot.store.engine import read_only
from bot.store.tables import cards
from handoff import AgentStatus, TicketEvent
from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.stage import Options, Prepared, Stage, starting, valkey

ON_POSTGRES = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
GRACE = timedelta(seconds=60)
MOMENT = timedelta(seconds=1)
agents, offers, tickets = HANDOFF_TABLES.agents, HANDOFF_TABLES.offers, HANDOFF_TABLES.tickets


async def loads(stage: Stage) -> dict[str, tuple[int, int]]:
    """What each agent has and is offered; nobody who has nothing."""
    rows = await stage.rows(select(agents).where(agents.c.active + agents.c.offered > 0))
    return {row.id: (row.active, row.offered) for row in rows}


async def offered(stage: Stage) -> list[tuple[str, str]]:
    """Every offer with its state, oldest first."""
    rows = await stage.rows(select(offers.c.agent, offers.c.state).order_by(offers.c.id))
    return [(row.agent, row.state) for row in rows]


# ── an agent's page ──────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def lina_serves(opened: OpenStage) -> Stage:
    """李娜 serves from the console; her page says that she is there."""
    stage = await opened(Options(handoff="console"))
    await stage.writes("xiaolin", "转人工")
    await sits_down(stage)
    await stage.clicks("lina")
    assert (await stage.conversation()).agent == "lina"
    return stage


async def sits_down(stage: Stage) -> None:
    until = stage.clock.now() + PRESENCE
    await stage.product.workbench.set_status("lina", AgentStatus.READY, lease_until=until)
    await stage.settle()


async def is_open(stage: Stage) -> bool:
    """Her page is still open, as its stream says now and then."""
    async with stage.product.engine.begin() as connection:
        return await stage.product.desk.renew_presence(connection, "lina", stage.clock.now() + PRESENCE)


async def passes(stage: Stage, time: timedelta) -> Any:
    """Let time pass; the conversation then."""
    await stage.later(seconds=time.total_seconds())
    return await stage.conversation()


async def events(stage: Stage) -> Sequence[TicketEvent]:
    async with read_only(stage.product.engine).connect() as connection:
        return await stage.product.desk.events(connection, (await stage.conversation()).ticket_id)


@ON_SQLITE
async def test_whose_page_died_is_relieved_after_the_grace_and_the_history_says_so(lina_serves: Stage) -> None:
    stage = lina_serves
    for _ in range(3):
        assert (await passes(stage, PRESENCE - MOMENT)).agent == "lina"
        assert await is_open(stage)
    await passes(stage, PRESENCE)  # it was not heard of again
    assert not await is_open(stage)  # a page alone does not bring her back: she may have walked away
    assert (await passes(stage, GRACE - MOMENT)).agent == "lina"
    assert (await passes(stage, MOMENT)).owner == "queue"
    assert await offered(stage) == [("lina", "accepted"), ("wanglei", "open")]
    assert await loads(stage) == {"wanglei": (0, 1)}
    assert len(stage.cards("wanglei")) == 1
    (line,) = [event for event in await events(stage) if event.kind == "queued"]
    assert (line.by, line.cause) == ("system", "agent_absent")
    await stage.clicks("wanglei")
    assert await loads(stage) == {"wanglei": (1, 0)}
    assert len(stage.texts("xiaolin")) == len(set(stage.texts("xiaolin")))


@ON_SQLITE
async def test_who_opens_the_page_again_in_time_keeps_her_customers(lina_serves: Stage) -> None:
    await passes(lina_serves, PRESENCE + GRACE - MOMENT)
    await sits_down(lina_serves)
    assert (await passes(lina_serves, PRESENCE - MOMENT)).agent == "lina"
    assert await loads(lina_serves) == {"lina": (1, 0)}


# ── Redis ────────────────────────────────────────────────────────────────────────────────────


async def test_redis_may_forget_and_stay_away_while_offers_are_made_expire_and_are_accepted(
    opened: OpenStage, prepared: Prepared
) -> None:
    with valkey() as (server, url):
        stage = await opened(Options(redis=url))
        await stage.writes("xiaolin", "转人工")
        assert stage.product.redis is not None
        await stage.product.redis.flushall()
        await stage.later(seconds=60)
        assert await offered(stage) == [("lina", "expired"), ("wanglei", "open")]
        with starting(prepared.guard):
            server.stop()
        await stage.later(seconds=60)
        assert await offered(stage) == [("lina", "expired"), ("wanglei", "expired")]
        assert sorted(stage.cards("lina")[-1].members) == ["lina", "wanglei"]
        await stage.clicks("lina")
    assert (await stage.conversation()).agent == "lina"
    assert (stage.session().state, stage.session().servicer) == (3, "lina")
    assert await loads(stage) == {"lina": (1, 0)}


# ── the database ─────────────────────────────────────────────────────────────────────────────


class Cut:
    """Ends every connection of the product to its database the next time it comes to a point."""

    def __init__(self, prepared: Prepared, url: str) -> None:
        self.prepared = prepared
        self.url = url
        self.point = ""

    def __call__(self, point: str) -> None:
        if point == self.point:
            self.point = ""
            with starting(self.prepared.guard):
                cutting = threading.Thread(target=lambda: asyncio.run(self._end_all()))
                cutting.start()
                cutting.join()

    async def _end_all(self) -> None:
        engine = create_async_engine(self.url, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        await engine.dispose()


@pytest.fixture
def cut(prepared: Prepared, database_url: str) -> Cut:
    return Cut(prepared, database_url)


@ON_POSTGRES
async def test_an_offer_whose_commit_was_cut_off_is_not_half_made_and_is_made_next_time(
    opened: OpenStage, cut: Cut
) -> None:
    stage = await opened(Options(reached=cut))
    cut.point = "before_offer_commit"
    with pytest.raises(DBAPIError):
        await stage.writes("xiaolin", "转人工")
    assert await offered(stage) == []
    assert await loads(stage) == {}
    assert await stage.rows(select(cards.c.task_id)) == []
    await stage.settle()
    assert await offered(stage) == [("lina", "open")]
    assert await loads(stage) == {"lina": (0, 1)}
    assert len(stage.cards("lina")) == 1


@ON_POSTGRES
async def test_an_offer_whose_end_was_cut_off_ends_next_time(opened: OpenStage, cut: Cut) -> None:
    stage = await opened(Options(reached=cut))
    await stage.writes("xiaolin", "转人工")
    cut.point = "before_expiry_commit"
    with pytest.raises(DBAPIError):
        await stage.later(seconds=60)
    assert await offered(stage) == [("lina", "open")]
    assert await loads(stage) == {"lina": (0, 1)}
    await stage.settle()
    assert await offered(stage) == [("lina", "expired"), ("wanglei", "open")]
    assert await loads(stage) == {"wanglei": (0, 1)}
    assert stage.cards("lina")[0].replaced["lina"] == "已超时"


@ON_POSTGRES
async def test_a_claim_whose_commit_was_cut_off_is_made_once_by_the_next_try(opened: OpenStage, cut: Cut) -> None:
    stage = await opened(Options(reached=cut))
    await stage.writes("xiaolin", "转人工")
    cut.point = "turn_written"
    await stage.clicks("lina")
    await stage.later(seconds=30)  # a lease's time at most
    assert (await stage.conversation()).agent == "lina"
    assert await offered(stage) == [("lina", "accepted")]
    assert await loads(stage) == {"lina": (1, 0)}
    log = HANDOFF_TABLES.assignment_log
    taken = select(func.count()).select_from(log).where(log.c.to_owner == "agent")
    assert (await stage.rows(taken))[0][0] == 1
    assert cut.point == ""
    assert len(stage.texts("xiaolin")) == len(set(stage.texts("xiaolin")))
