"""Which scripts does the shop have now, and how do new ones replace them without losing the old?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge_base.building import RawScript, build_all
from knowledge_base.script import Script, State, fingerprint, to_plain
from knowledge_base.tables import Tables
from knowledge_base.workflow import MoveRefused, refusal

_IDS_A_QUERY = 1_000  # databases allow tens of thousands of values in one statement, not any number


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


class Library:
    """The scripts in SQL. Every call works on a connection it is given; the caller owns the transaction."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def load(self, connection: AsyncConnection) -> tuple[Script, ...]:
        """Every script in its current version, retired ones too, by id."""
        rows = await connection.execute(select(self._tables.scripts.c.body).order_by(self._tables.scripts.c.id))
        return _from_bodies([row.body for row in rows])

    async def revision(self, connection: AsyncConnection) -> str:
        """Changes exactly when the set of live scripts or one of them does; reads no bodies."""
        scripts = self._tables.scripts
        query = select(scripts.c.id, scripts.c.fingerprint).where(scripts.c.state == "live").order_by(scripts.c.id)
        digest = hashlib.sha256()
        for row in await connection.execute(query):
            digest.update(f"{row.id}\0{row.fingerprint}\n".encode())
        return digest.hexdigest()[:32]

    async def diff(self, connection: AsyncConnection, scripts: Sequence[Script], *, prune: bool = False) -> Changes:
        """What `apply` would do, without doing it.

        prune: scripts that are not among `scripts` are retired (a pack is the whole truth, an import is not).
        """
        return _compare(await self._current(connection), scripts, prune=prune)

    async def apply(
        self, connection: AsyncConnection, scripts: Sequence[Script], *, at: datetime, by: str, prune: bool = False
    ) -> Changes:
        """Bring `scripts` into the library; the same again changes nothing.

        at: UTC-aware. by: who did it. Each changed script gets the next version, and its history keeps the others.

        Raises:
            ValueError: two of `scripts` have one id.
        """
        current = await self._current(connection)
        changes = _compare(current, scripts, prune=prune)
        wanted = {script.id: script for script in scripts}
        retired = await self._retired(connection, changes.retired)
        for script in [*(wanted[name] for name in (*changes.added, *changes.changed)), *retired]:
            version = current[script.id].version + 1 if script.id in current else 1
            await self._write(connection, script, version, at=at, by=by)
        return changes

    async def move(
        self, connection: AsyncConnection, ids: Sequence[str], to: State, *, at: datetime, by: str, why: str = ""
    ) -> None:
        """Bring scripts into another state, all of them or none; each gets its next version.

        Raises:
            MoveRefused: an id is unknown, or the state is none that follows (see `workflow.MOVES`).
        """
        scripts = await self._some(connection, ids)
        unknown = [f"{name}: no such script" for name in ids if name not in scripts]
        refused = [said for script, _ in scripts.values() if (said := refusal(script, to))]
        if unknown or refused:
            raise MoveRefused("\n".join([*unknown, *refused]))
        for script, version in scripts.values():
            await self._write(connection, replace(script, state=to), version + 1, at=at, by=by, why=why)

    async def restore(
        self, connection: AsyncConnection, script_id: str, version: int, *, at: datetime, by: str, why: str = ""
    ) -> Version:
        """Make an earlier version's content the next version, and give that.

        A live script stays live where that version was live too, approved once; otherwise it becomes a draft.

        Raises:
            NoSuchVersion: there is no such script or version, or it is the current one.
        """
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
        await self._write(connection, script, made.version, at=at, by=by, why=why, restored_from=version)
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

    async def _current(self, connection: AsyncConnection) -> dict[str, Any]:
        scripts = self._tables.scripts
        rows = await connection.execute(select(scripts.c.id, scripts.c.version, scripts.c.fingerprint, scripts.c.state))
        return {row.id: row for row in rows}

    async def _some(self, connection: AsyncConnection, ids: Sequence[str]) -> dict[str, tuple[Script, int]]:
        """The scripts of those ids that there are, with their versions."""
        scripts = self._tables.scripts
        found: dict[str, tuple[Script, int]] = {}
        for first in range(0, len(ids), _IDS_A_QUERY):
            query = select(scripts.c.id, scripts.c.version, scripts.c.body)
            rows = await connection.execute(query.where(scripts.c.id.in_(ids[first : first + _IDS_A_QUERY])))
            found |= {row.id: (_from_body(row.body), row.version) for row in rows}
        return found

    async def _retired(self, connection: AsyncConnection, ids: Sequence[str]) -> list[Script]:
        return [replace(script, state="retired") for script, _ in (await self._some(connection, ids)).values()]

    async def _write(
        self,
        connection: AsyncConnection,
        script: Script,
        version: int,
        *,
        at: datetime,
        by: str,
        why: str = "",
        restored_from: int | None = None,
    ) -> None:
        scripts, versions = self._tables.scripts, self._tables.versions
        body, mark = to_plain(script), fingerprint(script)
        current = {
            "title": script.title,
            "body": body,
            "state": script.state,
            "version": version,
            "fingerprint": mark,
            "updated_at": at,
            "updated_by": by,
        }
        if version == 1:
            await connection.execute(insert(scripts).values(id=script.id, **current))
        else:
            await connection.execute(update(scripts).where(scripts.c.id == script.id).values(**current))
        await connection.execute(
            insert(versions).values(
                script_id=script.id,
                version=version,
                body=body,
                fingerprint=mark,
                changed_at=at,
                changed_by=by,
                why=why,
                restored_from=restored_from,
            )
        )


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
