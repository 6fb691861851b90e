"""What did the bot keep of what a customer said and was told, and how is a batch of it removed?

Rows that are counted stay, empty: a message that came, a turn that was decided. What is only a copy goes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, literal, null, or_, select, update

from archive.consent import PurgeStep, Serving, Target
from bot.store.tables import addresses, conversations, inbox, media, outbox, sent_files, turns
from bot.store.uses import script_uses

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

GONE = "purged:"  # what stands in the place of an id of hers begins so; no platform's id has a colon
_UNDER_WAY = ("pending", "inline")


@dataclass(frozen=True, slots=True)
class Words:
    """Removes copies of what was said."""

    def steps(self) -> tuple[PurgeStep, ...]:
        """In order: what points at others first."""
        return (
            PurgeStep(_uses), PurgeStep(_sends), PurgeStep(_sent_files), PurgeStep(_explanations),
            PurgeStep(self._messages),
        )  # fmt: skip

    async def _messages(
        self, connection: AsyncConnection, target: Target, serving: Serving, limit: int
    ) -> Mapping[str, int]:
        """Bodies and media. The row stays, for its turn: exactly one turn a message."""
        served = select(turns.c.inbox_id).where(
            turns.c.conversation_id.in_(serving.conversations), turns.c.inbox_id.is_not(None)
        )
        query = (
            select(inbox.c.id, inbox.c.account, inbox.c.body)
            .where(
                inbox.c.address_id.in_(addresses_of(target)),
                inbox.c.state != "pending",
                inbox.c.message_id.not_like(f"{GONE}%"),
            )
            .order_by(inbox.c.id)
            .limit(limit)
        )
        rows = (
            await connection.execute(query.where(inbox.c.id.not_in(served)) if serving.conversations else query)
        ).all()
        if not rows:
            return {}
        files = await self._media(connection, target.account, [each for row in rows for each in _media_ids(row.body)])
        blank = (
            update(inbox)
            .where(inbox.c.id == bindparam("row"))
            .values(body={}, error=null(), message_id=bindparam("gone"))
        )
        await connection.execute(blank, [{"row": row.id, "gone": f"{GONE}{row.id}"} for row in rows])
        return {"messages": len(rows), "media": files}

    async def _media(self, connection: AsyncConnection, account: str, media_ids: Sequence[str]) -> int:
        """From the disk first: a row that is left tells where to go on."""
        if not media_ids:
            return 0
        which = (media.c.account == account, media.c.media_id.in_(media_ids))
        rows = (await connection.execute(select(media.c.path).where(*which))).all()
        paths = [Path(row.path) for row in rows if row.path]
        await asyncio.to_thread(_unlink, paths)
        await connection.execute(delete(media).where(*which))
        return len(rows)


async def _uses(connection: AsyncConnection, target: Target, serving: Serving, limit: int) -> Mapping[str, int]:
    """Also what drafts of scripts and the search's judgements are made of."""
    some = select(script_uses.c.id).where(script_uses.c.conversation_id.in_(closed_talks(target, serving))).limit(limit)
    gone = await connection.execute(delete(script_uses).where(script_uses.c.id.in_(some)))
    return {"script_uses": gone.rowcount}


async def _sends(connection: AsyncConnection, target: Target, serving: Serving, limit: int) -> Mapping[str, int]:
    hers = or_(
        outbox.c.address_id.in_(addresses_of(target)),
        outbox.c.conversation_id.in_(closed_talks(target, serving)),  # cards about her go to colleagues
    )
    some = (
        select(outbox.c.id)
        .where(hers, outbox.c.state.not_in(_UNDER_WAY), _not_served(serving))
        .order_by(outbox.c.id)
        .limit(limit)
    )
    gone = await connection.execute(delete(outbox).where(outbox.c.id.in_(some)))
    return {"sends": gone.rowcount}


async def _sent_files(connection: AsyncConnection, target: Target, serving: Serving, limit: int) -> Mapping[str, int]:
    """What colleagues sent her; while somebody serves her it may still be on its way."""
    if not serving.is_over:
        return {}
    f = sent_files.c
    some = select(f.id).where(f.account == target.account, f.customer == target.customer).limit(limit)
    gone = await connection.execute(delete(sent_files).where(f.id.in_(some)))
    return {"sent_files": gone.rowcount}


async def _explanations(connection: AsyncConnection, target: Target, serving: Serving, limit: int) -> Mapping[str, int]:
    messages = select(inbox.c.id).where(inbox.c.address_id.in_(addresses_of(target)))
    loose = turns.c.conversation_id.is_(None) & turns.c.inbox_id.in_(messages)
    some = (
        select(turns.c.id)
        .where(
            or_(turns.c.conversation_id.in_(closed_talks(target, serving)), loose),
            turns.c.explanation.is_not(null()),
        )
        .limit(limit)
    )
    emptied = await connection.execute(update(turns).where(turns.c.id.in_(some)).values(explanation=null()))
    return {"explanations": emptied.rowcount}


def addresses_of(target: Target) -> Select[tuple[int]]:
    """Ids of her addresses."""
    return select(addresses.c.id).where(addresses.c.account == target.account, addresses.c.customer == target.customer)


def closed_talks(target: Target, serving: Serving) -> Select[tuple[int]]:
    """Ids of her conversations that are over."""
    query = select(conversations.c.id).where(conversations.c.address_id.in_(addresses_of(target)))
    return query.where(conversations.c.id.not_in(serving.conversations)) if serving.conversations else query


def _not_served(serving: Serving) -> ColumnElement[bool]:
    if not serving.conversations:
        return literal(value=True)
    return or_(outbox.c.conversation_id.is_(None), outbox.c.conversation_id.not_in(serving.conversations))


def _media_ids(body: Mapping[str, Any]) -> list[str]:
    return [str(each["media_id"]) for each in body.get("media") or () if isinstance(each, Mapping)]


def _unlink(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
