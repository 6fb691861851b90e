"""How fast may somebody guess? After some failures a name and an address rest, longer each time, but never for good."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select, update

from bot.access.tables import sign_in_failures
from bot.store.dialect import insert_for, take_turns

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

TURN: Final = 7_265_119  # advisory lock: tries are counted one after the other
FREE: Final = {"name": 5, "address": 20}  # failures without a rest: one person mistypes, an office has many people
FIRST_REST: Final = timedelta(seconds=30)
LONGEST_REST: Final = timedelta(minutes=15)  # longer would let a stranger keep somebody out
FORGOTTEN: Final = timedelta(hours=1)  # without a further failure


@dataclass(frozen=True, slots=True)
class Tried:
    """What may be tried now. until: nothing before then, None: it may. locked_now: this try began a rest."""

    until: datetime | None = None
    locked_now: bool = False


@dataclass(frozen=True, slots=True)
class Throttle:
    """Counts failures by name and by address. secret: keys the hashes that are kept instead of them."""

    secret: bytes

    async def begin(self, connection: AsyncConnection, *, name: str, address: str, now: datetime) -> Tried:
        """Count a try as failed before it is judged, so that many at once gain nothing; or say until when to rest."""
        await self.turn(connection)
        keys = {kind: self._key(kind, value) for kind, value in (("name", name), ("address", address))}
        await connection.execute(delete(sign_in_failures).where(sign_in_failures.c.last_at <= now - FORGOTTEN))
        for key in keys.values():
            fresh = insert_for(connection, sign_in_failures).values(key=key, failures=0, last_at=now)
            await connection.execute(fresh.on_conflict_do_nothing())
        query = select(sign_in_failures).where(sign_in_failures.c.key.in_(keys.values()))
        rows = {row.key: row for row in await connection.execute(query)}
        resting = [row.locked_until for row in rows.values() if row.locked_until is not None and row.locked_until > now]
        if resting:
            return Tried(until=max(resting))
        locked_now = False
        for kind, key in keys.items():
            failures = rows[key].failures + 1
            rest = rest_after(failures, free=FREE[kind])
            locked_now = locked_now or rest is not None
            await connection.execute(
                update(sign_in_failures)
                .where(sign_in_failures.c.key == key)
                .values(failures=failures, last_at=now, locked_until=None if rest is None else now + rest)
            )
        return Tried(locked_now=locked_now)

    @staticmethod
    async def turn(connection: AsyncConnection) -> None:
        """Wait until nobody else counts. Whoever ends in `succeeded` takes it first of all locks."""
        await take_turns(connection, TURN)

    async def succeeded(self, connection: AsyncConnection, *, name: str, address: str) -> None:
        """It was right: the name starts anew, the address gets this one try back.

        An address is not cleared: whoever has one account could guess at others for ever.
        """
        await connection.execute(delete(sign_in_failures).where(sign_in_failures.c.key == self._key("name", name)))
        counted = sign_in_failures.c.failures
        await connection.execute(
            update(sign_in_failures)
            .where(sign_in_failures.c.key == self._key("address", address), counted > 0)
            .values(failures=counted - 1, locked_until=None)
        )

    def _key(self, kind: str, value: str) -> str:
        return hmac.digest(self.secret, f"sign-in|{kind}|{value.casefold()}".encode(), hashlib.sha256).hex()


def rest_after(failures: int, *, free: int) -> timedelta | None:
    """How long to rest after so many failures; None: not yet. Doubles from 30 seconds up to a quarter of an hour."""
    beyond = failures - free
    if beyond < 0:
        return None
    doubled: timedelta = FIRST_REST * (1 << min(beyond, 10))
    return min(LONGEST_REST, doubled)
