"""What can a person do from our workbench? Take, say, transfer, give back, close; each one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, and_, or_, select

from archive import Archive, Entry
from bot.card_clicks import CardClicks
from bot.domain import ChannelKind, TextContent
from bot.endings import Ended, Endings, Held
from bot.following import PERSON_SERVES, served_in_client
from bot.handover import Handover
from bot.mind import Mind
from bot.speaking import Speaking, held_by
from bot.speech import AccountPlan, Speech
from bot.store.budget import room_of
from bot.store.conversation_rows import conversation_row
from bot.store.effects import add_beside
from bot.store.engine import read_only
from bot.store.serial import content_to_json
from bot.store.tables import outbox
from bot.store.views import TAKEN_OVER, Budget, Effect, EffectKind
from bot.ticket_cards import TicketCards
from bot.wakeups import Wakeups
from handoff import AgentLoad, AgentStatus, Refusal, Refused, Ticket, TicketEvent, ToAgent, ToTeam

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


@dataclass(frozen=True, slots=True)
class Thread:
    """Everything the thread page shows. budget: what the platform still lets us send.

    unsent: text and state of what we wanted to say and could not (dead, uncertain) or have not yet said.
    """

    conversation_id: int
    version: int
    owner: str
    agent: str
    team: str
    state: str
    channel: ChannelKind
    mode: str  # client | console
    customer: str
    nickname: str
    scene: str
    budget: Budget
    ticket: Ticket | None
    entries: Sequence[Entry]
    events: Sequence[TicketEvent]
    unsent: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Workbench:
    """The commands and reads behind the console. Methods return Refused, changing nothing, where one may not."""

    engine: AsyncEngine
    handover: Handover
    endings: Endings
    cards: TicketCards
    clicks: CardClicks
    archive: Archive
    speech: Speech
    mind: Callable[[], Mind]
    plans: Mapping[tuple[str, ChannelKind], AccountPlan]
    wakeups: Wakeups
    now: Callable[[], datetime]
    reached: Callable[[str], None]

    @property
    def speaking(self) -> Speaking:
        """How people's words leave."""
        return Speaking(self.handover.clockwork, self.speech, self.plans, self.now)

    # ── reads ────────────────────────────────────────────────────────────────────────────────

    async def waiting(self) -> tuple[Ticket, ...]:
        """Every ticket that waits, most urgent and longest waiting first."""
        async with read_only(self.engine).connect() as connection:
            return await self.handover.desk.waiting(connection, None, limit=200)

    async def mine(self, agent: str) -> tuple[Ticket, ...]:
        """The tickets an agent has now."""
        async with read_only(self.engine).connect() as connection:
            return await self.handover.desk.owned_by(connection, agent)

    async def agents(self) -> tuple[AgentLoad, ...]:
        """Everybody with status and load."""
        async with read_only(self.engine).connect() as connection:
            return await self.handover.desk.agents(connection)

    async def ticket(self, ticket_id: int) -> Ticket | None:
        """One ticket, closed ones too."""
        async with read_only(self.engine).connect() as connection:
            return await self.handover.desk.ticket(connection, ticket_id)

    async def tickets(self, ids: Sequence[int]) -> Sequence[Ticket]:
        """Those of these ids that are there."""
        async with read_only(self.engine).connect() as connection:
            return [*(await self.handover.desk.tickets(connection, ids)).values()]

    async def thread(self, conversation_id: int) -> Thread | None:
        """One conversation with all that an agent needs; None if there is none of this id."""
        async with read_only(self.engine).connect() as connection:
            return await self.thread_in(connection, conversation_id)

    async def thread_in(self, connection: AsyncConnection, conversation_id: int) -> Thread | None:
        """The same, read with other things."""
        row = await conversation_row(connection, conversation_id)
        if row is None:
            return None
        ticket = await self.handover.desk.active_ticket(connection, conversation_id)
        return Thread(
            conversation_id=row.id,
            version=row.version,
            owner=row.owner,
            agent=row.agent or "",
            team=row.team or "",
            state=row.state,
            channel=ChannelKind(row.channel),
            mode="client" if served_in_client(self._plan(row), row.session_state) else "console",
            customer=row.customer,
            nickname=row.nickname or "",
            scene=row.scene,
            budget=Budget(sends_left=row.sends_left, ends_at=row.window_ends_at),
            ticket=ticket,
            entries=await self.archive.transcript(connection, conversation_id),
            events=await self.handover.desk.events(connection, ticket.id) if ticket else (),
            unsent=await _unsent(connection, conversation_id),
        )

    async def budget(self, conversation_id: int) -> Budget | None:
        """What the platform still lets us send, where we send; None in client mode, or if there is no conversation."""
        async with read_only(self.engine).connect() as connection:
            row = await conversation_row(connection, conversation_id)
        if row is None or served_in_client(self._plan(row), row.session_state):
            return None
        return Budget(sends_left=row.sends_left, ends_at=row.window_ends_at)

    # ── commands ─────────────────────────────────────────────────────────────────────────────

    async def set_status(self, agent: str, status: AgentStatus, *, lease_until: datetime | None = None) -> None:
        """What an agent says of herself. lease_until: until when that holds unless her page renews it."""
        async with self.engine.begin() as connection:
            said = await self.handover.desk.set_status(connection, agent, status, by=agent, lease_until=lease_until)
            for each in () if isinstance(said, Refused) else said.withdrawn:
                words = self.mind().shop.phrases.say("agent.card_withdrawn")
                settled = await self.cards.settle(connection, each.ticket.id, words, offer_id=each.offer.id)
                await self._write(connection, each.ticket.conversation_id, settled)
        for topic in (Wakeups.QUEUE, Wakeups.OUTBOX, Wakeups.CONSOLE):
            self.wakeups.ring(topic)

    async def accept(self, conversation_id: int, agent: str) -> Refused | None:
        """Take a waiting conversation."""
        async with self.engine.begin() as connection:
            outcome = await self.clicks.accept(connection, conversation_id, agent)
            if isinstance(outcome, Refused):
                return outcome
            await self._write(connection, conversation_id, outcome, turn_id=None)
            self.reached("before_claim_commit")
        self.reached("after_claim_commit")
        self._changed(conversation_id)
        return None

    async def decline(self, conversation_id: int, agent: str) -> Refused | None:
        """Let an offer pass; it goes to the next."""
        async with self.engine.begin() as connection:
            words = self.mind().shop.phrases.say("agent.card_declined")
            outcome = await self.clicks.decline(connection, conversation_id, agent, cause="console", words=words)
            if isinstance(outcome, Refused):
                return outcome
            await self._write(connection, conversation_id, outcome, turn_id=None)
        self._changed(conversation_id)
        return None

    async def say(self, conversation_id: int, agent: str, text: str, *, client_id: str) -> Refused | None:
        """Say something as the person who serves. The same client_id again is a no-op."""
        async with self.engine.begin() as connection:
            row = await held_by(connection, conversation_id, agent)
            if isinstance(row, Refused):
                return row
            await self.speaking.speak(connection, row, agent, text, client_id=client_id)
        self._changed(conversation_id)
        return None

    async def return_to_bot(
        self, conversation_id: int, agent: str, *, outcome: str, promises: Sequence[str] = ()
    ) -> Refused | None:
        """Give the conversation back to the bot, with what was promised (in client mode WeCom ends the session)."""
        async with self.engine.begin() as connection:
            row = await held_by(connection, conversation_id, agent)
            if isinstance(row, Refused):
                return row
            # a session that WeCom gave to a person can only be ended
            if served_in_client(self._plan(row), row.session_state):
                refused = await self._end(connection, row, agent, outcome, promises)
            else:
                refused = await self._give_back(connection, row, outcome, promises)
        self._changed(conversation_id)
        return refused

    async def close(
        self, conversation_id: int, agent: str, *, outcome: str, promises: Sequence[str] | None = None
    ) -> Refused | None:
        """End the conversation; the customer's next message starts a new one, with the bot, that knows the promises.

        promises: what she left open; None: what was left open before stays so.
        """
        async with self.engine.begin() as connection:
            row = await held_by(connection, conversation_id, agent)
            if isinstance(row, Refused):
                return row
            refused = await self._end(connection, row, agent, outcome, promises)
        self._changed(conversation_id)
        return refused

    async def transfer(self, conversation_id: int, agent: str, *, to: ToAgent | ToTeam) -> Refused | None:
        """Give it to a colleague, or to the queue of a team."""
        async with self.engine.begin() as connection:
            row = await conversation_row(connection, conversation_id)
            if row is None:
                return Refused(Refusal.UNKNOWN_CONVERSATION)
            moved = await self.handover.desk.transfer(connection, conversation_id, row.version, to=to, by=agent)
            if isinstance(moved, Refused):
                return moved
            plan, shop = self._plan(row), self.mind().shop
            taken = "agent.card_taken" if isinstance(to, ToAgent) else "agent.card_passed_on"
            name = shop.agent_name(to.agent_id) if isinstance(to, ToAgent) else shop.team_name(to.team)
            effects = list(await self.cards.settle(connection, moved.ticket.id, shop.phrases.say(taken, agent=name)))
            if isinstance(to, ToAgent):
                effects.extend(self.handover.joined(plan, shop, to.agent_id, row.session_state))
            await self._write(connection, conversation_id, effects)
        self._changed(conversation_id)
        return None

    async def to_client(self, conversation_id: int, agent: str, *, to: str) -> Refused | None:
        """Go on in the WeCom client, herself or a colleague; from then on WeCom's events are followed."""
        async with self.engine.begin() as connection:
            row = await held_by(connection, conversation_id, agent)
            if isinstance(row, Refused):
                return row
            if row.channel != ChannelKind.WECOM_KF or served_in_client(self._plan(row), row.session_state):
                return Refused(Refusal.TICKET_STATE)
            payload: dict[str, object] = {"state": PERSON_SERVES, "agent": to, "stays": to == agent}
            if to != agent:
                moved = await self.handover.desk.transfer(
                    connection, conversation_id, row.version, to=ToAgent(to), by=agent, cause="to_client"
                )
                if isinstance(moved, Refused):
                    return moved
                shop = self.mind().shop
                joined = shop.phrases.say("customer.agent_joined", agent=shop.agent_name(to))
                payload["say"] = content_to_json(TextContent(joined))
            await self._write(connection, conversation_id, [Effect(EffectKind.SESSION, payload)])
        self._changed(conversation_id)
        return None

    async def _give_back(
        self, connection: AsyncConnection, row: Row[Any], outcome: str, promises: Sequence[str]
    ) -> Refused | None:
        held = await self._held(connection, row)
        ended = await self.endings.give_back(connection, self.mind().shop, held, outcome=outcome, promises=promises)
        if isinstance(ended, Refused):
            return ended
        await self._write(connection, row.id, self._goodbye(row, held, ended))
        return None

    async def _end(
        self, connection: AsyncConnection, row: Row[Any], agent: str, outcome: str, promises: Sequence[str] | None
    ) -> Refused | None:
        shop, held = self.mind().shop, await self._held(connection, row)
        ended = await self.endings.close(connection, shop, held, by=agent, outcome=outcome, promises=promises)
        if isinstance(ended, Refused):
            return ended
        await self._write(connection, row.id, [*self._goodbye(row, held, ended), *ended.effects])
        return None

    async def _held(self, connection: AsyncConnection, row: Row[Any]) -> Held:
        plan = self._plan(row)
        by_api = not served_in_client(plan, row.session_state) and plan.answering == "active"
        return Held.row(row, heard=not by_api or await room_of(connection, row.address_id, self.now()) > 0)

    def _goodbye(self, row: Row[Any], held: Held, ended: Ended) -> Sequence[Effect]:
        """The last words; not where the budget has no place for them, which nobody can help now."""
        return self.handover.left(self._plan(row), row.session_state, ended.words) if held.heard else ()

    async def _write(
        self,
        connection: AsyncConnection,
        conversation_id: int,
        effects: Sequence[Effect],
        turn_id: int | None = None,
    ) -> None:
        await add_beside(connection, conversation_id, effects, turn_id=turn_id, now=self.now())

    def _plan(self, row: Row[Any]) -> AccountPlan:
        return self.plans[row.account, ChannelKind(row.channel)]

    def _changed(self, conversation_id: int) -> None:
        self.wakeups.ring(Wakeups.OUTBOX)
        self.wakeups.ring(Wakeups.CONSOLE)
        self.wakeups.ring(Wakeups.QUEUE)
        self.wakeups.ring(f"conversation:{conversation_id}")


async def _unsent(connection: AsyncConnection, conversation_id: int) -> Sequence[Mapping[str, str]]:
    rows = await connection.execute(
        select(outbox.c.payload, outbox.c.state, outbox.c.speaker, outbox.c.error, outbox.c.advice)
        .where(
            outbox.c.conversation_id == conversation_id,
            outbox.c.kind == "send",
            or_(
                outbox.c.state.in_(["pending", "inline", "dead", "uncertain"]),
                and_(outbox.c.state == "dropped", outbox.c.error == TAKEN_OVER),
            ),
        )
        .order_by(outbox.c.id)
    )
    return [
        {
            "text": str((row.payload.get("content") or {}).get("text", "")),
            "media": str((row.payload.get("content") or {}).get("media", "")),
            "state": row.state,
            "speaker": row.speaker,
            "error": row.error or "",
            "advice": row.advice or "",
        }
        for row in rows
    ]
