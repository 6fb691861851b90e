"""What do we know of a customer's message beside its analysis? What was wanted, what answered it, whence she came."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, select

from archive.tagging import Context, Spoken
from bot.store.tables import conversations, inbox, turns
from bot.store.turns import received

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

ANSWERED: Final = "answered"
SURE: Final = 0.5  # below it an intent is only a guess, as for small talk (bot.mind)
AT_ONCE: Final = 5_000  # parameters a statement


async def context_of(
    connection: AsyncConnection, said: Sequence[Spoken], *, topics_of: Callable[[str], tuple[str, ...]]
) -> Mapping[int, Context]:
    """What is known of these messages, by entry id. topics_of: under what a script is filed, () where it is gone."""
    scenes = await _scenes(connection, sorted({each.conversation_id for each in said if each.conversation_id}))
    ours = [each for each in said if each.source == received(each.account)]
    rows: dict[tuple[str, str], Any] = {}
    for start in range(0, len(ours), AT_ONCE):
        rows |= await _turns(connection, ours[start : start + AT_ONCE])
    found: dict[int, Context] = {}
    for each in said:
        row = rows.get((each.account, each.source_id))
        source = scenes.get(each.conversation_id or 0, "")
        if row is not None or source:
            found[each.entry_id] = Context(_intent(row), _topics(row, topics_of), source)
    return found


async def _turns(connection: AsyncConnection, said: Sequence[Spoken]) -> dict[tuple[str, str], Any]:
    """The turn of each message, by account and the platform's id of the message."""
    accounts: dict[str, list[str]] = {}
    for each in said:
        accounts.setdefault(each.account, []).append(each.source_id)
    found: dict[tuple[str, str], Any] = {}
    for account, ids in accounts.items():
        query = (
            select(inbox.c.message_id, turns.c.decision, turns.c.reason, turns.c.explanation)
            .join(turns, turns.c.inbox_id == inbox.c.id)
            .where(and_(inbox.c.account == account, inbox.c.message_id.in_(ids)))
        )
        found |= {(account, row.message_id): row for row in await connection.execute(query)}
    return found


async def _scenes(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        query = select(conversations.c.id, conversations.c.scene).where(conversations.c.id.in_(some))
        found |= {row.id: row.scene for row in await connection.execute(query) if row.scene}
    return found


def _intent(row: Any) -> str:
    told = row.explanation if row is not None and isinstance(row.explanation, Mapping) else {}
    confidence = told.get("confidence")
    sure = isinstance(confidence, int | float) and confidence >= SURE
    return str(told.get("intent") or "") if sure else ""


def _topics(row: Any, topics_of: Callable[[str], tuple[str, ...]]) -> frozenset[str]:
    """What answered it is filed under these; the reason of an answer names its scripts."""
    if row is None or row.decision != ANSWERED:
        return frozenset()
    return frozenset(topic for script in str(row.reason).split() for topic in topics_of(script))
