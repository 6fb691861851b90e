"""How do all data keys come under the newest key of the ring, and texts under new data keys?

What is left to do is what is still wrapped under an older key: a run that was stopped is simply begun again. Each step
is one transaction of the caller's. Re-wrapping leaves texts as they are; re-sealing gives each subject a new data key,
for when an old key of the ring became known together with a copy of the database. Files keep theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, select, update

from archive.vault import CONSENT, SEARCH

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from archive.sealing import DataKey
    from archive.tables import ArchiveTables, Sealed
    from archive.vault import Vault


class Rotation:
    """Brings everything under the newest key of the vault's ring."""

    def __init__(self, tables: ArchiveTables, vault: Vault) -> None:
        self._tables = tables
        self._vault = vault
        keys = tables.keys
        self._behind = keys.c.kek != vault.ring.newest
        self._rewraps = (
            update(keys)
            .where(keys.c.id == bindparam("p_id"), keys.c.kek == bindparam("p_before"))
            .values(kek=bindparam("p_kek"), wrapped=bindparam("p_wrapped"))
        )

    async def left(self, connection: AsyncConnection) -> int:
        """How many data keys are still under an older key."""
        return int((await connection.execute(select(func.count()).where(self._behind))).scalar_one())

    async def rewrap(self, connection: AsyncConnection, *, limit: int) -> int:
        """Wrap at most `limit` data keys anew. Returns how many; 0: all are. Raises KeyLost, Unsealable."""
        keys = self._tables.keys
        query = select(keys).where(self._behind).order_by(keys.c.id).limit(limit)
        rows = (await connection.execute(query)).all()
        if rows:
            await connection.execute(self._rewraps, [self._rewrapped(row) for row in rows])
        return len(rows)

    async def reseal(self, connection: AsyncConnection, *, limit: int) -> int | None:
        """Seal at most `limit` values of one subject anew; a key that seals nothing any more is removed.

        Returns how many values were sealed, None: nothing is left. Raises KeyLost, Unsealable.
        """
        keys = self._tables.keys
        query = select(keys).where(self._behind).order_by(keys.c.id).limit(1).with_for_update()
        old = (await connection.execute(query)).one_or_none()
        if old is None:
            return None
        if old.subject in (SEARCH, CONSENT):  # with a new one nothing would be found, and nobody known
            await connection.execute(self._rewraps, [self._rewrapped(old)])
            return 0
        if not old.retired:  # from now on new texts get the new key
            await connection.execute(update(keys).where(keys.c.id == old.id).values(retired=old.id))
        new = (await self._vault.keys_for(connection, [old.subject]))[old.subject]
        done = 0
        for sealed in self._tables.sealed:
            done += await self._reseal_in(connection, sealed, self._vault.key_of(old), new, limit - done)
            if done == limit:
                return done
        if await self._seals_files(connection, old.id):  # they stay under their data key, and it under the newest one
            await connection.execute(self._rewraps, [self._rewrapped(old)])
        else:
            await connection.execute(delete(keys).where(keys.c.id == old.id))
        return done

    async def _seals_files(self, connection: AsyncConnection, key_id: int) -> bool:
        media = self._tables.finance.media
        found = await connection.execute(select(media.c.id).where(media.c.key_id == key_id).limit(1))
        return found.first() is not None

    async def _reseal_in(
        self, connection: AsyncConnection, sealed: Sealed, old: DataKey, new: DataKey, limit: int
    ) -> int:
        table = sealed.table
        query = select(table).where(table.c.key_id == old.id).limit(limit)
        rows = (await connection.execute(query)).all()
        if not rows:
            return 0
        identity = list(table.primary_key)
        change = (
            update(table)
            .where(*(column == bindparam(f"p_{column.name}") for column in identity))
            .values(key_id=new.id, sealed=bindparam("p_sealed"))
        )
        changes = []
        for row in rows:
            place = sealed.place(row)
            plain = old.open(place, bytes(row.sealed))
            names = {f"p_{column.name}": getattr(row, column.name) for column in identity}
            changes.append({**names, "p_sealed": new.seal(place, plain)})
        await connection.execute(change, changes)
        return len(rows)

    def _rewrapped(self, row: Row[Any]) -> dict[str, object]:
        secret = self._vault.key_of(row).secret
        kek, wrapped = self._vault.ring.wrap(row.subject, secret)
        return {"p_id": row.id, "p_before": row.kek, "p_kek": kek, "p_wrapped": wrapped}
