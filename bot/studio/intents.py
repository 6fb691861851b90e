"""How does an operator read and change the examples of intents, without losing anything their files say?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.access import Action, Actor, Audit
from bot.content.applying import ContentStore
from bot.content.problems import PackBroken
from bot.content.stored import read_stored
from bot.store.content_drafts import FileDraft, drop_draft, file_drafts, put_draft
from bot.store.engine import read_only
from bot.studio.intent_files import IntentFiles, NotTaken
from bot.wakeups import Wakeups

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


@dataclass(frozen=True, slots=True)
class IntentRow:
    """One intent. files: that hold it. added, removed: what the drafts change."""

    name: str
    files: tuple[str, ...]
    examples: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IntentBook:
    """Every intent as drafted, and the drafts it is made of."""

    intents: tuple[IntentRow, ...]
    drafts: tuple[FileDraft, ...]

    def named(self, name: str) -> IntentRow | None:
        """The intent of this name."""
        return next((each for each in self.intents if each.name == name), None)


@dataclass(frozen=True, slots=True)
class Intents:
    """Reads the content's intents and changes them as drafts; `publish` makes the drafts the content's next version.

    A command raises NotTaken where it cannot be done, DraftOvertaken where somebody else was there meanwhile.
    """

    engine: AsyncEngine
    content: ContentStore
    audit: Audit
    wakeups: Wakeups
    now: Callable[[], datetime]

    async def book(self) -> IntentBook:
        """All of it."""
        async with read_only(self.engine).connect() as connection:
            files, drafts = await self._files(connection)
        return await asyncio.to_thread(_book, files, drafts)

    async def add(self, intent: str, texts: Sequence[str], *, by: str) -> None:
        """Add examples to an intent, a new one where there is none of the name."""
        await self._change(lambda files: files.added(intent, texts), by=by)

    async def remove(self, intent: str, text: str, *, by: str) -> None:
        """Remove one example."""
        await self._change(lambda files: files.removed(intent, text), by=by)

    async def move(self, intent: str, text: str, to: str, *, by: str) -> None:
        """Bring one example, with its marks, to another intent."""
        await self._change(lambda files: files.moved(intent, text, to), by=by)

    async def publish(self, *, by: Actor) -> None:
        """Make the drafts what is answered from; workers learn it beside their answering."""
        async with self.engine.begin() as connection:
            files, drafts = await self._files(connection)
            try:
                await asyncio.to_thread(read_stored, {**files, **_texts(drafts)})
            except PackBroken as error:
                raise NotTaken("unreadable") from error
            versions = await self.content.versions(connection)
            if any(draft.based_on != versions.get(name, 0) for name, draft in drafts.items()):
                raise NotTaken("overtaken")
            for name, draft in drafts.items():
                await self.content.write(connection, name, draft.text, at=self.now(), by=by.id)
                await drop_draft(connection, name)
            await self.audit.record(connection, Action.PUBLISHED, by=by, on="intents")
        self.wakeups.ring(Wakeups.CONTENT)

    async def discard(self) -> None:
        """Forget all drafts of intents."""
        async with self.engine.begin() as connection:
            _, drafts = await self._files(connection)
            for name in drafts:
                await drop_draft(connection, name)

    async def _change(self, change: Callable[[IntentFiles], Mapping[str, str]], *, by: str) -> None:
        async with self.engine.begin() as connection:
            files, drafts = await self._files(connection)
            texts = {**files, **_texts(drafts)}
            changed = await asyncio.to_thread(lambda: change(IntentFiles.of(texts)))
            versions = await self.content.versions(connection)
            for name, text in changed.items():
                based_on = drafts[name].based_on if name in drafts else versions.get(name, 0)
                over = drafts[name].mark if name in drafts else ""
                await put_draft(connection, name, text, based_on, over=over, at=self.now(), by=by)

    async def _files(self, connection: AsyncConnection) -> tuple[Mapping[str, str], Mapping[str, FileDraft]]:
        return await self.content.files(connection), await file_drafts(connection)


def _book(files: Mapping[str, str], drafts: Mapping[str, FileDraft]) -> IntentBook:
    before = _by_intent(IntentFiles.of(files))
    now = _by_intent(IntentFiles.of({**files, **_texts(drafts)}))
    rows = tuple(_row(name, before.get(name, {}), now.get(name, {})) for name in sorted({*before, *now}))
    return IntentBook(rows, tuple(drafts.values()))


def _row(name: str, before: Mapping[str, str], now: Mapping[str, str]) -> IntentRow:
    return IntentRow(
        name,
        tuple(sorted({*now.values()})),
        tuple(now),
        tuple(each for each in now if each not in before),
        tuple(each for each in before if each not in now),
    )


def _by_intent(files: IntentFiles) -> dict[str, dict[str, str]]:
    """Intent → example → its file."""
    found: dict[str, dict[str, str]] = {}
    for name, each in files.examples():
        found.setdefault(each.intent, {})[each.text] = name
    return found


def _texts(drafts: Mapping[str, FileDraft]) -> dict[str, str]:
    return {name: each.text for name, each in drafts.items()}
