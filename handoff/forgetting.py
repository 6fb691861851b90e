"""What do tickets know of a customer, and how is it forgotten while they still count?

Columns that speak of her are emptied, in the row and in the history alike, so that replaying the history still gives
the row; free words, hers or a colleague's, go. When, how long, by whom and how it ended stay.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, null, select, update

from handoff.replay import SET

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from handoff.tables import Tables

# What events say besides the columns they set, and that is no free text.
_STAYS: Final = frozenset(
    {"note", "attachment", "other", "as", "offer", "agent", "supervisors", "outcome", "previous", "into"}
)


async def forget_tickets(
    connection: AsyncConnection,
    tables: Tables,
    account: str,
    customer: str,
    *,
    spared: Collection[int],
    pseudonym: str,
    limit: int,
) -> Mapping[str, int]:
    """Forget her in up to `limit` of her tickets; how many of each kind, nothing where none is left.

    spared: conversations that are still served. pseudonym: what stands in the place of her id.
    """
    t, events = tables.tickets, tables.ticket_events
    hers = select(t.c.id).where(t.c.account == account, t.c.customer == customer).order_by(t.c.id).limit(limit)
    if spared:
        hers = hers.where(t.c.conversation_id.not_in(spared))
    ids = list(await connection.scalars(hers.with_for_update()))
    if not ids:
        return {}
    blank: dict[str, object] = {
        "customer": pseudonym,
        "summary": {},
        "facts": None,
        "card": None,
        "source": "",
        "region": "",
    }
    row = {name: null() if value is None else value for name, value in blank.items()}
    await connection.execute(update(t).where(t.c.id.in_(ids)).values(row))
    gone = {"tickets": len(ids)}
    hanging = {
        "notes": tables.ticket_notes,
        "mentions": tables.ticket_mentions,
        "attachments": tables.ticket_attachments,
    }
    for name, table in hanging.items():
        gone[name] = (await connection.execute(delete(table).where(table.c.ticket_id.in_(ids)))).rowcount
    kept = await connection.execute(select(events.c.id, events.c.detail).where(events.c.ticket_id.in_(ids)))
    rows = [{"event": event.id, "new": _forgotten(event.detail, blank)} for event in kept]
    if rows:
        change = update(events).where(events.c.id == bindparam("event"))
        await connection.execute(change.values(detail=bindparam("new", type_=events.c.detail.type)), rows)
    return gone


def _forgotten(detail: Mapping[str, object], blank: Mapping[str, object]) -> dict[str, object]:
    changed = detail.get(SET)
    columns = changed if isinstance(changed, Mapping) else {}
    kept = {name: value for name, value in detail.items() if name in _STAYS}
    return {**kept, SET: {name: blank.get(str(name), value) for name, value in columns.items()}}
