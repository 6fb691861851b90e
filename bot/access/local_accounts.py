"""How does somebody sign in whom WeCom does not know? A password, then a code; every try is counted first."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select, update

from bot.access import second_factor
from bot.access.audit import Action, Actor, Audit
from bot.access.passwords import Passwords
from bot.access.sealing import Unsealable, seal, unseal
from bot.access.sessions import end_all
from bot.access.tables import credentials, people, recovery_codes
from bot.access.throttle import Throttle
from bot.store.dialect import insert_for
from bot.store.engine import read_only

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_FIRST_PASSWORD: Final = 15  # random bytes: 120 bits


@dataclass(frozen=True, slots=True)
class Resting:
    """Too many tries failed; nothing is looked at before `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Wrong:
    """Name, password or code: which of them is not said."""


@dataclass(frozen=True, slots=True)
class Passed:
    """This step is done. enrolled: she has a second factor already, whose code is asked for next."""

    person: str
    enrolled: bool


Outcome = Resting | Wrong | Passed


@dataclass(frozen=True, slots=True)
class LocalAccounts:
    """Passwords, second factors and recovery codes of people. secret: seals second factors, at least 32 bytes."""

    engine: AsyncEngine
    audit: Audit
    passwords: Passwords
    throttle: Throttle
    secret: bytes
    now: Callable[[], datetime]

    async def has(self, person: str) -> bool:
        """Has she a password?"""
        return await self._row(person) is not None

    async def check_password(self, name: str, password: str, *, address: str) -> Outcome:
        """The first step. Takes as long for names that nobody has."""
        row = await self._row(name)
        if (resting := await self._begin(name, address, known=row is not None)) is not None:
            return resting
        if not await self.passwords.matches(None if row is None else row.password, password) or row is None:
            await self._failed(name if row is not None else "", address)
            return Wrong()
        if self.passwords.is_outdated(row.password):
            await self._keep(name, await self.passwords.hashed(password))
        return Passed(name, enrolled=row.totp_at is not None)

    async def check_code(self, person: str, code: str, *, address: str) -> Outcome:
        """The second step: a code of her app, or a recovery code. Each counts once."""
        row = await self._row(person)
        if (resting := await self._begin(person, address, known=row is not None)) is not None:
            return resting
        async with self.engine.begin() as connection:
            await self.throttle.turn(connection)
            if row is not None and row.totp_at is not None and await self._counts(connection, row, code, address):
                await self.throttle.succeeded(connection, name=person, address=address)
                return Passed(person, enrolled=True)
        await self._failed(person, address)
        return Wrong()

    async def begin_enrolment(self, person: str) -> None:
        """Make a new secret for her app; it counts once a first code confirmed it. Not for who has one."""
        sealed = seal(self.secret, second_factor.fresh_secret().encode(), of=person)
        async with self.engine.begin() as connection:
            await connection.execute(
                update(credentials)
                .where(credentials.c.person == person, credentials.c.totp_at.is_(None))
                .values(totp=sealed, totp_step=0)
            )

    async def enrolment(self, person: str) -> str | None:
        """The secret that waits for its first code; None if none does."""
        row = await self._row(person)
        if row is None or row.totp is None or row.totp_at is not None:
            return None
        return self._opened(row)

    async def confirm_enrolment(self, person: str, code: str, *, address: str) -> list[str] | Resting | Wrong:
        """The app works: her recovery codes, shown this once."""
        if (resting := await self._begin(person, address, known=True)) is not None:
            return resting
        row, now = await self._row(person), self.now()
        if row is not None and row.totp is not None and row.totp_at is None and (found := self._opened(row)):
            step = second_factor.step_of(found, code, now)
            if step is not None:
                async with self.engine.begin() as connection:
                    await self.throttle.turn(connection)
                    await connection.execute(
                        update(credentials)
                        .where(credentials.c.person == person, credentials.c.totp_at.is_(None))
                        .values(totp_at=now, totp_step=step)
                    )
                    codes = await self._fresh_codes(connection, person)
                    await self.throttle.succeeded(connection, name=person, address=address)
                    await self.audit.record(
                        connection, Action.SECOND_FACTOR_SET, by=Actor(person, address), on=f"person:{person}"
                    )
                return codes
        await self._failed(person, address)
        return Wrong()

    async def new_recovery_codes(self, person: str, *, by: Actor) -> list[str]:
        """Ten new ones; the old ones count no more."""
        async with self.engine.begin() as connection:
            codes = await self._fresh_codes(connection, person)
            await self.audit.record(connection, Action.RECOVERY_CODES_MADE, by=by, on=f"person:{person}")
        return codes

    async def set_password(self, person: str, password: str, *, by: Actor, but: str = "") -> None:
        """A new password, checked by `weakness` before. Ends her sessions; but: the one that stays."""
        kept = await self.passwords.hashed(password)
        async with self.engine.begin() as connection:
            fresh = insert_for(connection, credentials).values(person=person, password=kept, password_at=self.now())
            values = {"password": kept, "password_at": self.now()}
            await connection.execute(fresh.on_conflict_do_update(index_elements=["person"], set_=values))
            await end_all(connection, person, but=but)
            await self.audit.record(connection, Action.PASSWORD_SET, by=by, on=f"person:{person}")

    async def set_first_password(self, person: str, *, by: Actor) -> str:
        """A random password, to be told her and changed."""
        password = secrets.token_urlsafe(_FIRST_PASSWORD)
        await self.set_password(person, password, by=by)
        return password

    async def remove_second_factor(self, person: str, *, by: Actor) -> None:
        """Her phone and her recovery codes are lost: she enrols anew at her next sign-in."""
        async with self.engine.begin() as connection:
            await connection.execute(
                update(credentials).where(credentials.c.person == person).values(totp=None, totp_at=None, totp_step=0)
            )
            await connection.execute(delete(recovery_codes).where(recovery_codes.c.person == person))
            await end_all(connection, person)
            await self.audit.record(connection, Action.SECOND_FACTOR_REMOVED, by=by, on=f"person:{person}")

    async def _row(self, person: str) -> Row[tuple[object, ...]] | None:
        query = select(credentials).join(people, people.c.id == credentials.c.person)
        query = query.where(credentials.c.person == person, people.c.active == 1)
        async with read_only(self.engine).connect() as connection:
            return (await connection.execute(query)).one_or_none()

    async def _begin(self, name: str, address: str, *, known: bool) -> Resting | None:
        async with self.engine.begin() as connection:
            tried = await self.throttle.begin(connection, name=name, address=address, now=self.now())
            if tried.locked_now:
                await self.audit.record(
                    connection, Action.LOCKED, by=Actor("", address), on=f"person:{name}" if known else ""
                )
        return None if tried.until is None else Resting(tried.until)

    async def _failed(self, known: str, address: str) -> None:
        """A name that nobody has is not written down: it may be a password in the wrong field."""
        async with self.engine.begin() as connection:
            on = f"person:{known}" if known else ""
            await self.audit.record(connection, Action.SIGN_IN_FAILED, by=Actor("", address), on=on)

    async def _keep(self, person: str, kept: str) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(update(credentials).where(credentials.c.person == person).values(password=kept))

    async def _counts(self, connection: AsyncConnection, row: Row[tuple[object, ...]], code: str, address: str) -> bool:
        found = self._opened(row)
        step = None if found is None else second_factor.step_of(found, code, self.now())
        if step is not None:
            moved = await connection.execute(
                update(credentials)
                .where(credentials.c.person == row.person, credentials.c.totp_step < step)
                .values(totp_step=step)
            )
            return moved.rowcount == 1  # RFC 6238 §5.2: no code is accepted twice
        used = await connection.execute(
            update(recovery_codes)
            .where(
                recovery_codes.c.person == row.person,
                recovery_codes.c.hash == second_factor.recovery_hash(row.person, code),
                recovery_codes.c.used_at.is_(None),
            )
            .values(used_at=self.now())
        )
        if used.rowcount != 1:
            return False
        by = Actor(row.person, address)
        await self.audit.record(connection, Action.RECOVERY_CODE_USED, by=by, on=f"person:{row.person}")
        return True

    def _opened(self, row: Row[tuple[object, ...]]) -> str | None:
        try:
            return unseal(self.secret, row.totp, of=row.person).decode()
        except Unsealable:
            return None

    async def _fresh_codes(self, connection: AsyncConnection, person: str) -> list[str]:
        codes = second_factor.fresh_recovery_codes()
        await connection.execute(delete(recovery_codes).where(recovery_codes.c.person == person))
        hashes = [{"person": person, "hash": second_factor.recovery_hash(person, code)} for code in codes]
        await connection.execute(insert(recovery_codes), hashes)
        return codes
