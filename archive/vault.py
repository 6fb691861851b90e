"""Whose key seals a text, and how is it found, made and opened inside the caller's transaction?

Each subject, a customer or a group of an account, has a data key of its own: without its row none of its texts opens
again. The row is read in the transaction that writes: a key remembered from an earlier one might have been erased
since, or have come from a transaction that was rolled back.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Row, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from archive.errors import Unsealable
from archive.ring import KeyRing, new_secret
from archive.sealing import DataKey, Secret

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection

SEARCH = "search"  # the subject whose key makes the tokens of the search index; no account's, it has no "/"
CONSENT = "consent"  # likewise, of the digests by which consent ledger and purge log know people
REMEMBERED = 8_192  # unwrapped keys in memory: about 4 MB, and the subjects of a busy day


class Vault:
    """Data keys by subject. Every method works inside the caller's transaction and never commits."""

    def __init__(self, ring: KeyRing, keys: Table, now: Callable[[], datetime]) -> None:
        self.ring = ring
        self._now = now
        # by all that is in the row: another row with the same id or subject is another key
        self._unwrap: Callable[[str, str, bytes], Secret] = functools.lru_cache(REMEMBERED)(ring.unwrap)
        columns: list[Column[Any]] = [keys.c.id, keys.c.subject, keys.c.kek, keys.c.wrapped]
        self._in_use = (
            select(*columns)
            .where(keys.c.subject.in_(bindparam("subjects", expanding=True)), keys.c.retired == 0)
            # who erases a subject waits for who writes of it, and the other way round
            .with_for_update(read=True, key_share=True)
        )
        self._one = select(*columns).where(keys.c.subject == bindparam("subject"), keys.c.retired == 0)
        self._by_id = select(*columns).where(keys.c.id.in_(bindparam("ids", expanding=True)))
        self._adds = {
            "postgresql": postgresql.insert(keys).on_conflict_do_nothing(),
            "sqlite": sqlite.insert(keys).on_conflict_do_nothing(),
        }
        self._one_of_each_kek = select(*columns).where(keys.c.id.in_(select(func.min(keys.c.id)).group_by(keys.c.kek)))

    async def keys_for(self, connection: AsyncConnection, subjects: Iterable[str]) -> Mapping[str, DataKey]:
        """The key of each subject, made where there is none yet. Raises KeyLost, Unsealable."""
        wanted = sorted(set(subjects))  # in order: two transactions that make the same keys do not wait in a circle
        found = await self._find(connection, wanted)
        missing = [subject for subject in wanted if subject not in found]
        if not missing:
            return found
        await connection.execute(self._adds[connection.dialect.name], [self._made(subject) for subject in missing])
        return {**found, **await self._find(connection, missing)}

    async def find(self, connection: AsyncConnection, subject: str) -> DataKey | None:
        """The key of a subject, for who only reads; None where nothing was sealed for it yet."""
        row = (await connection.execute(self._one, {"subject": subject})).one_or_none()
        return None if row is None else self.key_of(row)

    async def keys(self, connection: AsyncConnection, ids: Iterable[int]) -> Mapping[int, DataKey]:
        """Keys by the id that is kept beside what they sealed; those that were erased are missing."""
        rows = await connection.execute(self._by_id, {"ids": sorted(set(ids))})
        return {row.id: self.key_of(row) for row in rows}

    def key_of(self, row: Row[Any]) -> DataKey:
        """The key of a row with id, subject, kek and wrapped. Raises KeyLost, Unsealable."""
        return DataKey(row.id, self._unwrap(row.kek, row.subject, bytes(row.wrapped)))

    async def check(self, connection: AsyncConnection) -> None:
        """Does the ring open what is kept, whichever of its keys wrapped it? Raises KeyLost, Unsealable."""
        for row in await connection.execute(self._one_of_each_kek):
            try:
                self.key_of(row)
            except Unsealable:
                raise Unsealable(
                    f"the key {row.kek!r} is not the one that it was: what the archive keeps does not open with it; "
                    "put the old one back from your backup, and give a new key a new id"
                ) from None

    async def _find(self, connection: AsyncConnection, subjects: list[str]) -> dict[str, DataKey]:
        rows = await connection.execute(self._in_use, {"subjects": subjects})
        return {row.subject: self.key_of(row) for row in rows}

    def _made(self, subject: str) -> dict[str, object]:
        kek, wrapped = self.ring.wrap(subject, new_secret())
        return {"subject": subject, "kek": kek, "wrapped": wrapped, "created_at": self._now()}


def subject_of(account: str, customer: str, room: str = "") -> str:
    """Whose key seals a text: the customer's, or the group's where it is no customer's own. No account has a "/"."""
    return f"{account}/c/{customer}" if customer or not room else f"{account}/r/{room}"
