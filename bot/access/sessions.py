"""Who is signed in? A browser has a token, the table its hash, so that whoever signs out is out."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, delete, insert, select, update

from bot.access import people
from bot.access.audit import Action, Actor, Audit
from bot.access.person import Person
from bot.access.tables import sessions
from bot.store.engine import read_only, unsynced

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_SEEN_EVERY: Final = timedelta(minutes=5)  # a page a second must not be a write a second
# Asked with every request: building a statement costs more than running it.
_FIND: Final = select(sessions).where(
    sessions.c.id == bindparam("p_id"),
    sessions.c.expires_at > bindparam("p_now"),
    sessions.c.seen_at > bindparam("p_since"),
)


class Way(StrEnum):
    """How somebody proved who she is."""

    LINK = "link"
    WECOM = "wecom"
    PASSWORD = "password"  # noqa: S105 - a way in, no secret


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who proved who she is. id: hash of the cookie's token. expires_at: UTC; idle ones end before it.

    holder: her row, where it was read with the session; None too for an agent of the pack who has none.
    """

    id: str
    person: str
    way: Way
    address: str
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime
    holder: Person | None = None


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
        """The session by its id, with its holder, without counting as a request: for what a page does by itself."""
        now = self.now()
        values = {"p_id": session_id, "p_now": now, "p_since": now - self.idle}
        async with read_only(self.engine).connect() as connection:
            row = (await connection.execute(_FIND, values)).one_or_none()
            if row is None:
                return None
            return replace(_session(row), holder=await people.find(connection, row.person))

    async def of(self, person: str) -> list[Session]:
        """Where she is signed in now, newest first."""
        now = self.now()
        query = (
            select(sessions)
            .where(sessions.c.person == person, sessions.c.expires_at > now, sessions.c.seen_at > now - self.idle)
            .order_by(sessions.c.opened_at.desc())
        )
        async with read_only(self.engine).connect() as connection:
            return [_session(row) for row in await connection.execute(query)]

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


def _session(row: Row[Any]) -> Session:
    return Session(**{**row._mapping, "way": Way(row.way)})  # noqa: SLF001 - documented


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
