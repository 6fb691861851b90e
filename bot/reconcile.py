"""Does what we believe about a 微信客服 session still hold? Events can be lost; the platform knows [W 94669]."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Row, and_, exists, or_, select, update

from bot.cut_off import CutOff
from bot.domain import ChannelKind
from bot.endings import IN_CLIENT, Endings, Held
from bot.following import IN_POOL, PERSON_SERVES, WITH_WECOM, Follow, what_follows
from bot.handover import Handover
from bot.mind import Mind
from bot.platform import PlatformClient, PlatformError
from bot.platform.calls import kf
from bot.speech import AccountPlan
from bot.store.effects import add_effects
from bot.store.engine import read_only
from bot.store.tables import conversations, outbox
from bot.store.views import Effect, EffectKind
from bot.ticket_cards import TicketCards
from bot.wakeups import Wakeups
from handoff import Facts, Refused

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

RECONCILER = "reconciler"  # who ends a conversation, in its ticket's history
SIDE_BY_SIDE = 8  # questions to the platform at a time
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Brings ownership in line with what the platform says, and closes what nobody needs any more.

    interval_s: how often each session that people have is looked at.
    """

    engine: AsyncEngine
    platform: PlatformClient
    handover: Handover
    endings: Endings
    cards: TicketCards
    mind: Callable[[], Mind]
    plans: Mapping[tuple[str, ChannelKind], AccountPlan]
    wakeups: Wakeups
    now: Callable[[], datetime]
    interval_s: float

    async def reconcile(self, conversation_id: int, *, moving: bool = False) -> int:
        """Ask the platform who serves, record it, return the session state. Raises PlatformError.

        moving: a move of this session was just refused. Otherwise, where one is under way, it is left to succeed.
        """
        async with read_only(self.engine).connect() as connection:
            row = (await connection.execute(select(conversations).where(conversations.c.id == conversation_id))).one()
        reply = await self.platform.call(row.account, kf.service_state_get(row.inbox, row.customer))
        state, servicer = int(str(reply.get("service_state", 0))), str(reply.get("servicer_userid", ""))
        async with self.engine.begin() as connection:
            if moving or not await _is_moving(connection, row.id):
                await self._follow(connection, row, state, servicer, again=not moving)
            await connection.execute(
                update(conversations).where(conversations.c.id == conversation_id).values(session_state=state)
            )
        self.wakeups.ring(Wakeups.QUEUE)
        self.wakeups.ring(Wakeups.OUTBOX)
        return state

    async def _follow(
        self, connection: AsyncConnection, row: Row[Any], state: int, servicer: str, *, again: bool
    ) -> None:
        """again: whether the session may be moved; right behind a refused move that is left to the next sweep."""
        plan = self.plans[row.account, ChannelKind(row.channel)]
        follow = what_follows(
            owner=row.owner,
            agent=row.agent or "",
            believed=row.session_state,
            state=state,
            servicer=servicer,
            plan=plan,
            moving=not again,
        )
        if row.state != "open" or follow is Follow.NOTHING:
            return
        if not again and follow in {Follow.TO_POOL, Follow.TO_AGENT}:
            return
        _log.info("conversation.reconciled", conversation=row.id, state=state, follows=follow.value)
        effects = await self._carry_out(connection, follow, row, state=state, servicer=servicer, plan=plan)
        await add_effects(
            connection,
            effects,
            address_id=row.address_id,
            conversation_id=row.id,
            turn_id=None,
            now=self.now(),
        )

    async def _carry_out(
        self,
        connection: AsyncConnection,
        follow: Follow,
        row: Row[Any],
        *,
        state: int,
        servicer: str,
        plan: AccountPlan,
    ) -> Sequence[Effect]:
        match follow:
            case Follow.TAKEN:
                return await self.taken(connection, row.id, row.ticket_id, servicer, cause="reconciled")
            case Follow.WAITS:
                return await self._waits(connection, row, state, plan)
            case Follow.TO_POOL:
                return [Effect(EffectKind.SESSION, {"state": IN_POOL})]
            case Follow.TO_AGENT:
                return [Effect(EffectKind.SESSION, {"state": PERSON_SERVES, "agent": row.agent})]
            case Follow.OVER | Follow.CUT_OFF:
                return await self._ended(connection, row, cut_off=follow is Follow.CUT_OFF)
            case Follow.NOTHING:  # pragma: no branch - mypy proves the match exhausted
                return ()

    async def _ended(self, connection: AsyncConnection, row: Row[Any], *, cut_off: bool) -> Sequence[Effect]:
        shop, held = self.mind().shop, Held.row(row, heard=False)
        if cut_off:
            return await CutOff(self.endings).end(connection, shop, held, by=RECONCILER)
        ended = await self.endings.close(connection, shop, held, by=RECONCILER, outcome=IN_CLIENT)
        return () if isinstance(ended, Refused) else ended.effects

    async def taken(
        self, connection: AsyncConnection, conversation_id: int, ticket_id: int | None, servicer: str, *, cause: str
    ) -> Sequence[Effect]:
        """A person has it in the WeCom client: she owns it, and the cards say so."""
        mind = self.mind()
        team = mind.router.route(Facts()).team
        claimed = await self.handover.desk.take_over_by_servicer(
            connection, conversation_id, servicer, team=team, cause=cause
        )
        if isinstance(claimed, Refused):
            return ()
        await self.handover.media.attach_before(connection, claimed.ticket.id, conversation_id)
        words = mind.shop.phrases.say("agent.card_taken", agent=mind.shop.agent_name(servicer))
        return await self.cards.settle(connection, ticket_id or claimed.ticket.id, words)

    async def _waits(
        self, connection: AsyncConnection, row: Row[Any], state: int, plan: AccountPlan
    ) -> Sequence[Effect]:
        """Nobody has it there: it waits here, and in the pool where the account has people in the client."""
        if row.owner == "agent":
            queued = await self.handover.queue_again(connection, row.id, agent=row.agent, cause="session_left")
            if queued is None:
                return ()
        else:
            verdict = self.mind().router.route(Facts())
            await self.handover.queue_pooled(connection, Held.row(row), row.channel, verdict)
        if state != IN_POOL and plan.handoff == "client":
            return [Effect(EffectKind.SESSION, {"state": IN_POOL})]
        return ()

    # ── the sweep ────────────────────────────────────────────────────────────────────────────

    async def sweep(self, *, idle_s: int) -> int:
        """Reconcile every session that people have and nobody looked at within the interval, oldest first.

        Any number of sweeps may run side by side; each session is looked at by one. Bot conversations idle for
        `idle_s` are closed. Returns how many conversations were looked at.
        """
        looked_at = 0
        while batch := await self._next_batch():
            looked_at += len(batch)
            await asyncio.gather(*map(self._look_at, batch))
        return looked_at + await self._close_idle(idle_s)

    async def _look_at(self, conversation_id: int) -> None:
        try:
            await self.reconcile(conversation_id)
        except PlatformError as error:
            _log.warning("conversation.reconcile_failed", conversation=conversation_id, error=error.outcome)

    async def _next_batch(self) -> Sequence[int]:
        """Whom to ask about next; marked, so that no other sweep asks too."""
        now = self.now()
        in_client = [account for (account, _), plan in self.plans.items() if plan.handoff == "client"]
        c = conversations.c
        due = (
            select(c.id)
            .where(
                c.channel == ChannelKind.WECOM_KF.value,
                c.state == "open",
                or_(
                    and_(c.owner.in_(["queue", "agent"]), c.account.in_(in_client)),
                    c.session_state.in_(WITH_WECOM),
                ),
                or_(c.session_checked_at.is_(None), c.session_checked_at <= now - timedelta(seconds=self.interval_s)),
            )
            .order_by(c.session_checked_at.is_not(None), c.session_checked_at, c.id)
            .limit(SIDE_BY_SIDE)
            .with_for_update(skip_locked=True)
        )
        async with self.engine.begin() as connection:
            ids = list((await connection.execute(due)).scalars())
            await connection.execute(update(conversations).where(c.id.in_(ids)).values(session_checked_at=now))
        return ids

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


async def _is_moving(connection: AsyncConnection, conversation_id: int) -> bool:
    """Is a move of this session on its way to the platform?"""
    under_way = exists().where(
        outbox.c.conversation_id == conversation_id,
        outbox.c.kind == EffectKind.SESSION.value,
        outbox.c.state == "pending",
    )
    return bool((await connection.execute(select(under_way))).scalar_one())
