"""What becomes of a conversation whose session ended before its customer was answered? Closed, and not forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, select, update

from archive import Voice
from bot.content.shop import Shop
from bot.domain import Speaker
from bot.endings import IN_CLIENT, Endings, Held
from bot.speech import words_of
from bot.store.serial import content_from_json, owed_to_json
from bot.store.tables import conversations, outbox
from bot.store.views import Claimed, Effect, EffectKind, Owed
from handoff import Refused

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

SESSION_ENDED: Final = "session_ended"  # the outcome; and the reason where its customer is back
_NOT_SAID: Final = "the session ended"  # why words are dropped
_TALKING: Final = frozenset({Voice.CUSTOMER, Voice.AGENT, Voice.SERVICER})


@dataclass(frozen=True, slots=True)
class CutOff:
    """Ends what WeCom ended. An ended session can be neither spoken to nor moved until its customer writes (95013)."""

    endings: Endings

    async def end(self, connection: AsyncConnection, shop: Shop, held: Held, *, by: str) -> Sequence[Effect]:
        """Close the conversation. Where an answer is owed, its ticket says so, and the next conversation knows it.

        Owed is an answer where nobody took her, where the last words are hers, or where words did not reach her: these
        are dropped, and noted on the ticket.
        """
        unsaid = await _unsaid(connection, held.id)
        owed = held.owner == "queue" or bool(unsaid) or await self._has_the_last_word(connection, held.id)
        outcome = SESSION_ENDED if owed else IN_CLIENT
        ended = await self.endings.close(connection, shop, held, by=by, outcome=outcome)
        if isinstance(ended, Refused):
            return ()
        if owed and held.ticket_id:
            note = Owed(held.ticket_id, self.endings.now())
            await connection.execute(
                update(conversations).where(conversations.c.id == held.id).values(owed=owed_to_json(note))
            )
        if unsaid and held.ticket_id:
            text = shop.phrases.say("agent.unsaid", words="\n".join(unsaid))
            await self.endings.desk.note(connection, held.ticket_id, by="system", text=text)
            await _drop(connection, held.id, at=self.endings.now())
        return ended.effects

    async def _has_the_last_word(self, connection: AsyncConnection, conversation_id: int) -> bool:
        said = await self.endings.archive.transcript(connection, conversation_id)
        talking = [entry.voice for entry in said if entry.voice in _TALKING and not entry.recalled]
        return talking[-1:] == [Voice.CUSTOMER]


def is_owed(claimed: Claimed, shop: Shop, now: datetime) -> bool:
    """Whether the customer comes back, soon enough, to a ticket that the end of a session left unanswered."""
    owed, rule = claimed.conversation.owed, shop.policy.sessions
    return owed is not None and rule.requeue and owed.since >= now - timedelta(seconds=rule.within_s)


async def _unsaid(connection: AsyncConnection, conversation_id: int) -> Sequence[str]:
    """What people and the bot wanted to say and what has not left, oldest first."""
    c = outbox.c
    query = select(c.payload).where(_waiting(conversation_id)).order_by(c.id)
    return [words_of(content_from_json(payload["content"])) for payload in (await connection.execute(query)).scalars()]


async def _drop(connection: AsyncConnection, conversation_id: int, *, at: datetime) -> None:
    """Not to be said after all, should the session open again; what is being tried now is dropped by who tries it."""
    never = update(outbox).where(_waiting(conversation_id), outbox.c.lease_token.is_(None))
    await connection.execute(never.values(state="dropped", done_at=at, error=_NOT_SAID))


def _waiting(conversation_id: int) -> ColumnElement[bool]:
    c, heard = outbox.c, [Speaker.AGENT.value, Speaker.BOT.value]
    return and_(
        c.conversation_id == conversation_id,
        c.kind == EffectKind.SEND.value,
        c.state == "pending",
        c.speaker.in_(heard),
    )
