"""Which scripts does the shop have now, and how do new ones replace them without losing the old?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table, Update, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge_base.building import RawScript, build_all
from knowledge_base.script import Script, State, fingerprint, to_plain
from knowledge_base.tables import Tables
from knowledge_base.workflow import MoveRefused, refusal

_IDS_A_QUERY = 1_000  # databases allow tens of thousands of values in one statement, not any number
_BEFORE_ALL = -1
_THE_ROW = 1  # of the number of the last change


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids of scripts by what happens to them, each sorted."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether the library stays as it is."""
        return not (self.added or self.changed or self.retired)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a script. changed_at: UTC-aware. restored_from: the earlier version it brought back."""

    version: int
    changed_at: datetime
    changed_by: str
    why: str
    restored_from: int | None
    script: Script


class NoSuchVersion(Exception):  # noqa: N818 - reads as the fact it is
    """There is no such script or version; the message names it."""


class Overtaken(Exception):  # noqa: N818 - reads as the fact it is
    """Somebody else changed the script of this id meanwhile; nothing was written."""


class Library:
    """The scripts in SQL. Every call works on a connection it is given; the caller owns the transaction.

    Transactions that change scripts wait for each other, and number their changes: a higher number is never
    committed before a lower one, so whoever knows all up to a number misses nothing by asking for what came after.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def load(self, connection: AsyncConnection) -> tuple[Script, ...]:
        """Every script in its current version, retired ones too, by id."""
        return await self.since(connection, _BEFORE_ALL)

    async def last_change(self, connection: AsyncConnection) -> int:
        """The number of the last change, 0 where there was none; reads one row."""
        number = (await connection.execute(select(self._tables.changes.c.last))).scalar_one_or_none()
        return 0 if number is None else int(number)

    async def since(self, connection: AsyncConnection, change: int) -> tuple[Script, ...]:
        """The scripts that changed after this change, in their current version, retired ones too, by id."""
        scripts = self._tables.scripts
        ids = (await connection.execute(select(scripts.c.id).where(scripts.c.changed_in > change))).scalars().all()
        found: list[Script] = []
        async for rows in self._rows(connection, sorted(ids)):
            # as many at once as neither hold the event loop up nor fill the memory with what is thrown away
            found += await asyncio.to_thread(_from_bodies, [row.body for row in rows])
        return tuple(found)

    async def diff(self, connection: AsyncConnection, scripts: Sequence[Script], *, prune: bool = False) -> Changes:
        """What `apply` would do, without doing it.

        prune: scripts that are not among `scripts` are retired (a pack is the whole truth, an import is not).
        """
        return _compare(await self._current(connection, scripts, prune=prune), scripts, prune=prune)

    async def apply(
        self, connection: AsyncConnection, scripts: Sequence[Script], *, at: datetime, by: str, prune: bool = False
    ) -> Changes:
        """Bring `scripts` into the library; the same again changes nothing.

        at: UTC-aware. by: who did it. Each changed script gets the next version, and its history keeps the others.

        Raises:
            ValueError: two of `scripts` have one id.
        """
        number = await self._take_turn(connection)
        current = await self._current(connection, scripts, prune=prune)
        changes = _compare(current, scripts, prune=prune)
        wanted = {script.id: script for script in scripts}
        retired = await self._retired(connection, changes.retired)
        made = [
            Version(current[script.id].version + 1 if script.id in current else 1, at, by, "", None, script)
            for script in [*(wanted[name] for name in (*changes.added, *changes.changed)), *retired]
        ]
        await self._write(connection, number, made)
        return changes

    async def current(self, connection: AsyncConnection, script_id: str) -> tuple[Script, int] | None:
        """The script of this id with its version."""
        return (await self._some(connection, [script_id])).get(script_id)

    async def save(
        self, connection: AsyncConnection, script: Script, *, over: int, at: datetime, by: str, why: str = ""
    ) -> int:
        """Make this the next version of its script, and give its number.

        over: the version that whoever wrote it had before her; 0: there was none.

        Raises:
            Overtaken: the library has another version by now, or a script of that id where none was known.
        """
        number = await self._take_turn(connection)
        known = await self.current(connection, script.id)
        if over != (known[1] if known else 0):
            raise Overtaken(script.id)
        await self._write(connection, number, [Version(over + 1, at, by, why, None, script)])
        return over + 1

    async def move(
        self, connection: AsyncConnection, ids: Sequence[str], to: State, *, at: datetime, by: str, why: str = ""
    ) -> None:
        """Bring scripts into another state, all of them or none; each gets its next version.

        Raises:
            MoveRefused: an id is unknown, or the state is none that follows (see `workflow.MOVES`).
        """
        number = await self._take_turn(connection)
        scripts = await self._some(connection, ids)
        unknown = [f"{name}: no such script" for name in ids if name not in scripts]
        refused = [said for script, _ in scripts.values() if (said := refusal(script, to))]
        if unknown or refused:
            raise MoveRefused("\n".join([*unknown, *refused]))
        made = [
            Version(version + 1, at, by, why, None, replace(script, state=to)) for script, version in scripts.values()
        ]
        await self._write(connection, number, made)

    async def restore(
        self, connection: AsyncConnection, script_id: str, version: int, *, at: datetime, by: str, why: str = ""
    ) -> Version:
        """Make an earlier version's content the next version, and give that.

        A live script stays live where that version was live too, approved once; otherwise it becomes a draft.

        Raises:
            NoSuchVersion: there is no such script or version, or it is the current one.
        """
        number = await self._take_turn(connection)
        known = await self.history(connection, script_id)
        old = next((each for each in known if each.version == version), None)
        if old is None:
            raise NoSuchVersion(f"{script_id}: has no version {version}; it has {len(known)}")
        current = known[-1]
        if current.version == version:
            raise NoSuchVersion(f"{script_id}: version {version} is the current one; name an earlier")
        state: State = "live" if current.script.state == old.script.state == "live" else "draft"
        script = replace(old.script, state=state)
        made = Version(current.version + 1, at, by, why, version, script)
        await self._write(connection, number, [made])
        return made

    async def history(self, connection: AsyncConnection, script_id: str) -> tuple[Version, ...]:
        """Every version of one script, oldest first; none for an unknown one."""
        versions = self._tables.versions
        found = await connection.execute(
            select(versions).where(versions.c.script_id == script_id).order_by(versions.c.version)
        )
        rows = found.all()
        return tuple(
            Version(row.version, row.changed_at, row.changed_by, row.why, row.restored_from, _from_body(row.body))
            for row in rows
        )

    async def _current(self, connection: AsyncConnection, wanted: Sequence[Script], *, prune: bool) -> dict[str, Any]:
        """What the library has of these scripts, without bodies; prune: of all scripts."""
        scripts = self._tables.scripts
        query = select(scripts.c.id, scripts.c.version, scripts.c.fingerprint, scripts.c.state)
        if prune:
            return {row.id: row for row in await connection.execute(query)}
        found: dict[str, Any] = {}
        for first in range(0, len(wanted), _IDS_A_QUERY):
            ids = [script.id for script in wanted[first : first + _IDS_A_QUERY]]
            found |= {row.id: row for row in await connection.execute(query.where(scripts.c.id.in_(ids)))}
        return found

    async def _some(self, connection: AsyncConnection, ids: Sequence[str]) -> dict[str, tuple[Script, int]]:
        """The scripts of those ids that there are, with their versions."""
        found: dict[str, tuple[Script, int]] = {}
        async for rows in self._rows(connection, ids):
            found |= {row.id: (_from_body(row.body), row.version) for row in rows}
        return found

    async def _rows(self, connection: AsyncConnection, ids: Sequence[str]) -> AsyncIterator[Sequence[Any]]:
        """Id, version and body of the scripts of those ids that there are, some at a time, each time by id."""
        scripts = self._tables.scripts
        query = select(scripts.c.id, scripts.c.version, scripts.c.body).order_by(scripts.c.id)
        for first in range(0, len(ids), _IDS_A_QUERY):
            rows = await connection.execute(query.where(scripts.c.id.in_(ids[first : first + _IDS_A_QUERY])))
            yield rows.all()

    async def _retired(self, connection: AsyncConnection, ids: Sequence[str]) -> list[Script]:
        return [replace(script, state="retired") for script, _ in (await self._some(connection, ids)).values()]

    async def _take_turn(self, connection: AsyncConnection) -> int:
        """Wait until no other transaction changes scripts; the number of the change this one makes, if it makes one."""
        changes = self._tables.changes
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        upsert = dialect.insert(changes).values(id=_THE_ROW, last=0)
        upsert = upsert.on_conflict_do_update(index_elements=["id"], set_={"last": changes.c.last})
        return int((await connection.execute(upsert.returning(changes.c.last))).scalar_one()) + 1

    async def _write(self, connection: AsyncConnection, number: int, made: Sequence[Version]) -> None:
        """Make these versions the current ones, by the change of this number."""
        scripts, versions, changes = self._tables.scripts, self._tables.versions, self._tables.changes
        for first in range(0, len(made), _IDS_A_QUERY):
            some = [(each, to_plain(each.script)) for each in made[first : first + _IDS_A_QUERY]]
            known = [_current_row(each, body, number) for each, body in some if each.version > 1]
            new = [_current_row(each, body, number) for each, body in some if each.version == 1]
            if new:
                await connection.execute(insert(scripts), new)
            if known:
                await connection.execute(_update(scripts, known[0]), [_bound(row) for row in known])
            await connection.execute(insert(versions), [_version_row(each, body) for each, body in some])
        if made:
            await connection.execute(update(changes).values(last=number))


def _current_row(version: Version, body: Mapping[str, Any], number: int) -> dict[str, Any]:
    return {
        "id": version.script.id,
        "title": version.script.title,
        "body": body,
        "state": version.script.state,
        "version": version.version,
        "fingerprint": fingerprint(version.script),
        "updated_at": version.changed_at,
        "updated_by": version.changed_by,
        "changed_in": number,
    }


def _version_row(version: Version, body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "script_id": version.script.id,
        "version": version.version,
        "body": body,
        "fingerprint": fingerprint(version.script),
        "changed_at": version.changed_at,
        "changed_by": version.changed_by,
        "why": version.why,
        "restored_from": version.restored_from,
    }


def _update(scripts: Table, row: Mapping[str, Any]) -> Update:
    """One statement for many rows; see `_bound` for what each is given as."""
    where = scripts.c.id == bindparam("of_id")
    return update(scripts).where(where).values({name: bindparam(f"to_{name}") for name in row if name != "id"})


def _bound(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"of_id" if name == "id" else f"to_{name}": value for name, value in row.items()}


def _compare(current: Mapping[str, Any], scripts: Sequence[Script], *, prune: bool) -> Changes:
    marks = {script.id: fingerprint(script) for script in scripts}
    if len(marks) != len(scripts):
        raise ValueError("two scripts have one id; give each its own")
    known = marks.keys() & current.keys()
    gone = {name for name, row in current.items() if row.state != "retired"} - marks.keys() if prune else set()
    return Changes(
        added=tuple(sorted(marks.keys() - known)),
        changed=tuple(sorted(name for name in known if marks[name] != current[name].fingerprint)),
        retired=tuple(sorted(gone)),
        unchanged=tuple(sorted(name for name in known if marks[name] == current[name].fingerprint)),
    )


def _from_bodies(bodies: Sequence[Mapping[str, Any]]) -> tuple[Script, ...]:
    return build_all(Path("database"), [RawScript(row, body) for row, body in enumerate(bodies, start=1)])


def _from_body(body: Mapping[str, Any]) -> Script:
    return _from_bodies([body])[0]
