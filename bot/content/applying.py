"""How does content get into the database, and out again? Idempotent, with a diff first, versions kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select

from bot.content.pack import SCRIPTS_FOLDER, Pack
from bot.content.shop import Shop
from bot.store.dialect import insert_for
from bot.store.pack_files import all_files, digest_of, digests, remove_files, write_file
from bot.store.tables import content, content_versions
from handoff import Desk
from knowledge_base import Changes, Library, Script, write_scripts

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Difference:
    """What applying would change: files by name, scripts by id."""

    files_added: tuple[str, ...]
    files_changed: tuple[str, ...]
    files_removed: tuple[str, ...]
    scripts: Changes

    @property
    def nothing(self) -> bool:
        """Whether all is as it should be."""
        return self.scripts.nothing and not (self.files_added or self.files_changed or self.files_removed)


@dataclass(frozen=True, slots=True)
class Revision:
    """What the content is at one moment. change: number of the scripts' last change. files: hash of all others."""

    change: int
    files: str


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a file. by: who applied it."""

    number: int
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class ContentStore:
    """The content of the shop in SQL. Works inside the caller's transaction."""

    library: Library
    desk: Desk

    async def diff(self, connection: AsyncConnection, pack: Pack) -> Difference:
        """What `apply` would do, without doing it."""
        scripts = await self.library.diff(connection, pack.scripts, prune=True)
        return _compare(await self._fingerprints(connection), await digests(connection), pack, scripts)

    async def apply(self, connection: AsyncConnection, pack: Pack, *, at: datetime, by: str) -> Difference:
        """Make the database say what the pack says; the same pack again changes nothing."""
        scripts = await self.library.apply(connection, pack.scripts, at=at, by=by, prune=True)
        known = await self._fingerprints(connection)  # after it waited for whoever applied before
        difference = _compare(known, await digests(connection), pack, scripts)
        for name in (*difference.files_added, *difference.files_changed):
            if name in pack.pictures:
                await write_file(connection, name, pack.pictures[name], at)
                continue
            await self.write(connection, name, pack.files[name], at=at, by=by)
        if difference.files_removed:
            await connection.execute(delete(content).where(content.c.name.in_(difference.files_removed)))
            await remove_files(connection, difference.files_removed)
        await self.desk.apply_policy(connection, pack.shop.policy)
        return difference

    async def replace_file(
        self, connection: AsyncConnection, name: str, text: str, shop: Shop, *, based_on: int, at: datetime, by: str
    ) -> int | None:
        """Put one file in the place of its version `based_on` (0: there is none); its new version, None if it moved.

        shop: what the whole pack says with it. The same text again is no new version.
        """
        query = select(content.c.version, content.c.fingerprint).where(content.c.name == name).with_for_update()
        row = (await connection.execute(query)).one_or_none()
        if (0 if row is None else row.version) != based_on:
            return None
        if row is not None and row.fingerprint == _mark(text):
            return based_on
        version = await self.write(connection, name, text, at=at, by=by)
        await self.desk.apply_policy(connection, shop.policy)
        return version

    async def history(self, connection: AsyncConnection, name: str) -> Sequence[Version]:
        """Every version of a file that there was, the newest first."""
        v = content_versions.c
        query = select(v.version, v.applied_at, v.applied_by).where(v.name == name).order_by(v.version.desc())
        return [Version(*row) for row in await connection.execute(query)]

    async def text_of(self, connection: AsyncConnection, name: str, version: int) -> str | None:
        """What a version of a file said; None if there was none of this number."""
        v = content_versions.c
        body = await connection.scalar(select(v.body).where(v.name == name, v.version == version))
        return None if body is None else str(body["text"])

    async def is_empty(self, connection: AsyncConnection) -> bool:
        """Whether no content was ever applied."""
        return (await connection.execute(select(content.c.name).limit(1))).one_or_none() is None

    async def revision(self, connection: AsyncConnection) -> Revision:
        """Differs after any change; cheap enough to ask every second, however large the library."""
        known = await self._fingerprints(connection)
        files = "".join(f"{name}\0{mark}\n" for name, (mark, _) in sorted(known.items()))
        return Revision(await self.library.last_change(connection), hashlib.sha256(files.encode()).hexdigest()[:32])

    async def files(self, connection: AsyncConnection) -> Mapping[str, str]:
        """Name within the pack → text."""
        rows = await connection.execute(select(content.c.name, content.c.body))
        return {row.name: str(row.body["text"]) for row in rows}

    async def versions(self, connection: AsyncConnection) -> Mapping[str, int]:
        """Name within the pack → which version of the file is in force."""
        return {name: version for name, (_, version) in (await self._fingerprints(connection)).items()}

    async def pictures(self, connection: AsyncConnection) -> Mapping[str, bytes]:
        """Name within the pack → bytes, of every picture and video."""
        return await all_files(connection)

    async def scripts(self, connection: AsyncConnection, *, since: int | None = None) -> Sequence[Script]:
        """Every script, retired ones too; since: those changed after that change alone."""
        if since is None:
            return await self.library.load(connection)
        return await self.library.since(connection, since)

    async def _fingerprints(self, connection: AsyncConnection) -> dict[str, tuple[str, int]]:
        rows = await connection.execute(select(content.c.name, content.c.fingerprint, content.c.version))
        return {row.name: (row.fingerprint, row.version) for row in rows}

    async def write(self, connection: AsyncConnection, name: str, text: str, *, at: datetime, by: str) -> int:
        """Make this the next version of one file of texts; its number."""
        newest = select(func.max(content_versions.c.version)).where(content_versions.c.name == name)
        version = ((await connection.execute(newest)).scalar_one_or_none() or 0) + 1
        values = {"body": {"text": text}, "fingerprint": _mark(text), "version": version, "applied_at": at}
        upsert = insert_for(connection, content).values(name=name, **values)
        await connection.execute(upsert.on_conflict_do_update(index_elements=["name"], set_=values))
        await connection.execute(insert(content_versions).values(name=name, applied_by=by, **values))
        return version


def export_files(
    folder: Path, files: Mapping[str, str], scripts: Sequence[Script], pictures: Mapping[str, bytes]
) -> int:
    """Write a pack that `read_pack` takes; scripts go to one file for each top category. Returns the file count."""
    groups: dict[str, list[Script]] = {}
    for script in scripts:
        if script.state != "retired":
            groups.setdefault(script.category[0] if script.category else "其他", []).append(script)
    for name, data in ({name: text.encode() for name, text in files.items()} | dict(pictures)).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    (folder / SCRIPTS_FOLDER).mkdir(parents=True, exist_ok=True)
    for category, grouped in groups.items():
        safe = category.replace("/", "_")
        write_scripts(folder / SCRIPTS_FOLDER / f"{safe}.yaml", grouped)
    return len(files) + len(pictures) + len(groups)


def _compare(
    texts: Mapping[str, tuple[str, int]], pictures: Mapping[str, str], pack: Pack, scripts: Changes
) -> Difference:
    known = {name: mark for name, (mark, _) in texts.items()} | dict(pictures)
    wanted = {name: _mark(text) for name, text in pack.files.items()}
    wanted |= {name: digest_of(data) for name, data in pack.pictures.items()}
    return Difference(
        files_added=tuple(sorted(wanted.keys() - known.keys())),
        files_changed=tuple(sorted(name for name in wanted.keys() & known.keys() if wanted[name] != known[name])),
        files_removed=tuple(sorted(known.keys() - wanted.keys())),
        scripts=scripts,
    )


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
