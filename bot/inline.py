"""How does an answer leave inside the response to the callback that asked? (passive answering).

The platform repeats a callback until it is answered, so the same message always gets the same
answer, however often it is asked for: nothing is said twice and nothing is lost on a cut line.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, and_, or_, select, update

from archive import Archive
from bot.delivery.send import spoken
from bot.domain import Content, MenuContent, TextContent
from bot.speech import words_of
from bot.store.effects import ITEMS, item_of
from bot.store.engine import read_only
from bot.store.serial import content_from_json
from bot.store.tables import inbox, outbox, turns
from bot.wakeups import Wakeups, wait_for

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

TEXT_BYTES = 2048  # of one passive text (wechat-platform §2.4, §3)
LOOK_AGAIN_S = 0.25
# The platform cuts a callback after 5 s and brings it again, three attempts in all (wechat-platform §1.3). What is
# acknowledged is not brought again, so only the last attempt, 10 s after the first, is acknowledged without an answer.
LAST_ATTEMPT_S = 7.5
HOLD_S = 1.0


@dataclass(frozen=True, slots=True)
class InlineAnswers:
    """Waits for the turn of a message and takes what it wants to say."""

    engine: AsyncEngine
    archive: Archive
    wakeups: Wakeups
    now: Callable[[], datetime]

    async def wait(self, inbox_id: int, *, timeout_s: float) -> Content | None:
        """What to answer to this message; None if there is nothing to say, or not yet.

        timeout_s: how long the last attempt may take. An earlier one is held until the platform cuts it and repeats.
        """
        try:
            patience = await self._patience(inbox_id, timeout_s)
            async with asyncio.timeout(patience), self.wakeups.listening(f"turn:{inbox_id}") as rung:
                while not await self._is_decided(inbox_id):
                    await wait_for(rung, LOOK_AGAIN_S)
                    rung.clear()
        except TimeoutError:
            return None
        return await self._take(inbox_id)

    async def _patience(self, inbox_id: int, timeout_s: float) -> float:
        async with read_only(self.engine).connect() as connection:
            first = await connection.execute(select(inbox.c.received_at).where(inbox.c.id == inbox_id))
            is_last = self.now() - first.scalar_one() >= timedelta(seconds=LAST_ATTEMPT_S)
        return timeout_s if is_last else timeout_s + HOLD_S

    async def _is_decided(self, inbox_id: int) -> bool:
        async with read_only(self.engine).connect() as connection:
            found = await connection.execute(select(turns.c.id).where(turns.c.inbox_id == inbox_id))
            return found.one_or_none() is not None

    async def _take(self, inbox_id: int) -> Content | None:
        async with self.engine.begin() as connection:
            rows = (await connection.execute(_for_this_response(inbox_id))).all()
            taken, content = _fitting(rows)
            if not taken:
                return None
            fresh = [row for row in taken if row.state == "inline"]
            await connection.execute(
                update(outbox)
                .where(outbox.c.id.in_([row.id for row in fresh]))
                .values(state="sent", done_at=self.now(), inline_inbox_id=inbox_id)
            )
            await self.archive.append(
                connection,
                [spoken(item_of(row), content_from_json(row.payload["content"]), at=self.now()) for row in fresh],
            )
        return content


def _for_this_response(inbox_id: int) -> Any:
    """What this response said before (a repeat), or what waits for this address, oldest first."""
    here = select(inbox.c.address_id).where(inbox.c.id == inbox_id).scalar_subquery()
    return (
        ITEMS.where(
            outbox.c.address_id == here,
            or_(
                and_(outbox.c.state == "sent", outbox.c.inline_inbox_id == inbox_id),
                and_(
                    outbox.c.state == "inline",
                    or_(outbox.c.inline_inbox_id.is_(None), outbox.c.inline_inbox_id <= inbox_id),
                ),
            ),
        )
        .order_by(outbox.c.id)
        .with_for_update(of=outbox)
    )


def _fitting(rows: Sequence[Row[Any]]) -> tuple[list[Row[Any]], Content | None]:
    """As many of the rows, in order, as one passive answer can carry."""
    said_before = [row for row in rows if row.state == "sent"]
    rows = said_before or rows
    if not rows:
        return [], None
    first = content_from_json(rows[0].payload["content"])
    if not isinstance(first, TextContent | MenuContent):
        return [rows[0]], first
    taken, text = [rows[0]], words_of(first)
    for row in rows[1:]:
        content = content_from_json(row.payload["content"])
        if not isinstance(content, TextContent | MenuContent):
            break
        longer = f"{text}\n{words_of(content)}"
        if len(longer.encode()) > TEXT_BYTES:
            break
        taken.append(row)
        text = longer
    return taken, TextContent(text)
