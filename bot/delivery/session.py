"""How does a 微信客服 session move between the bot, the pool and a servicer [W 94669]?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, cast

from sqlalchemy import update

from bot.delivery.outcome import Also, Dead, Outcome, Sent, outcome_of
from bot.domain import ChannelKind, Speaker
from bot.handover import ENDED, PERSON_SERVES, Handover
from bot.mind import Mind
from bot.platform import ApiError, Category, PlatformClient, PlatformError
from bot.platform.calls import kf
from bot.settings import LimitSettings
from bot.speech import AccountPlan
from bot.store.effects import add_effects
from bot.store.tables import conversations
from bot.store.views import Effect, EffectKind, OutboxItem

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class MoveSession:
    """Delivers SESSION."""

    platform: PlatformClient
    handover: Handover
    mind: Callable[[], Mind]
    plans: Mapping[tuple[str, ChannelKind], AccountPlan]
    limits: LimitSettings
    now: Callable[[], datetime]

    async def deliver(self, item: OutboxItem) -> Outcome:
        """Move the session; what is to be said with it follows by the code the platform gives."""
        state = cast("Literal[1, 2, 3, 4]", item.payload["state"])
        agent = str(item.payload.get("agent", ""))
        where = (item.address.inbox, item.address.customer)
        try:
            if item.attempts > 1:  # an earlier try may have worked; a second equal move would be refused (95016)
                seen = await self.platform.call(item.address.account, kf.service_state_get(*where))
                if seen.get("service_state") == state and seen.get("servicer_userid", "") == agent:
                    return Sent(also=self._moved(item, state, code=""))
            reply = await self.platform.call(item.address.account, kf.service_state_trans(*where, state, agent))
        except ApiError as error:
            return await self._refused(item, error, state, agent)
        except PlatformError as error:
            return outcome_of(error, repeatable=True)
        return Sent(also=self._moved(item, state, code=str(reply.get("msg_code", ""))))

    async def _refused(self, item: OutboxItem, error: ApiError, state: int, agent: str) -> Outcome:
        if error.category is not Category.STATE:
            return outcome_of(error, repeatable=True)
        also = self._back_to_queue(item, agent) if state == PERSON_SERVES else None
        return Dead(f"errcode {error.code} {error.message}", error.advice, also=also)

    def _moved(self, item: OutboxItem, state: int, *, code: str) -> Also:
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

    def _back_to_queue(self, item: OutboxItem, agent: str) -> Also:
        """The servicer cannot be given the session (95014, 95019…): the customer goes on waiting, visibly."""

        async def also(connection: AsyncConnection) -> None:
            conversation_id = item.conversation_id or 0
            plan = self.plans[item.address.account, ChannelKind.WECOM_KF]
            effects = await self.handover.queue_again(
                connection, plan, self.mind().shop, conversation_id, agent=agent, cause="session_refused"
            )
            await self._add(connection, item, effects)

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
