"""Which effects wait, failed or are uncertain, and how does one get another chance?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Row, select, update

from bot.store.tables import outbox

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

STATES: Final = ("pending", "inline", "sent", "dropped", "dead", "uncertain")
FAILED: Final = ("dead", "uncertain")
CHUNK: Final = 500  # ids a statement: bounds the number of bound variables on both databases


@dataclass(frozen=True, slots=True)
class Letter:
    """One row of the outbox. payload holds what is said: show it only to who asked for it.

    state: one of STATES. next_at: when it is due (pending). done_at: when it ended, None while it has not.
    """

    id: int
    kind: str
    account: str
    state: str
    attempts: int
    error: str
    advice: str
    speaker: str
    turn_id: int | None
    conversation_id: int | None
    next_at: datetime
    created_at: datetime
    done_at: datetime | None
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of a request to retry. refused: id → its state, "" where there is no such row."""

    retried: tuple[int, ...]
    refused: Mapping[int, str]


async def letters(
    connection: AsyncConnection,
    *,
    states: Collection[str] = FAILED,
    ids: Sequence[int] | None = None,
    turn_id: int | None = None,
    before: int | None = None,
    limit: int = 100,
) -> tuple[Letter, ...]:
    """The newest rows in these states, newest first; ids, turn_id: only those. before: only those of lower ids."""
    query = select(outbox).where(outbox.c.state.in_(states)).order_by(outbox.c.id.desc()).limit(limit)
    if ids is not None:
        query = query.where(outbox.c.id.in_(ids))
    if before is not None:
        query = query.where(outbox.c.id < before)
    if turn_id is not None:
        query = query.where(outbox.c.turn_id == turn_id)
    return tuple(_letter(row) for row in await connection.execute(query))


async def ids_in(connection: AsyncConnection, state: str) -> tuple[int, ...]:
    """The ids of all rows in one state, oldest first."""
    rows = await connection.execute(select(outbox.c.id).where(outbox.c.state == state).order_by(outbox.c.id))
    return tuple(rows.scalars())


async def retry(
    connection: AsyncConnection, ids: Sequence[int], *, now: datetime, uncertain_too: bool = False
) -> Retried:
    """Make dead effects pending again, due now, with all their tries; the caller's transaction.

    uncertain_too: uncertain ones as well, which may say something twice. What is in any other state is refused:
    it is on its way or done. The send budget of the address is not touched: what exceeds it dies again.
    """
    allowed = FAILED if uncertain_too else ("dead",)
    states = await _states(connection, ids)
    retried: list[int] = []
    for row_id in sorted(row_id for row_id, state in states.items() if state in allowed):
        done = await connection.execute(
            update(outbox)
            .where(outbox.c.id == row_id, outbox.c.state.in_(allowed))  # again: another may have been faster
            .values(
                state="pending",
                attempts=0,
                spent=0,
                next_at=now,
                lease_token=None,
                lease_until=None,
                inline_inbox_id=None,
                error=None,
                advice=None,
                done_at=None,
            )
        )
        if done.rowcount == 1:
            retried.append(row_id)
    refused = {row_id: states.get(row_id, "") for row_id in ids if row_id not in retried}
    return Retried(tuple(retried), refused)


async def _states(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        rows = await connection.execute(select(outbox.c.id, outbox.c.state).where(outbox.c.id.in_(some)))
        found |= {row.id: row.state for row in rows}
    return found


def _letter(row: Row[Any]) -> Letter:
    return Letter(
        id=row.id,
        kind=row.kind,
        account=row.account,
        state=row.state,
        attempts=row.attempts,
        error=row.error or "",
        advice=row.advice or "",
        speaker=row.speaker,
        turn_id=row.turn_id,
        conversation_id=row.conversation_id,
        next_at=row.next_at,
        created_at=row.created_at,
        done_at=row.done_at,
        payload=row.payload,
    )
