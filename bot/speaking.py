"""How do a person's words leave the workbench? Once, marked with who spoke, within what the platform lets us send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, insert, select, update

from bot.clockwork import Clockwork
from bot.domain import ChannelKind, Content, Speaker, TextContent
from bot.speech import AccountPlan, Speech
from bot.store.budget import room_of
from bot.store.conversation_rows import conversation_row
from bot.store.effects import add_beside
from bot.store.serial import content_from_json, content_to_json
from bot.store.tables import outbox, turns
from bot.store.views import Budget, EffectKind
from handoff import Refusal, Refused

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Speaking:
    """Puts a person's words on their way. now: UTC-aware."""

    clockwork: Clockwork
    speech: Speech
    plans: Mapping[tuple[str, ChannelKind], AccountPlan]
    now: Callable[[], datetime]

    async def speak(self, connection: AsyncConnection, row: Row[Any], by: str, text: str, *, client_id: str) -> bool:
        """Say it in the conversation of `row` (see `conversation_row`); the same client_id again is a no-op: False."""
        turn_id = await self.turn_of(connection, row.id, by, client_id)
        if turn_id is None:
            return False
        words = TextContent(text.replace("\0", ""))
        await self.clockwork.person_spoke(connection, row.id, by=by)
        if not await self._joined(connection, row, by, words):
            await self.send(connection, row, by, words, turn_id)
        return True

    async def turn_of(self, connection: AsyncConnection, conversation_id: int, by: str, client_id: str) -> int | None:
        """The id of a new turn for what a person says; None where the same was said before."""
        known = select(turns.c.id).where(turns.c.client_id == client_id)
        if (await connection.execute(known)).one_or_none() is not None:
            return None
        row = {
            "conversation_id": conversation_id, "client_id": client_id, "author": "agent", "decision": "said",
            "reason": by, "created_at": self.now(),
        }  # fmt: skip
        return int((await connection.execute(insert(turns).values(row).returning(turns.c.id))).scalar_one())

    async def send(
        self, connection: AsyncConnection, row: Row[Any], by: str, content: Content, turn_id: int | None
    ) -> None:
        """Put one thing on its way, marked with who sends it."""
        said = self.speech.say(
            self.plans[row.account, ChannelKind(row.channel)],
            (content,),
            speaker=Speaker.AGENT,
            budget=Budget(sends_left=row.sends_left, ends_at=row.window_ends_at),
            inline=True,
        )
        named = [replace(effect, payload={**effect.payload, "agent": by}) for effect in said]
        await add_beside(connection, row.id, named, turn_id=turn_id, now=self.now())

    async def _joined(self, connection: AsyncConnection, row: Row[Any], by: str, words: TextContent) -> bool:
        """Where the budget has no place for one more message: put the words behind those that still wait to be sent."""
        if await room_of(connection, row.address_id, self.now()) > 0:
            return False
        c = outbox.c
        waiting = (
            select(c.id, c.payload)
            .where(
                c.conversation_id == row.id,
                c.kind == EffectKind.SEND.value,
                c.state == "pending",
                c.speaker == Speaker.AGENT.value,
                c.lease_token.is_(None),
            )
            .order_by(c.id.desc())
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        last = (await connection.execute(waiting)).one_or_none()
        before = None if last is None else content_from_json(last.payload["content"])
        if last is None or last.payload.get("agent", by) != by or not isinstance(before, TextContent):
            return False
        both = self.speech.in_one(self.plans[row.account, ChannelKind(row.channel)], before, words)
        if both is None:
            return False
        payload = {**last.payload, "content": content_to_json(both), "agent": by}
        await connection.execute(update(outbox).where(c.id == last.id).values(payload=payload))
        return True


async def held_by(connection: AsyncConnection, conversation_id: int, agent: str) -> Row[Any] | Refused:
    """The conversation as `conversation_row` reads it, if this agent has it."""
    row = await conversation_row(connection, conversation_id)
    if row is None:
        return Refused(Refusal.UNKNOWN_CONVERSATION)
    return row if (row.owner, row.agent) == ("agent", agent) else Refused(Refusal.NOT_YOURS)
