"""Who else looks at a conversation now, or types? Known for as long as her page says so; never written down.

Kept in Redis, each with its own end; without Redis, or while it is away, only this process's own pages are known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog
from redis.exceptions import RedisError

from bot.wakeups import Wakeups

if TYPE_CHECKING:
    from redis.asyncio import Redis

VIEWING: Final = timedelta(seconds=40)  # a page says it again every 15 s
TYPING: Final = timedelta(seconds=6)  # and while she types every 3 s
PRESENCE: Final = "presence:"  # a topic, followed by the conversation and whose presence changed there
_KEY: Final = "xiaoer:presence:"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Presence:
    """A colleague at the same conversation."""

    agent: str
    typing: bool


@dataclass(slots=True)
class Presences:
    """Leases on being there, by conversation."""

    redis: Redis | None
    wakeups: Wakeups
    now: Callable[[], datetime]
    _here: dict[int, dict[str, str]] = field(default_factory=dict)

    async def views(self, conversation_id: int, agent: str) -> None:
        """Her page is open; those who see it too are told if that is news."""
        kept = (await self._read(conversation_id)).get(agent, "")
        typing = _until(kept)[1]
        await self._keep(conversation_id, agent, self.now() + VIEWING, typing, news=not self._holds(kept))

    async def types(self, conversation_id: int, agent: str) -> None:
        """She is writing."""
        kept = (await self._read(conversation_id)).get(agent, "")
        news = _until(kept)[1] <= self.now().timestamp()
        until = self.now() + TYPING
        await self._keep(conversation_id, agent, self.now() + VIEWING, until.timestamp(), news=news)

    async def leaves(self, conversation_id: int, agent: str) -> None:
        """Her page was closed. Another page of hers says within seconds that she is still there."""
        self._here.get(conversation_id, {}).pop(agent, None)
        if self.redis is not None:
            try:
                await self.redis.hdel(f"{_KEY}{conversation_id}", agent)
            except RedisError as error:
                _log.warning("presence.not_removed", error=type(error).__name__)
        self._tell(conversation_id, agent)

    async def others(self, conversation_id: int, agent: str) -> tuple[Presence, ...]:
        """Everybody else who is there now, by id."""
        now = self.now().timestamp()
        kept = await self._read(conversation_id)
        return tuple(
            Presence(each, typing=_until(said)[1] > now)
            for each, said in sorted(kept.items())
            if each != agent and self._holds(said)
        )

    def _holds(self, kept: str) -> bool:
        return _until(kept)[0] > self.now().timestamp()

    async def _read(self, conversation_id: int) -> Mapping[str, str]:
        if self.redis is not None:
            try:
                found = await self.redis.hgetall(f"{_KEY}{conversation_id}")
                return {_text(agent): _text(said) for agent, said in found.items()}
            except RedisError as error:
                _log.warning("presence.not_read", error=type(error).__name__)
        return self._here.get(conversation_id, {})

    async def _keep(self, conversation_id: int, agent: str, until: datetime, typing: float, *, news: bool) -> None:
        said = f"{until.timestamp():.3f} {typing:.3f}"
        here = self._here.setdefault(conversation_id, {})
        here[agent] = said
        self._here = {talk: left for talk, each in self._here.items() if (left := self._left(each))}
        if self.redis is not None:
            key = f"{_KEY}{conversation_id}"
            try:
                await self.redis.hset(key, agent, said)
                await self.redis.expire(key, VIEWING)
            except RedisError as error:
                _log.warning("presence.not_kept", error=type(error).__name__)
        if news:
            self._tell(conversation_id, agent)

    def _tell(self, conversation_id: int, agent: str) -> None:
        self.wakeups.ring(f"{PRESENCE}{conversation_id}:{agent}")

    def _left(self, there: Mapping[str, str]) -> dict[str, str]:
        return {agent: said for agent, said in there.items() if self._holds(said)}


def _until(kept: str) -> tuple[float, float]:
    """Until when she is there, and until when she types, in seconds since 1970; 0 where that is not known."""
    there, _, typing = kept.partition(" ")
    return float(there or 0), float(typing or 0)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
