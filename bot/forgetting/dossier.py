"""What do we know of a person? All of it, readable, for her who asks (PIPL Art 45): said, derived, and done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Row, Table, or_, select

from archive import Archive, ArchiveTables, Entry
from archive.analysis import Results
from archive.consent import Consents, Serving, Target
from bot.forgetting.people import Person
from bot.forgetting.words import addresses_of, closed_talks
from bot.store.tables import addresses, conversations, customers, inbox, media, outbox, sent_files, turns
from bot.store.uses import script_uses
from handoff import Tables

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

READ_AT_ONCE: Final = 500
_OURS: Final = frozenset({"lease_token", "lease_until", "sealed", "key_id"})  # machinery, says nothing of her


@dataclass(frozen=True, slots=True)
class Dossier:
    """Gathers. Reads only."""

    tables: ArchiveTables
    handoff: Tables
    archive: Archive
    consents: Consents

    async def of(self, connection: AsyncConnection, person: Person) -> dict[str, object]:
        """Everything about a person, by the names under which she is known. Plain JSON values."""
        ids = await connection.scalars(
            select(customers.c.person_id).where(
                or_(*((customers.c.account == a) & (customers.c.customer == c) for a, c in person.names)),
                customers.c.person_id.is_not(None),
            )
        )
        return {
            "person_id": next(iter(ids), None),
            "known_as": [await self._known_as(connection, account, customer) for account, customer in person.names],
        }

    async def _known_as(self, connection: AsyncConnection, account: str, customer: str) -> dict[str, object]:
        target = Target("", account, customer)
        talks = closed_talks(target, Serving())  # all of them
        where = addresses_of(target)
        t = self.handoff
        tickets = select(t.tickets.c.id).where(*_hers(t.tickets, target))
        return {
            "account": account,
            "customer": customer,
            "profile": await _rows(connection, customers, *_hers(customers, target)),
            "consents": [_plain(each) for each in await self._consents(connection, target)],
            "said": await self._said(connection, target),
            "messages": await _rows(connection, inbox, inbox.c.address_id.in_(where)),
            "media": await self._media(connection, target),
            "sends": await _rows(
                connection, outbox, or_(outbox.c.address_id.in_(where), outbox.c.conversation_id.in_(talks))
            ),
            "sent_files": await _sent_files(connection, target),
            "addresses": await _rows(connection, addresses, *_hers(addresses, target)),
            "conversations": await _rows(connection, conversations, conversations.c.id.in_(talks)),
            "turns": await _rows(
                connection,
                turns,
                or_(
                    turns.c.conversation_id.in_(talks),
                    turns.c.inbox_id.in_(select(inbox.c.id).where(inbox.c.address_id.in_(where))),
                ),
            ),
            "script_uses": await _rows(connection, script_uses, script_uses.c.conversation_id.in_(talks)),
            "tickets": await _rows(connection, t.tickets, t.tickets.c.id.in_(tickets)),
            "ticket_events": await _rows(connection, t.ticket_events, t.ticket_events.c.ticket_id.in_(tickets)),
            "ticket_mentions": await _rows(connection, t.ticket_mentions, t.ticket_mentions.c.ticket_id.in_(tickets)),
            "ticket_notes": await _rows(connection, t.ticket_notes, t.ticket_notes.c.ticket_id.in_(tickets)),
            "ticket_attachments": await _rows(
                connection, t.ticket_attachments, t.ticket_attachments.c.ticket_id.in_(tickets)
            ),
            "ratings": await _rows(connection, t.ratings, t.ratings.c.ticket_id.in_(tickets)),
            "sessions": await _of(connection, self.tables.analysis.sessions, target),
            "findings": await _of(connection, self.tables.analysis.findings, target),
            "reviews": await _of(connection, self.tables.reviews.reviews, target),
            "tags": await _of(connection, self.tables.tags.tags, target),
            "tag_history": await _of(connection, self.tables.tags.history, target),
            "files": await _of(connection, self.tables.finance.media, target),
            "purges": [_plain(each) for each in await self._purges(connection, target)],
        }

    async def _consents(self, connection: AsyncConnection, target: Target) -> list[dict[str, object]]:
        return [
            {
                "counterpart": each.counterpart, "status": each.status.value, "changed_at": each.changed_at,
                "source": each.source, "recorded_at": each.recorded_at,
            }
            for each in await self.consents.history(connection, target.account, target.customer)
        ]  # fmt: skip

    async def _purges(self, connection: AsyncConnection, target: Target) -> list[dict[str, object]]:
        digest = await self.consents.known_digest(connection, target.account, target.customer)
        return [
            {
                "why": each.why, "state": each.state, "counts": dict(each.counts), "opened_at": each.opened_at,
                "done_at": each.done_at,
            }
            for each in (await self.consents.purges.of(connection, digest) if digest else ())
        ]  # fmt: skip

    async def _said(self, connection: AsyncConnection, target: Target) -> list[dict[str, object]]:
        """The transcript, with what each analyzer made of it."""
        e, r = self.tables.entries, self.tables.analysis.results
        ids = list(await connection.scalars(select(e.c.id).where(*_hers(e, target)).order_by(e.c.id)))
        names = list(await connection.scalars(select(r.c.analyzer).distinct()))
        results, found = Results(r, self.archive), []
        for start in range(0, len(ids), READ_AT_ONCE):
            some = ids[start : start + READ_AT_ONCE]
            marks = await results.of(connection, some, names)
            for entry in await self.archive.entries(connection, some):
                derived = {
                    name: {"score": mark.score, "label": mark.label, "detail": dict(mark.detail)}
                    for name in names
                    if (mark := marks.get((entry.id or 0, name))) is not None
                }
                found.append({**_entry(entry), "derived": derived})
        return sorted(found, key=lambda each: str(each["at"]))

    async def _media(self, connection: AsyncConnection, target: Target) -> list[dict[str, object]]:
        bodies = await connection.scalars(select(inbox.c.body).where(inbox.c.address_id.in_(addresses_of(target))))
        ids = [
            str(each["media_id"])
            for body in bodies
            for each in (body or {}).get("media") or ()
            if isinstance(each, Mapping)
        ]
        return await _rows(connection, media, media.c.account == target.account, media.c.media_id.in_(ids))


def _entry(entry: Entry) -> dict[str, object]:
    return {
        "at": entry.at.isoformat(), "source": entry.source, "voice": entry.voice.value, "who": entry.who,
        "room": entry.room, "kind": entry.kind, "text": entry.text, "body": dict(entry.body),
        "recalled": entry.recalled,
    }  # fmt: skip


def _hers(table: Table, target: Target) -> Sequence[ColumnElement[bool]]:
    return table.c.account == target.account, table.c.customer == target.customer


async def _sent_files(connection: AsyncConnection, target: Target) -> list[dict[str, object]]:
    """What colleagues sent her, without its bytes."""
    f = sent_files.c
    query = select(f.id, f.kind, f.name, f.content_type, f.digest, f.created_at).where(*_hers(sent_files, target))
    return [_plain(dict(row._mapping)) for row in await connection.execute(query.order_by(f.id))]  # noqa: SLF001 - SQLAlchemy's public name


async def _of(connection: AsyncConnection, table: Table, target: Target) -> list[dict[str, object]]:
    return await _rows(connection, table, *_hers(table, target))


async def _rows(connection: AsyncConnection, table: Table, *where: ColumnElement[bool]) -> list[dict[str, object]]:
    rows: Sequence[Row[Any]] = (
        await connection.execute(select(table).where(*where).order_by(*table.primary_key))
    ).all()
    return [_plain(dict(row._mapping)) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name


def _plain(row: Mapping[str, object]) -> dict[str, object]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
        if name not in _OURS
    }
