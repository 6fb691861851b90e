"""Who is signed in? A browser has a token, the table its hash, so that whoever signs out is out."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select, update

from bot.access.audit import Action, Actor, Audit
from bot.access.tables import sessions
from bot.store.engine import read_only, unsynced

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_SEEN_EVERY: Final = timedelta(minutes=5)  # a page a second must not be a write a second


class Way(StrEnum):
    """How somebody proved who she is."""

    LINK = "link"
    WECOM = "wecom"
    PASSWORD = "password"  # noqa: S105 - a way in, no secret


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who proved who she is. id: hash of the cookie's token. expires_at: UTC; idle ones end before it."""

    id: str
    person: str
    way: Way
    address: str
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Sessions:
    """Opens, reads and ends them. lives: at most. idle: without a request."""

    engine: AsyncEngine
    audit: Audit
    now: Callable[[], datetime]
    lives: timedelta
    idle: timedelta

    async def open(self, person: str, way: Way, *, address: str) -> str:
        """The token of a new session, which only the browser keeps."""
        token, now = secrets.token_urlsafe(32), self.now()
        async with self.engine.begin() as connection:
            await connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
            await connection.execute(
                insert(sessions).values(
                    id=_hash(token),
                    person=person,
                    way=way.value,
                    address=address,
                    opened_at=now,
                    seen_at=now,
                    expires_at=now + self.lives,
                )
            )
            await self.audit.record(
                connection, Action.SIGNED_IN, by=Actor(person, address), on=f"person:{person}", reason=way.value
            )
        return token

    async def read(self, token: str) -> Session | None:
        """The session of a token; None where it is unknown, ended, too old or was idle too long."""
        session = await self.find(_hash(token))
        if session is not None and self.now() - session.seen_at >= _SEEN_EVERY:
            async with unsynced(self.engine).begin() as connection:
                await connection.execute(update(sessions).where(sessions.c.id == session.id).values(seen_at=self.now()))
        return session

    async def find(self, session_id: str) -> Session | None:
        """The session by its id, without counting as a request: for what an open page does by itself."""
        now = self.now()
        query = select(sessions).where(
            sessions.c.id == session_id, sessions.c.expires_at > now, sessions.c.seen_at > now - self.idle
        )
        async with read_only(self.engine).connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else Session(**{**row._mapping, "way": Way(row.way)})  # noqa: SLF001 - documented

    async def of(self, person: str) -> list[Session]:
        """Where she is signed in now, newest first."""
        now = self.now()
        query = (
            select(sessions)
            .where(sessions.c.person == person, sessions.c.expires_at > now, sessions.c.seen_at > now - self.idle)
            .order_by(sessions.c.opened_at.desc())
        )
        async with read_only(self.engine).connect() as connection:
            rows = (await connection.execute(query)).all()
        return [Session(**{**row._mapping, "way": Way(row.way)}) for row in rows]  # noqa: SLF001 - documented

    async def end(self, session: Session, *, address: str) -> None:
        """She signs out."""
        async with self.engine.begin() as connection:
            await connection.execute(delete(sessions).where(sessions.c.id == session.id))
            await self.audit.record(
                connection, Action.SIGNED_OUT, by=Actor(session.person, address), on=f"person:{session.person}"
            )

    async def end_all(self, person: str, *, by: Actor, but: str = "") -> int:
        """Sign her out everywhere; but: the session that stays. How many ended."""
        async with self.engine.begin() as connection:
            ended = await end_all(connection, person, but=but)
            await self.audit.record(connection, Action.SESSIONS_ENDED, by=by, on=f"person:{person}")
        return ended


async def end_all(connection: AsyncConnection, person: str, *, but: str = "") -> int:
    """The same in the caller's transaction, without a word in the log."""
    gone = await connection.execute(delete(sessions).where(sessions.c.person == person, sessions.c.id != but))
    return gone.rowcount


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
