"""What is all of it behind one name? People, sessions, ways in and the audit log, built together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.access import people
from bot.access.administration import Administration
from bot.access.audit import Action, Actor, Audit
from bot.access.audit_reading import Wanted, holds, read, read_all, verify
from bot.access.chain import Broken, Head, Record
from bot.access.local_accounts import LocalAccounts
from bot.access.passwords import Passwords
from bot.access.person import Person
from bot.access.personal import Personal
from bot.access.sessions import Sessions
from bot.access.throttle import Throttle
from bot.access.wecom_sign_in import WeComSignIn
from bot.console_settings import ConsoleSettings
from bot.store.engine import read_only

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


@dataclass(frozen=True, slots=True)
class AuditLog:
    """Reads the log for pages and commands, and writes what stands in no other transaction."""

    engine: AsyncEngine
    audit: Audit

    async def record(self, action: Action, *, by: Actor, on: str = "", reason: str = "") -> None:
        """One row in a transaction of its own."""
        async with self.engine.begin() as connection:
            await self.audit.record(connection, action, by=by, on=on, reason=reason)

    async def page(self, wanted: Wanted, *, limit: int) -> list[Record]:
        """The newest of the wanted rows."""
        async with read_only(self.engine).connect() as connection:
            return await read(connection, wanted, limit=limit)

    async def each(self, wanted: Wanted) -> AsyncIterator[Record]:
        """All wanted rows, newest first, as they are read."""
        async with read_only(self.engine).connect() as connection:
            async for record in read_all(connection, wanted):
                yield record

    async def holds(self, hash_: str) -> bool:
        """Is there a row with this hash, noted elsewhere?"""
        async with read_only(self.engine).connect() as connection:
            return await holds(connection, hash_)

    async def verify(self) -> Head | Broken:
        """Has anybody touched it?"""
        async with read_only(self.engine).connect() as connection:
            return await verify(connection)


@dataclass(frozen=True, slots=True)
class Access:
    """What the console needs to know who somebody is and what she may."""

    engine: AsyncEngine
    administration: Administration
    sessions: Sessions
    accounts: LocalAccounts
    wecom: WeComSignIn | None
    audit: Audit
    log: AuditLog
    personal: Personal
    proxies: int

    async def person(self, person_id: str) -> Person | None:
        """The person of this id, or the one who serves as the agent of this id."""
        return await self.administration.find(person_id)

    async def of_wecom(self, userid: str) -> Person | None:
        """The person whom WeCom names so."""
        async with read_only(self.engine).connect() as connection:
            return await people.of_wecom(connection, userid)


def build_access(
    engine: AsyncEngine,
    settings: ConsoleSettings,
    audit: Audit,
    *,
    wecom: WeComSignIn | None,
    passwords: Passwords | None = None,
) -> Access:
    """Build it. audit: whose secret and time are those of all. passwords: with other costs, for tests."""
    secret, now = audit.secret, audit.now
    accounts = LocalAccounts(engine, audit, passwords or Passwords(), Throttle(secret), secret, now)
    lives, idle = timedelta(seconds=settings.session_s), timedelta(seconds=settings.idle_s)
    return Access(
        engine=engine,
        administration=Administration(engine, audit, now),
        sessions=Sessions(engine, audit, now, lives, idle),
        accounts=accounts,
        wecom=wecom,
        audit=audit,
        log=AuditLog(engine, audit),
        personal=Personal(engine, now),
        proxies=settings.proxies,
    )
