"""Why did the bot say this, and why did the conversation change hands? What is kept of it, for one thread."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from bot.store.tables import outbox, turns
from handoff import Assignment, Desk

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class TurnReason:
    """A decision of the bot's with its trace, as the journey wrote it."""

    turn: int
    decision: str
    reason: str
    explanation: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reasons:
    """turns: by the msgid of each message that came of them. assignments: each change of owner, oldest first."""

    turns: Mapping[str, TurnReason] = field(default_factory=dict)
    assignments: Sequence[Assignment] = ()


@dataclass(frozen=True, slots=True)
class ThreadReasons:
    """Reads them."""

    desk: Desk

    async def of(self, connection: AsyncConnection, conversation_id: int, msgids: Collection[str]) -> Reasons:
        """Of these messages of a conversation. A turn that several messages came of counts for its first."""
        query = (
            select(outbox.c.msgid, turns.c.id, turns.c.decision, turns.c.reason, turns.c.explanation)
            .join(turns, turns.c.id == outbox.c.turn_id)
            .where(outbox.c.msgid.in_(list(msgids)), outbox.c.speaker != "agent")
            .order_by(outbox.c.id.desc())
        )
        rows = (await connection.execute(query)).all() if msgids else []
        assignments = await self.desk.assignments(connection, conversation_id)
        first = {row.id: row for row in rows}  # the last one kept is the earliest
        return Reasons(
            {row.msgid: TurnReason(row.id, row.decision, row.reason, row.explanation or {}) for row in first.values()},
            assignments,
        )
