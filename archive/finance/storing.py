"""How does a page of messages become rows: utterances, marks of what was taken back, files to fetch, consent?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import delete, select

from archive.consent.values import ConsentFact, Party, party_of
from archive.finance.inserting import insert_for
from archive.finance.page import Envelope, PutAside
from archive.finance.people import SOURCE, Unreadable
from archive.finance.reading import Heard, read_message

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from archive.entry import Entry
    from archive.finance.tables import FinanceTables
    from archive.record import Archive


RETENTION = timedelta(days=5)  # of the platform (wechat-platform §5.2)


class ConsentLedger(Protocol):
    """Who keeps what people said about being archived; works inside the caller's transaction."""

    async def record(self, connection: AsyncConnection, facts: Sequence[ConsentFact]) -> object:
        """Keep these facts."""
        ...

    async def may_store(self, connection: AsyncConnection, parties: Collection[Party]) -> Collection[Party]:
        """Those of these whose words may be kept."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Understood:
    """What a page says. aside: what turned out to be no message. said_until: when the last of it was said."""

    heard: tuple[Heard, ...]
    aside: tuple[PutAside, ...]
    said_until: datetime | None


@dataclass(frozen=True, slots=True)
class Stored:
    """What was stored of a page, counted. facts: what people said about being archived."""

    counts: Counter[str] = field(default_factory=Counter)
    facts: tuple[ConsentFact, ...] = ()


def understand(account: str, messages: Sequence[tuple[Envelope, bytes]], *, now: datetime) -> Understood:
    """Read every message of a page; pure."""
    heard: list[Heard] = []
    aside: list[PutAside] = []
    for envelope, plain in messages:
        try:
            heard.append(read_message(account, envelope.msgid, plain, now=now))
        except Unreadable:
            aside.append(PutAside(envelope, "unreadable"))
    said = next((each.entry.at for each in reversed(heard) if each.entry is not None), None)
    return Understood(tuple(heard), tuple(aside), said)


class Storing:
    """Writes pages. Works inside the caller's transaction and never commits."""

    def __init__(
        self,
        tables: FinanceTables,
        archive: Archive,
        now: Callable[[], datetime],
        *,
        internal: bool,
        media: bool,
        ledger: ConsentLedger | None,
    ) -> None:
        """internal: keep what members write among themselves. media: fetch files. ledger: who keeps consent."""
        self._tables = tables
        self._archive = archive
        self._now = now
        self._internal = internal
        self._media = media
        self._ledger = ledger

    async def store(self, connection: AsyncConnection, heard: Sequence[Heard]) -> Stored:
        """Store what was heard; storing it again changes nothing."""
        kept = [each for each in heard if each.entry is None or self._internal or not each.internal]
        facts = tuple(each.fact for each in kept if each.fact is not None)
        kept, withheld = await self._ask(connection, kept, facts)
        entries = [each.entry for each in kept if each.entry is not None]
        early = await self._taken_back(connection, [entry.source_id for entry in entries])
        await self._archive.append(
            connection, [replace(entry, recalled=True) if entry.source_id in early else entry for entry in entries]
        )
        await self._take_back(connection, [each.recalls for each in kept if each.recalls])
        await self._note_files(connection, kept)
        return Stored(_counted(heard, kept, entries) + Counter(withheld=withheld), facts)

    async def _ask(
        self, connection: AsyncConnection, heard: Sequence[Heard], facts: Sequence[ConsentFact]
    ) -> tuple[list[Heard], int]:
        """What may be kept, and of the rest that there was something; how many those are."""
        if self._ledger is None:
            return list(heard), 0
        await self._ledger.record(connection, facts)
        parties = {party_of(each.entry) for each in heard if each.entry is not None and not each.internal}
        allowed = await self._ledger.may_store(connection, parties) if parties else ()
        kept = [
            each
            if each.entry is None or each.internal or party_of(each.entry) in allowed
            else _tombstone(each, each.entry)
            for each in heard
        ]
        return kept, sum(new is not old for new, old in zip(kept, heard, strict=True))

    async def forget_recalls(self, connection: AsyncConnection) -> None:
        """Of a message that did not come within the platform's retention nothing comes any more."""
        recalls = self._tables.recalls
        await connection.execute(delete(recalls).where(recalls.c.at < self._now() - RETENTION))

    async def _taken_back(self, connection: AsyncConnection, msgids: Sequence[str]) -> set[str]:
        """Which of these were taken back before they came."""
        recalls = self._tables.recalls
        found = await connection.execute(select(recalls.c.msgid).where(recalls.c.msgid.in_(msgids)))
        early = {row.msgid for row in found}
        if early:
            await connection.execute(delete(recalls).where(recalls.c.msgid.in_(early)))
        return early

    async def _take_back(self, connection: AsyncConnection, msgids: Sequence[str]) -> None:
        now, known = self._now(), await self._archive.recall(connection, SOURCE, msgids)
        unknown = [{"msgid": msgid, "at": now} for msgid in dict.fromkeys(msgids) if msgid not in known]
        await self._add(connection, unknown)

    async def _add(self, connection: AsyncConnection, rows: list[dict[str, object]]) -> None:
        if rows:
            await connection.execute(insert_for(connection, self._tables.recalls).on_conflict_do_nothing(), rows)

    async def _note_files(self, connection: AsyncConnection, heard: Sequence[Heard]) -> None:
        if not self._media:
            return
        now = self._now()
        rows = [row for each in heard if each.entry is not None for row in _file_rows(each, each.entry, now)]
        if rows:
            await connection.execute(insert_for(connection, self._tables.media).on_conflict_do_nothing(), rows)


def _tombstone(heard: Heard, entry: Entry) -> Heard:
    """That something was said, by whom and when, and nothing of what."""
    return replace(heard, entry=replace(entry, text="", body={}), files=())


def _file_rows(heard: Heard, entry: Entry, now: datetime) -> list[dict[str, object]]:
    return [
        {
            "account": entry.account,
            "customer": entry.customer,
            "room": entry.room,
            "msgid": entry.source_id,
            "part": each.part,
            "kind": each.kind,
            "file_id": each.file_id,
            "md5": each.md5[:64],
            "size": each.size,
            "state": "pending",
            "ready_at": now,
        }
        for each in heard.files
    ]


def _counted(heard: Sequence[Heard], kept: Sequence[Heard], stored: Sequence[Entry]) -> Counter[str]:
    """By kind of outcome; the names are those of the metric."""
    counts: Counter[str] = Counter()
    counts["stored"] = len(stored)
    counts["recalls"] = sum(bool(each.recalls) for each in heard)
    counts["internal"] = len(heard) - len(kept)
    counts["unknown"] = sum(entry.kind == "unknown" for entry in stored)
    return counts
