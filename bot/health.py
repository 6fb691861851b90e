"""How are we? Every queue counted, every dead letter visible, what is missing named."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from prometheus_client import Gauge
from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from archive.tagging import TagWatch
from bot.archive_standing import Stores
from bot.content.minds import Minds
from bot.store.engine import read_only
from bot.store.tables import conversations, inbox, kf_cursors, outbox
from bot.tagging.health import tags_health
from handoff import Backlog, Tables, read_backlog

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

DEAD_LETTERS_SHOWN = 5
WAITING = Gauge("xiaoer_queue_waiting", "Tickets in the queue of a team", ["team"])
PROMISES = Gauge("xiaoer_sla_open", "Open promises, by how they stand", ["standing"])


@dataclass(frozen=True, slots=True)
class Health:
    """Answers /healthz and /readyz."""

    engine: AsyncEngine
    redis: Redis | None
    minds: Minds
    handoff: Tables
    archives: Stores
    privacy: Callable[[AsyncConnection], Awaitable[Mapping[str, object]]]
    watch: TagWatch
    now: Callable[[], datetime]

    async def describe(self) -> Mapping[str, object]:
        """The state of everything; never raises. status is "ok" or "degraded"."""
        problems = await self.problems()
        details: dict[str, object] = {"status": "degraded" if problems else "ok", "problems": dict(problems)}
        try:
            async with read_only(self.engine).connect() as connection:
                details |= await self._queues(connection)
        except (SQLAlchemyError, OSError) as error:
            details["database"] = type(error).__name__
        return details

    async def problems(self) -> Mapping[str, str]:
        """What keeps us from serving, with what to do; empty if nothing."""
        found: dict[str, str] = {}
        try:
            async with read_only(self.engine).connect() as connection:
                await connection.execute(select(conversations.c.id).limit(1))
        except (SQLAlchemyError, OSError) as error:
            found["database"] = f"{type(error).__name__}: check database.url, then run: xiaoer migrate"
        if not self.minds.is_ready:
            found["content"] = "no content loaded: run xiaoer content apply DIR"
        return found

    async def _queues(self, connection: AsyncConnection) -> dict[str, object]:
        now = self.now()
        oldest = await _one(connection, select(func.min(inbox.c.received_at)).where(inbox.c.state == "pending"))
        waiting = await _one(connection, select(func.min(outbox.c.next_at)).where(outbox.c.state == "pending"))
        dead = await connection.execute(
            select(outbox.c.id, outbox.c.kind, outbox.c.account, outbox.c.state, outbox.c.error, outbox.c.advice)
            .where(outbox.c.state.in_(["dead", "uncertain"]))
            .order_by(outbox.c.id.desc())
            .limit(DEAD_LETTERS_SHOWN)
        )
        backlog = await read_backlog(connection, self.handoff)
        _show(backlog)
        return {
            "queues": dict(backlog.waiting),
            "sla": _standings(backlog),
            "inbox": {
                **await _counts(connection, select(inbox.c.state, func.count()).group_by(inbox.c.state)),
                "oldest_pending_s": _age(oldest, now),
            },
            "outbox": {
                **await _counts(connection, select(outbox.c.state, func.count()).group_by(outbox.c.state)),
                "oldest_pending_s": _age(waiting, now),
                "last_dead_letters": [dict(row._mapping) for row in dead],  # noqa: SLF001 - SQLAlchemy's public name
            },
            "conversations": await _counts(
                connection,
                select(conversations.c.owner, func.count())
                .where(conversations.c.state == "open")
                .group_by(conversations.c.owner),
            ),
            "kf_behind": await _one(
                connection,
                select(func.count()).select_from(kf_cursors).where(kf_cursors.c.rings > kf_cursors.c.rings_answered),
            ),
            "tags": (await tags_health(connection, self.watch, now)).as_json(),
            "archives": await self.archives.show(connection),
            "privacy": await self.privacy(connection),
            "redis": await self._redis_state(),
        }

    async def _redis_state(self) -> str:
        if self.redis is None:
            return "absent"
        try:
            await self.redis.get("xiaoer:health")
        except RedisError as error:
            return f"down ({type(error).__name__}): slower, nothing is lost"
        return "ok"


def _standings(backlog: Backlog) -> dict[str, int]:
    return {
        "running": backlog.running,
        "paused": backlog.paused,
        "warned": backlog.warned,
        "breached": backlog.breached,
    }


def _show(backlog: Backlog) -> None:
    """To Prometheus; a team that the pack no longer has is not shown for ever."""
    WAITING.clear()
    for team, count in backlog.waiting.items():
        WAITING.labels(team=team).set(count)
    for standing, count in _standings(backlog).items():
        PROMISES.labels(standing=standing).set(count)


async def _one(connection: AsyncConnection, query: Select[Any]) -> Any:
    return (await connection.execute(query)).scalar_one()


async def _counts(connection: AsyncConnection, query: Select[Any]) -> dict[str, int]:
    return {str(row[0]): int(row[1]) for row in await connection.execute(query)}


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(round((now - since).total_seconds(), 3), 0.0)
