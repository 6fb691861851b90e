"""What did customers teach us since then? Their votes on scripts, and the questions nothing answered."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select

from bot.learning import InVain, UseKind, Vote, judgements
from bot.store.tables import conversations
from bot.store.uses import asked_texts, script_uses

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from knowledge_base import Judged

MOST_VOTES = 20_000  # facts looked at, the newest
MOST_QUESTIONS = 10_000
AT_ONCE = 500  # turns asked for in one statement
_VOTES = (UseKind.CHOSEN, UseKind.PASSED_OVER, UseKind.UNHELPFUL, UseKind.PERSON, UseKind.SATISFIED)
_IN_VAIN = (UseKind.MISSED, UseKind.UNHELPFUL, UseKind.PERSON)


async def feedback(connection: AsyncConnection, since: datetime) -> tuple[Judged, ...]:
    """What the search may learn from since then; see `judgements` for the rules and the caps."""
    rows = await _facts(connection, since, _VOTES, MOST_VOTES)
    return judgements(
        [
            Vote(text, row.script_id, UseKind(row.kind), row.address_id, row.about_turn_id, row.parts)
            for row, text in rows
        ]
    )


async def questions_in_vain(connection: AsyncConnection, since: datetime) -> tuple[InVain, ...]:
    """The questions since then that nothing fitted or that were answered badly, oldest first, each once."""
    found: dict[int, InVain] = {}
    for row, text in await _facts(connection, since, _IN_VAIN, MOST_QUESTIONS):
        found.setdefault(row.asked_turn_id, InVain(text, row.address_id, UseKind(row.kind), row.script_id, row.parts))
    return tuple(found.values())


async def _facts(
    connection: AsyncConnection, since: datetime, kinds: Collection[UseKind], most: int
) -> list[tuple[Row[Any], str]]:
    """The newest facts with what the customer had asked, oldest first; what was erased is not among them."""
    use = script_uses.c
    query = (
        select(use.kind, use.script_id, use.about_turn_id, use.asked_turn_id, use.parts, conversations.c.address_id)
        .join(conversations, conversations.c.id == use.conversation_id)
        .where(use.at >= since, use.kind.in_(kinds))
        .order_by(use.id.desc())
        .limit(most)
    )
    rows = (await connection.execute(query)).all()
    texts: dict[int, str] = {}
    asked = sorted({row.asked_turn_id for row in rows})
    for start in range(0, len(asked), AT_ONCE):
        texts.update(await asked_texts(connection, asked[start : start + AT_ONCE]))
    return [(row, texts[row.asked_turn_id]) for row in reversed(rows) if row.asked_turn_id in texts]
