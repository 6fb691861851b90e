"""How does an operator write, submit, approve and bring back a script, so that no approved word changes unnoticed?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.access import Action, Actor, Audit
from bot.store.engine import read_only
from bot.store.pack_files import file_named
from bot.store.uses import UseCount, Uses
from bot.wakeups import Wakeups
from knowledge_base import (
    MOVES,
    Changes,
    Edit,
    Edits,
    Library,
    MoveRefused,
    NoSuchVersion,
    Overtaken,
    Script,
    State,
    Version,
    is_written,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

COUNTED = timedelta(days=30)  # of the uses of a script


@dataclass(frozen=True, slots=True)
class Sheet:
    """One script as its page shows it. script: what is in force, or the draft. edit: what is to replace it, if live."""

    script: Script
    version: int
    edit: Edit | None

    @property
    def shown(self) -> Script:
        """What is being written."""
        return self.edit.script if self.edit else self.script

    @property
    def token(self) -> str:
        """Tells this state from any that somebody made after it."""
        return f"{self.version}.{self.edit.mark if self.edit else ''}"

    @property
    def steps(self) -> tuple[State, ...]:
        """What may follow, of the edit where there is one."""
        if self.edit is not None:
            return ("review",) if self.edit.script.state == "draft" else ("live", "draft")
        return tuple(to for to in MOVES[self.script.state] if (self.script.state, to) != ("live", "review"))


def needs_approval(sheet: Sheet, to: State) -> bool:
    """Whether customers would hear something else after this step, or nothing where there was an answer."""
    return to == "live" or (to == "retired" and sheet.script.state == "live")


@dataclass(frozen=True, slots=True)
class Scripts:
    """Everything the pages of scripts do. A command raises Overtaken where somebody else was there meanwhile."""

    engine: AsyncEngine
    library: Library
    edits: Edits
    uses: Uses
    audit: Audit
    wakeups: Wakeups
    now: Callable[[], datetime]

    async def sheet(self, script_id: str) -> Sheet | None:
        """One script with its edit."""
        async with read_only(self.engine).connect() as connection:
            return await self._sheet(connection, script_id)

    async def history(self, script_id: str) -> tuple[Version, ...]:
        """Its versions, oldest first."""
        async with read_only(self.engine).connect() as connection:
            return await self.library.history(connection, script_id)

    async def picture(self, name: str) -> bytes | None:
        """A picture or video of the content pack, by its name there."""
        async with read_only(self.engine).connect() as connection:
            return await file_named(connection, name)

    async def everything(self) -> tuple[tuple[Script, ...], Mapping[str, Edit]]:
        """Every script there is, and the edits by their script's id."""
        async with read_only(self.engine).connect() as connection:
            edits = {each.script.id: each for each in await self.edits.all(connection)}
            return await self.library.load(connection), edits

    async def counted(self, script_id: str) -> UseCount | None:
        """What became of it lately; None where it was not shown."""
        async with read_only(self.engine).connect() as connection:
            counts = await self.uses.counts(connection, self.now() - COUNTED, script_id=script_id)
        return next(iter(counts), None)

    async def save(self, script: Script, token: str, *, by: str, why: str = "") -> Sheet:
        """Keep it as a draft; a live script goes on answering as it is, and this becomes its edit.

        token: of the sheet that was changed, "" for a new script.
        """
        draft = replace(script, state="draft")
        async with self.engine.begin() as connection:
            known = await self._sheet(connection, script.id)
            if (known.token if known else "") != token:
                raise Overtaken(script.id)
            await self._keep(connection, known, draft, by=by, why=why)
            kept = await self._sheet(connection, script.id)
        self.wakeups.ring(Wakeups.CONTENT)
        assert kept is not None  # noqa: S101 - it was just written
        return kept

    async def move(self, script_id: str, to: State, token: str, *, by: Actor, why: str = "") -> None:
        """Take the next step; the audit log says who approved. Raises MoveRefused where it is none of `steps`, or the
        answer is still to be written.
        """  # noqa: D205 - one thought
        async with self.engine.begin() as connection:
            sheet = await self._seen(connection, script_id, token)
            if to not in sheet.steps or (to in ("review", "live") and not is_written(sheet.shown.answers)):
                raise MoveRefused(script_id)
            if sheet.edit is None:
                await self.library.move(connection, [script_id], to, at=self.now(), by=by.id, why=why)
            elif to == "live":
                await self._approve(connection, sheet, sheet.edit, by=by.id, why=why)
            else:
                moved = replace(sheet.edit.script, state=to)
                await self.edits.put(
                    connection, moved, sheet.edit.based_on, over=sheet.edit.mark, at=self.now(), by=by.id
                )
            if needs_approval(sheet, to):
                await self.audit.record(connection, Action.APPROVED, by=by, on=f"script:{script_id}")
        self.wakeups.ring(Wakeups.CONTENT)

    async def discard(self, script_id: str, token: str) -> None:
        """Forget the edit; what is live stays."""
        async with self.engine.begin() as connection:
            sheet = await self._seen(connection, script_id, token)
            if sheet.edit is not None:
                await self.edits.drop(connection, script_id, mark=sheet.edit.mark)

    async def restore(self, script_id: str, version: int, token: str, *, by: str, why: str = "") -> Sheet:
        """Make an earlier version the draft. Raises NoSuchVersion."""
        old = next((each for each in await self.history(script_id) if each.version == version), None)
        if old is None:
            raise NoSuchVersion(script_id)
        return await self.save(old.script, token, by=by, why=why)

    async def compare(self, scripts: Sequence[Script]) -> tuple[Changes, Mapping[str, Script]]:
        """What bringing these in would change, and what those that change are now."""
        async with read_only(self.engine).connect() as connection:
            changes = await self.library.diff(connection, scripts)
            known = [await self.library.current(connection, each) for each in changes.changed]
        return changes, {each[0].id: each[0] for each in known if each}

    async def bring_in(self, scripts: Sequence[Script], *, by: Actor, in_force: bool) -> Changes:
        """Take scripts of a file: all or none. in_force: in the state that the file gives, which the audit log calls
        an approval of all of them, else as drafts.
        """  # noqa: D205 - one thought
        async with self.engine.begin() as connection:
            if in_force:
                changes = await self.library.apply(connection, scripts, at=self.now(), by=by.id)
                if changes.added or changes.changed:
                    await self.audit.record(connection, Action.APPROVED, by=by, on="scripts:import")
            else:
                changes = await self.library.diff(connection, scripts)
                touched = {*changes.added, *changes.changed}
                for each in (script for script in scripts if script.id in touched):
                    known = await self._sheet(connection, each.id)
                    await self._keep(connection, known, replace(each, state="draft"), by=by.id, why="")
        self.wakeups.ring(Wakeups.CONTENT)
        return changes

    async def _keep(
        self, connection: AsyncConnection, known: Sheet | None, draft: Script, *, by: str, why: str
    ) -> None:
        at = self.now()
        if known is not None and known.script.state == "live":
            over = known.edit.mark if known.edit else ""
            await self.edits.put(connection, draft, known.version, over=over, at=at, by=by)
        else:
            over_version = known.version if known else 0
            await self.library.save(connection, draft, over=over_version, at=at, by=by, why=why)

    async def _approve(self, connection: AsyncConnection, sheet: Sheet, edit: Edit, *, by: str, why: str) -> None:
        if edit.based_on != sheet.version:  # somebody changed what is live by other means: look at both first
            raise Overtaken(edit.script.id)
        approved = replace(edit.script, state="live")
        await self.library.save(connection, approved, over=sheet.version, at=self.now(), by=by, why=why)
        await self.edits.drop(connection, edit.script.id, mark=edit.mark)

    async def _seen(self, connection: AsyncConnection, script_id: str, token: str) -> Sheet:
        sheet = await self._sheet(connection, script_id)
        if sheet is None or sheet.token != token:
            raise Overtaken(script_id)
        return sheet

    async def _sheet(self, connection: AsyncConnection, script_id: str) -> Sheet | None:
        known = await self.library.current(connection, script_id)
        if known is None:
            return None
        edit = await self.edits.of(connection, script_id)
        return Sheet(known[0], known[1], edit if known[0].state == "live" else None)
