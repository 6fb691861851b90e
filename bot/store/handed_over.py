"""What had customers written when they were handed over? The words that rules are tried on again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bot.store.tables import inbox, turns
from handoff import RoutedTicket

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


async def with_words(
    connection: AsyncConnection, tickets: Sequence[RoutedTicket], since: datetime, *, read: Callable[[str], str]
) -> tuple[RoutedTicket, ...]:
    """The tickets with the words of the turn that opened each; without one as they are.

    read: how a message's text is read before the router sees it.
    """
    spoken = await _spoken(connection, since, read)
    return tuple(_told(each, spoken.get(each.conversation_id, {})) for each in tickets)


def _told(ticket: RoutedTicket, spoken: Mapping[datetime, str]) -> RoutedTicket:
    if ticket.facts is None or not spoken:
        return ticket
    at = min(spoken, key=lambda moment: abs(moment - ticket.opened_at))  # both were written in one transaction
    return replace(ticket, facts=replace(ticket.facts, text=spoken[at]))


async def _spoken(
    connection: AsyncConnection, since: datetime, read_text: Callable[[str], str]
) -> Mapping[int, Mapping[datetime, str]]:
    """Conversation → moment of a hand-over → all messages that were read for it, in order."""
    read = turns.alias("read")  # the turn itself, and those of the same thought
    rows = await connection.execute(
        select(turns.c.conversation_id, turns.c.created_at, inbox.c.body)
        .join(read, func.coalesce(read.c.joined_into, read.c.id) == turns.c.id)
        .join(inbox, inbox.c.id == read.c.inbox_id)
        .where(turns.c.decision == "handed_over", turns.c.created_at >= since)
        .order_by(inbox.c.sent_at, inbox.c.id)
    )
    texts: dict[int, dict[datetime, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        texts[row.conversation_id][row.created_at].append(read_text(str(row.body.get("text", ""))))
    return {of: {at: " ".join(said) for at, said in moments.items()} for of, moments in texts.items()}
