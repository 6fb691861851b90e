"""Which pictures, voices, videos and files of the customer belong to a ticket? Those of its conversation, each once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive import Archive, Entry, Voice
from bot.domain import MediaRef
from bot.store.views import Claimed
from handoff import Desk

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

CUSTOMER = "customer"  # who attached it, in the ticket's history


@dataclass(frozen=True, slots=True)
class TicketMedia:
    """Attaches what the customer sent, by the media id of the platform; what is attached already stays so."""

    desk: Desk
    archive: Archive

    async def attach_before(self, connection: AsyncConnection, ticket_id: int, conversation_id: int) -> None:
        """Attach what she sent in the conversation before it came to the ticket."""
        await self._attach(connection, ticket_id, _said(await self.archive.transcript(connection, conversation_id)))

    async def attach_now(self, connection: AsyncConnection, ticket_id: int, claimed: Claimed) -> None:
        """Attach what comes with the claimed messages, which no transcript holds yet."""
        await self._attach(connection, ticket_id, media_of(claimed))

    async def _attach(self, connection: AsyncConnection, ticket_id: int, media: Iterable[tuple[str, str]]) -> None:
        for kind, media_id in media:
            await self.desk.attach(connection, ticket_id, by=CUSTOMER, kind=kind, reference=media_id)


def media_of(claimed: Claimed) -> tuple[tuple[str, str], ...]:
    """(kind, media id) of what comes with the claimed messages."""
    messages = (*(each.message for each in claimed.earlier), claimed.message)
    return tuple(_pair(ref) for message in messages for ref in message.media)


def _said(entries: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """(kind, media id) of all that the customer sent and did not recall, in order."""
    for entry in entries:
        found = entry.body.get("media")
        if entry.voice is Voice.CUSTOMER and not entry.recalled and isinstance(found, list):
            yield from ((str(ref["kind"]), str(ref["media_id"])) for ref in found if isinstance(ref, Mapping))


def _pair(ref: MediaRef) -> tuple[str, str]:
    return ref.kind, ref.media_id
