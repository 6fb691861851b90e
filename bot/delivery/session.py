"""How does a 微信客服 session move between the bot, the pool and a servicer [W 94669]?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal, cast

from sqlalchemy import update

from bot.delivery.outcome import Also, Dead, Dropped, Outcome, Sent, outcome_of
from bot.domain import Speaker
from bot.following import ENDED, PERSON_SERVES, REACHABLE
from bot.handover import Handover
from bot.mind import Mind
from bot.platform import ApiError, Category, PlatformClient, PlatformError
from bot.platform.calls import kf
from bot.reconcile import Reconciler
from bot.settings import LimitSettings
from bot.store.effects import add_effects
from bot.store.tables import conversations
from bot.store.views import Effect, EffectKind, OutboxItem
from bot.ticket_cards import TicketCards
from bot.wakeups import Wakeups
from handoff import AgentStatus

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

SESSION_ENDED: Final = 95013  # wechat-platform §2.7
CANNOT_SERVE: Final = frozenset({95014, 95019})  # no servicer or not activated; stopped or suspended
State = Literal[1, 2, 3, 4]


@dataclass(frozen=True, slots=True)
class MoveSession:
    """Delivers SESSION.

    payload: state, agent (for 3), say (content that follows by the code the platform gives), stays (she goes on in
    the console where the client does not take it).
    """

    platform: PlatformClient
    handover: Handover
    reconciler: Reconciler
    cards: TicketCards
    mind: Callable[[], Mind]
    limits: LimitSettings
    wakeups: Wakeups
    now: Callable[[], datetime]

    async def deliver(self, item: OutboxItem) -> Outcome:
        """Move the session; a refusal ends in a state that is defined, whichever it is."""
        state = cast("State", item.payload["state"])
        try:
            # an earlier try may have worked; a second equal move would be refused (95016)
            if item.attempts > 1 and await self._is_there(item, state):
                return Sent(also=self._moved(item, state, code=""))
            return await self._move(item, state)
        except ApiError as error:
            return await self._refused(item, error, state)
        except PlatformError as error:
            return outcome_of(error, repeatable=True)

    async def _move(self, item: OutboxItem, state: State) -> Outcome:
        where = (item.address.inbox, item.address.customer)
        call = kf.service_state_trans(*where, state, str(item.payload.get("agent", "")))
        reply = await self.platform.call(item.address.account, call)
        return Sent(also=self._moved(item, state, code=str(reply.get("msg_code", ""))))

    async def _is_there(self, item: OutboxItem, state: State) -> bool:
        seen, servicer = await self._seen(item)
        return seen == state and servicer == str(item.payload.get("agent", ""))

    async def _seen(self, item: OutboxItem) -> tuple[int, str]:
        reply = await self.platform.call(
            item.address.account, kf.service_state_get(item.address.inbox, item.address.customer)
        )
        return int(str(reply.get("service_state", 0))), str(reply.get("servicer_userid", ""))

    async def _refused(self, item: OutboxItem, error: ApiError, state: State) -> Outcome:
        """What each code of the platform's means (wechat-platform §2.7)."""
        if error.category is not Category.STATE or item.conversation_id is None:
            return outcome_of(error, repeatable=True)
        if error.code in CANNOT_SERVE and state == PERSON_SERVES:
            return Dead(f"errcode {error.code} {error.message}", error.advice, also=self._she_cannot(item, error))
        if error.code == SESSION_ENDED and state == ENDED:
            return Sent(also=self._moved(item, state, code=""))
        return await self._follow(item, error, state)

    async def _follow(self, item: OutboxItem, error: ApiError, state: State) -> Outcome:
        """The session is not where we thought (95013, 95016…): once more where that may help, else we follow it."""
        try:
            seen, servicer = await self._seen(item)
            if seen == state and servicer == str(item.payload.get("agent", "")):
                return Sent(also=self._moved(item, state, code=""))
            if state in REACHABLE[seen] and error.code != SESSION_ENDED:
                return await self._move(item, state)
        except ApiError as again:
            if again.category is not Category.STATE:
                return outcome_of(again, repeatable=True)
        except PlatformError as away:
            return outcome_of(away, repeatable=True)
        now_in = await self.reconciler.reconcile(item.conversation_id or 0, moving=True)
        return Dropped(f"errcode {error.code}: the session is in state {now_in}, which we follow")

    def _moved(self, item: OutboxItem, state: State, *, code: str) -> Also:
        async def also(connection: AsyncConnection) -> None:
            await connection.execute(
                update(conversations).where(conversations.c.id == item.conversation_id).values(session_state=state)
            )
            said = item.payload.get("say")
            if not code or said is None:
                return
            lives = self.limits.welcome_window_s if state == ENDED else self.limits.send_window_s
            effect = Effect(
                kind=EffectKind.WELCOME,
                payload={"code": code, "content": said},
                speaker=Speaker.SYSTEM,
                expires_at=self.now() + timedelta(seconds=lives),
            )
            await self._add(connection, item, [effect])

        return also

    def _she_cannot(self, item: OutboxItem, error: ApiError) -> Also:
        """The servicer cannot be given the session: the customer goes on waiting, visibly, and she is told why."""
        agent, shop = str(item.payload.get("agent", "")), self.mind().shop
        stays = bool(item.payload.get("stays"))

        async def also(connection: AsyncConnection) -> None:
            phrase = "agent.not_handed_to_client" if stays else "agent.session_refused"
            words = shop.phrases.say(phrase, why=error.advice)
            if not stays:
                # her status first: the desk locks agents before conversations
                await self.handover.desk.set_status(connection, agent, AgentStatus.AWAY, by="platform")
                await self.handover.queue_again(
                    connection, item.conversation_id or 0, agent=agent, cause="session_refused"
                )
            await self._add(connection, item, [self.cards.tell(item.address.account, agent, words)])
            self.wakeups.ring(Wakeups.QUEUE)

        return also

    async def _add(self, connection: AsyncConnection, item: OutboxItem, effects: Sequence[Effect]) -> None:
        await add_effects(
            connection,
            effects,
            address_id=item.address_id,
            conversation_id=item.conversation_id,
            turn_id=item.turn_id,
            now=self.now(),
        )
