"""How does an operator read and change the examples of intents, without losing anything their files say?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.content.applying import ContentStore
from bot.content.pack import INTENTS_FOLDER
from bot.content.problems import PackBroken
from bot.content.stored import read_stored
from bot.store.content_drafts import FileDraft, drop_draft, file_drafts, put_draft
from bot.store.engine import read_only
from bot.wakeups import Wakeups
from nlu import Example, NluDocument, NotWritable, TrainingDataError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

NEW_FILE = f"{INTENTS_FOLDER}/console.yml"  # where an intent goes that no file has


@dataclass(frozen=True, slots=True)
class IntentRow:
    """One intent. file: that holds it. added, removed: what the draft changes."""

    name: str
    file: str
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


class NotTaken(Exception):  # noqa: N818 - reads as the fact it is
    """An example cannot be taken. reason: twice | unwritable | unknown | unreadable | overtaken."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Intents:
    """Reads the content's intents and changes them as drafts; `publish` makes the drafts the content's next version."""

    engine: AsyncEngine
    content: ContentStore
    wakeups: Wakeups
    now: Callable[[], datetime]

    async def book(self) -> IntentBook:
        """All of it."""
        async with read_only(self.engine).connect() as connection:
            files, drafts = await self._files(connection)
        return await asyncio.to_thread(_book, files, drafts)

    async def add(self, intent: str, texts: Sequence[str], *, by: str) -> None:
        """Add examples to an intent, a new one where there is none of the name. Raises NotTaken."""
        async with self.engine.begin() as connection:
            files, drafts = await self._files(connection)
            known = {each.text for each in _examples(files, drafts)}
            if known & set(texts) or len(set(texts)) != len(texts):
                raise NotTaken("twice")
            name = _file_of(intent, files, drafts)
            await self._change(connection, name, files, drafts, lambda each: _with(each, intent, texts), by=by)

    async def remove(self, intent: str, text: str, *, by: str) -> None:
        """Remove one example. Raises NotTaken."""
        async with self.engine.begin() as connection:
            files, drafts = await self._files(connection)
            name = _file_with(intent, text, files, drafts)
            await self._change(
                connection, name, files, drafts, lambda each: each.without_examples(intent, {text}), by=by
            )

    async def move(self, intent: str, text: str, to: str, *, by: str) -> None:
        """Bring one example, with its marks, to another intent. Raises NotTaken."""
        async with self.engine.begin() as connection:
            files, drafts = await self._files(connection)
            source = _file_with(intent, text, files, drafts)
            found = next(each for each in _parsed(source, files, drafts).data.examples if each.text == text)
            moved = Example(found.text, to, found.entities, found.metadata)
            await self._change(
                connection, source, files, drafts, lambda each: each.without_examples(intent, {text}), by=by
            )
            files, drafts = await self._files(connection)
            target = _file_of(to, files, drafts)
            await self._change(connection, target, files, drafts, lambda each: each.with_examples(to, [moved]), by=by)

    async def publish(self, *, by: str) -> None:
        """Make the drafts what is answered from; workers learn it beside their answering. Raises NotTaken."""
        async with self.engine.begin() as connection:
            files, drafts = await self._files(connection)
            try:
                await asyncio.to_thread(read_stored, {**files, **{name: each.text for name, each in drafts.items()}})
            except PackBroken as error:
                raise NotTaken("unreadable") from error
            versions = await self.content.versions(connection)
            if any(draft.based_on != versions.get(name, 0) for name, draft in drafts.items()):
                raise NotTaken("overtaken")
            for name, draft in drafts.items():
                await self.content.write(connection, name, draft.text, at=self.now(), by=by)
                await drop_draft(connection, name)
        self.wakeups.ring(Wakeups.CONTENT)

    async def discard(self) -> None:
        """Forget all drafts of intents."""
        async with self.engine.begin() as connection:
            _, drafts = await self._files(connection)
            for name in drafts:
                await drop_draft(connection, name)

    async def _files(self, connection: AsyncConnection) -> tuple[Mapping[str, str], Mapping[str, FileDraft]]:
        return await self.content.files(connection), await file_drafts(connection)

    async def _change(
        self,
        connection: AsyncConnection,
        name: str,
        files: Mapping[str, str],
        drafts: Mapping[str, FileDraft],
        change: Callable[[NluDocument], NluDocument],
        *,
        by: str,
    ) -> None:
        try:
            changed = change(_parsed(name, files, drafts))
            _ = changed.data  # what cannot be read again is not kept
        except NotWritable as error:
            raise NotTaken("unwritable") from error
        except TrainingDataError as error:
            raise NotTaken("unreadable") from error
        over = drafts[name].mark if name in drafts else ""
        versions = await self.content.versions(connection)
        based_on = drafts[name].based_on if name in drafts else versions.get(name, 0)
        await put_draft(connection, name, changed.text, based_on, over=over, at=self.now(), by=by)


def _book(files: Mapping[str, str], drafts: Mapping[str, FileDraft]) -> IntentBook:
    before = _by_intent(files, {})
    now = _by_intent(files, drafts)
    homes = {each: name for name in _names(files, drafts) for each in _parsed(name, files, drafts).data.intents}
    rows = tuple(
        IntentRow(
            name,
            homes.get(name, ""),
            now.get(name, ()),
            tuple(each for each in now.get(name, ()) if each not in before.get(name, ())),
            tuple(each for each in before.get(name, ()) if each not in now.get(name, ())),
        )
        for name in sorted({*before, *now})
    )
    return IntentBook(rows, tuple(drafts.values()))


def _by_intent(files: Mapping[str, str], drafts: Mapping[str, FileDraft]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for each in _examples(files, drafts):
        found.setdefault(each.intent, {})[each.text] = None
    return {name: tuple(texts) for name, texts in found.items()}


def _examples(files: Mapping[str, str], drafts: Mapping[str, FileDraft]) -> list[Example]:
    return [each for name in _names(files, drafts) for each in _parsed(name, files, drafts).data.examples]


def _names(files: Mapping[str, str], drafts: Mapping[str, FileDraft]) -> list[str]:
    return sorted(name for name in {*files, *drafts} if name.startswith(f"{INTENTS_FOLDER}/") and _is_yaml(name))


def _is_yaml(name: str) -> bool:
    return name.endswith((".yml", ".yaml"))


def _parsed(name: str, files: Mapping[str, str], drafts: Mapping[str, FileDraft]) -> NluDocument:
    text = drafts[name].text if name in drafts else files.get(name, "")
    return NluDocument(Path(name), text or 'version: "3.1"\nnlu: []\n')


def _file_of(intent: str, files: Mapping[str, str], drafts: Mapping[str, FileDraft]) -> str:
    having = (name for name in _names(files, drafts) if intent in _parsed(name, files, drafts).data.intents)
    return next(having, NEW_FILE)


def _file_with(intent: str, text: str, files: Mapping[str, str], drafts: Mapping[str, FileDraft]) -> str:
    for name in _names(files, drafts):
        examples = _parsed(name, files, drafts).data.examples
        if any((each.intent, each.text) == (intent, text) for each in examples):
            return name
    raise NotTaken("unknown")


def _with(document: NluDocument, intent: str, texts: Sequence[str]) -> NluDocument:
    return document.with_examples(intent, [Example(text, intent) for text in texts])
