"""Does what we believe about a 微信客服 session still hold? Events can be lost; the platform knows [W 94669]."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Row, select, update

from bot.domain import ChannelKind
from bot.handover import BOT_SERVES, ENDED, PERSON_SERVES, Handover
from bot.mind import Mind
from bot.platform import PlatformClient, PlatformError
from bot.platform.calls import kf
from bot.store.effects import add_effects
from bot.store.engine import read_only
from bot.store.tables import conversations
from handoff import Facts

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Brings ownership in line with what the platform says, and closes what nobody needs any more."""

    engine: AsyncEngine
    platform: PlatformClient
    handover: Handover
    mind: Callable[[], Mind]
    now: Callable[[], datetime]

    async def reconcile(self, conversation_id: int) -> int:
        """Ask the platform who serves, record it, return the session state. Raises PlatformError."""
        async with read_only(self.engine).connect() as connection:
            row = (await connection.execute(select(conversations).where(conversations.c.id == conversation_id))).one()
        reply = await self.platform.call(row.account, kf.service_state_get(row.inbox, row.customer))
        state, servicer = int(str(reply.get("service_state", 0))), str(reply.get("servicer_userid", ""))
        async with self.engine.begin() as connection:
            await self._record(connection, row, state, servicer)
            await connection.execute(
                update(conversations).where(conversations.c.id == conversation_id).values(session_state=state)
            )
        return state

    async def _record(self, connection: AsyncConnection, row: Row[Any], state: int, servicer: str) -> None:
        desk, shop = self.handover.desk, self.mind().shop
        if state == PERSON_SERVES and servicer and servicer != row.agent:
            team = self.mind().router.route(Facts()).team
            await desk.take_over_by_servicer(connection, row.id, servicer, team=team, cause="reconciled")
            words = shop.phrases.say("agent.card_taken", agent=shop.agent_name(servicer))
        elif state in {0, ENDED} and row.owner == "agent":
            await desk.close(connection, row.id, row.version, by="reconciler", outcome="ended in the WeCom client")
            words = shop.phrases.say("agent.card_closed")
        else:
            return
        _log.info("conversation.reconciled", conversation=row.id, state=state)
        if row.ticket_id:
            effects = await self.handover.settle_cards(connection, row.ticket_id, words)
            await add_effects(
                connection,
                effects,
                address_id=row.address_id,
                conversation_id=row.id,
                turn_id=None,
                now=self.now(),
            )

    async def sweep(self, *, idle_s: int) -> int:
        """Reconcile every session a person serves in the WeCom client; close bot conversations idle for `idle_s`.

        Returns how many conversations were looked at.
        """
        async with read_only(self.engine).connect() as connection:
            served = (
                (
                    await connection.execute(
                        select(conversations.c.id).where(
                            conversations.c.channel == ChannelKind.WECOM_KF.value,
                            conversations.c.state == "open",
                            conversations.c.owner.in_(["queue", "agent"]),
                            conversations.c.session_state.is_distinct_from(BOT_SERVES),
                        )
                    )
                )
                .scalars()
                .all()
            )
        for conversation_id in served:
            try:
                await self.reconcile(conversation_id)
            except PlatformError as error:
                _log.warning("conversation.reconcile_failed", conversation=conversation_id, error=error.outcome)
        return len(served) + await self._close_idle(idle_s)

    async def _close_idle(self, idle_s: int) -> int:
        before = self.now() - timedelta(seconds=idle_s)
        async with self.engine.begin() as connection:
            idle = (
                await connection.execute(
                    select(conversations.c.id, conversations.c.version)
                    .where(
                        conversations.c.state == "open",
                        conversations.c.owner == "bot",
                        conversations.c.updated_at < before,
                    )
                    .limit(500)
                )
            ).all()
            for row in idle:
                await self.handover.desk.close(connection, row.id, row.version, by="system", outcome="idle")
        return len(idle)
