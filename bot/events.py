"""What do the platforms' events mean for us? One handler an event; those we do not act on are kept, silently."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from archive.consent import Consent, ConsentFact
from archive.finance import ConsentLedger, consent_entry
from bot.card_clicks import CardClicks
from bot.domain import ChannelKind, Speaker, TextContent
from bot.endings import IN_CLIENT, Endings, Held
from bot.following import ENDED, PERSON_SERVES
from bot.handover import Handover, unmoved
from bot.mind import Mind
from bot.reconcile import Reconciler
from bot.settings import LimitSettings
from bot.speech import AccountPlan, Speech, expires_after
from bot.store.dialect import insert_for
from bot.store.serial import content_to_json
from bot.store.tables import conversations, kf_cursors, outbox
from bot.store.turns import SENT, received
from bot.store.views import Claimed, ConversationMoved, Effect, EffectKind, TurnRecord
from bot.tagging.desk import TagDesk
from handoff import AgentStatus, Refused

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

RECEIVING, SUSPENDED = "1", "1"  # servicer_status_change: status, and stop_type [W 94699]


@dataclass(frozen=True, slots=True)
class Events:
    """Turns for events. Each returns a TurnRecord; what must happen with it is in its act."""

    mind: Callable[[], Mind]
    plans: Mapping[tuple[str, ChannelKind], AccountPlan]
    speech: Speech
    handover: Handover
    endings: Endings
    reconciler: Reconciler
    clicks: CardClicks
    consents: ConsentLedger | None
    tags: TagDesk
    limits: LimitSettings
    now: Callable[[], datetime]

    async def handle(self, claimed: Claimed) -> TurnRecord:
        """The turn for one event; an unknown event is recorded and nothing is done."""
        handlers: dict[str, Callable[[Claimed], Awaitable[TurnRecord]]] = {
            "subscribe": self._followed,
            "scan": self._scanned,
            "unsubscribe": self._unfollowed,
            "enter_session": self._entered,
            "session_status_change": self._session_changed,
            "servicer_status_change": self._servicer_changed,
            "msg_send_fail": self._send_failed,
            "user_recall_msg": self._recalled,
            "servicer_recall_msg": self._recalled,
            "template_card_event": self.clicks.handle,
            "kf_account_auth_change": self._accounts_changed,
            "change_external_contact": self._contact_changed,
            "change_external_tag": self._tags_changed,
        }
        handler = handlers.get(claimed.message.event)
        return await handler(claimed) if handler is not None else self._noted(claimed)

    async def colleague_wrote(self, claimed: Claimed) -> TurnRecord:
        """A servicer wrote in the WeCom client (origin 5): she serves, whatever we thought before."""
        agent = str(claimed.message.raw.get("servicer_userid", ""))
        if not agent or not claimed.message.address.customer:
            return self._noted(claimed)
        hers = claimed.conversation.agent == agent

        async def act(connection: AsyncConnection, conversation_id: int) -> Sequence[Effect]:
            effects: Sequence[Effect] = ()
            if hers:
                await unmoved(connection, claimed)
            else:
                effects = await self._person_took(connection, conversation_id, agent, "answered in the WeCom client")
            await self.handover.clockwork.person_spoke(connection, conversation_id, by=agent)
            return effects

        return TurnRecord(decision="silent", reason="a person wrote", session_state=PERSON_SERVES, act=act)

    def _noted(self, claimed: Claimed) -> TurnRecord:
        return TurnRecord(
            decision="silent",
            reason=f"noted {claimed.message.event or claimed.message.kind.value}",
            opens=False,
            failures=claimed.conversation.failures,
            choices=claimed.conversation.choices,
            window=self.speech.window_after(claimed.message, claimed.budget),
        )

    # ── customers come and go ────────────────────────────────────────────────────────────────

    async def _followed(self, claimed: Claimed) -> TurnRecord:
        shop = self.mind().shop
        plan = self._plan(claimed)
        window = self.speech.window_after(claimed.message, claimed.budget)
        greeting = TextContent(shop.phrases.say("customer.followed", shop=shop.name))
        said = self.speech.say(plan, (greeting,), speaker=Speaker.BOT, budget=window or claimed.budget, inline=True)
        address = claimed.message.address

        async def act(connection: AsyncConnection, _: int) -> Sequence[Effect]:
            if claimed.conversation.id:
                await unmoved(connection, claimed)
            await self.tags.followed(connection, address.account, address.customer)
            return ()

        return TurnRecord(
            decision="greeted",
            reason="followed",
            act=act,
            scene=claimed.message.scene,
            window=window,
            effects=(*said, ask_profile(claimed)),
        )

    async def _scanned(self, claimed: Claimed) -> TurnRecord:
        return TurnRecord(
            decision="silent",
            reason="scanned",
            scene=claimed.message.scene,
            failures=claimed.conversation.failures,
            choices=claimed.conversation.choices,
            window=self.speech.window_after(claimed.message, claimed.budget),
        )

    async def _unfollowed(self, claimed: Claimed) -> TurnRecord:
        ending, address = self._ending(claimed, outcome="unsubscribed"), claimed.message.address

        async def act(connection: AsyncConnection, conversation_id: int) -> Sequence[Effect]:
            await self.tags.unfollowed(connection, address.account, address.customer)
            return await ending.act(connection, conversation_id) if ending.act is not None else ()

        return replace(ending, act=act)

    async def _entered(self, claimed: Claimed) -> TurnRecord:
        shop = self.mind().shop
        code = _field(claimed, "welcome_code")
        deadline = expires_after(claimed.message.sent_at, self.limits.welcome_window_s)
        effects: list[Effect] = [ask_profile(claimed)]
        if code and deadline > self.now():
            greeting = TextContent(shop.phrases.say("customer.entered", shop=shop.name))
            effects.insert(
                0,
                Effect(
                    kind=EffectKind.WELCOME,
                    payload={"code": code, "content": content_to_json(greeting)},
                    speaker=Speaker.BOT,
                    expires_at=deadline,
                ),
            )
        return TurnRecord(
            decision="greeted" if code else "silent",
            reason="entered",
            scene=claimed.message.scene,
            failures=claimed.conversation.failures,
            choices=claimed.conversation.choices,
            effects=tuple(effects),
        )

    def _ending(self, claimed: Claimed, *, outcome: str) -> TurnRecord:
        """The conversation ends with this event, and with it a person's time; a code lets us say goodbye."""
        if not claimed.conversation.id:
            return self._noted(claimed)
        code = _field(claimed, "msg_code")

        async def act(connection: AsyncConnection, conversation_id: int) -> Sequence[Effect]:
            held = Held.claimed(claimed)
            by = held.agent or "platform"
            ended = await self.endings.close(connection, self.mind().shop, held, by=by, outcome=outcome)
            if isinstance(ended, Refused):
                raise ConversationMoved(f"conversation {conversation_id}: {ended.reason}")
            if not code:
                return ended.effects
            goodbye = Effect(
                kind=EffectKind.WELCOME,
                payload={"code": code, "content": content_to_json(ended.words)},
                expires_at=expires_after(claimed.message.sent_at, self.limits.welcome_window_s),
            )
            return [goodbye, *ended.effects]

        return TurnRecord(decision="silent", reason=outcome, act=act, opens=False)

    # ── 微信客服: who serves, as WeCom tells us ──────────────────────────────────────────────

    async def _session_changed(self, claimed: Claimed) -> TurnRecord:
        agent = _field(claimed, "new_servicer_userid")
        match _field(claimed, "change_type"):  # 1 picked, 2 transferred, 3 ended, 4 re-opened [W 94699]
            case "1" | "2" | "4" if agent:

                async def act(connection: AsyncConnection, conversation_id: int) -> Sequence[Effect]:
                    return await self._person_took(connection, conversation_id, agent, "took it in the WeCom client")

                return TurnRecord(decision="silent", reason="a person took over", session_state=PERSON_SERVES, act=act)
            case "3":
                return self._session_ended(claimed)
            case _:
                return self._noted(claimed)

    def _session_ended(self, claimed: Claimed) -> TurnRecord:
        seen, agent = claimed.conversation, _field(claimed, "old_servicer_userid")
        if seen.owner == "bot" and (seen.stretch is not None and seen.stretch.agent == agent):
            return self._noted(claimed)  # the sweep was faster, and the customer is back with the bot
        return replace(self._ending(claimed, outcome=IN_CLIENT), session_state=ENDED)

    async def _person_took(
        self, connection: AsyncConnection, conversation_id: int, agent: str, cause: str
    ) -> Sequence[Effect]:
        row = select(conversations.c.ticket_id).where(conversations.c.id == conversation_id)
        ticket_id = (await connection.execute(row)).scalar_one()
        return await self.reconciler.taken(connection, conversation_id, ticket_id, agent, cause=cause)

    async def _servicer_changed(self, claimed: Claimed) -> TurnRecord:
        agent = _field(claimed, "servicer_userid")
        if _field(claimed, "status") == RECEIVING:
            status = AgentStatus.READY
        else:
            status = AgentStatus.AWAY if _field(claimed, "stop_type") == SUSPENDED else AgentStatus.OFF

        async def act(connection: AsyncConnection, _: int) -> Sequence[Effect]:
            await self.handover.desk.set_status(connection, agent, status, by="platform")
            return ()

        return TurnRecord(decision="silent", reason=f"servicer {status}", opens=False, act=act if agent else None)

    async def _send_failed(self, claimed: Claimed) -> TurnRecord:
        msgid, fail_type = _field(claimed, "fail_msgid"), _field(claimed, "fail_type")
        advice = self.mind().shop.phrases.say("advice.not_delivered")

        async def act(connection: AsyncConnection, _: int) -> Sequence[Effect]:
            await connection.execute(
                update(outbox)
                .where(outbox.c.msgid == msgid)
                .values(state="dead", error=f"msg_send_fail type {fail_type}", advice=advice)
            )
            await self.handover.archive.withdraw(connection, SENT, msgid)
            return ()

        return TurnRecord(decision="silent", reason="a send failed", opens=False, act=act)

    async def _recalled(self, claimed: Claimed) -> TurnRecord:
        source = received(claimed.message.address.account)
        msgid = _field(claimed, "recall_msgid")

        async def act(connection: AsyncConnection, _: int) -> Sequence[Effect]:
            await self.handover.archive.recall(connection, source, [msgid])
            return ()

        return TurnRecord(
            decision="silent",
            reason="recalled",
            opens=False,
            failures=claimed.conversation.failures,
            choices=claimed.conversation.choices,
            act=act,
        )

    async def _accounts_changed(self, claimed: Claimed) -> TurnRecord:
        added = _listed(claimed.message.raw.get("AuthAddOpenKfId"))
        account = claimed.message.address.account

        async def act(connection: AsyncConnection, _: int) -> Sequence[Effect]:
            now = self.now()
            for open_kfid in added:
                row = {"account": account, "open_kfid": open_kfid, "rings": 1, "ready_at": now}
                await connection.execute(
                    insert_for(connection, kf_cursors)
                    .values(**row)
                    .on_conflict_do_update(
                        index_elements=["account", "open_kfid"],
                        set_={"rings": kf_cursors.c.rings + 1, "ready_at": now},
                    )
                )
            return ()

        return TurnRecord(decision="silent", reason="kf accounts changed", opens=False, act=act)

    # ── 客户联系: who follows a customer, and the tags on her card ────────────────────────────

    def _card_changed(self, claimed: Claimed, change: str) -> TurnRecord:
        address = claimed.message.address

        async def act(connection: AsyncConnection, _: int) -> Sequence[Effect]:
            await self.tags.contact_changed(connection, address.account, address.customer, change)
            return ()

        return replace(self._noted(claimed), reason=f"contact {change}"[:64], act=act)

    async def _tags_changed(self, claimed: Claimed) -> TurnRecord:
        account = claimed.message.address.account

        async def act(connection: AsyncConnection, _: int) -> Sequence[Effect]:
            await self.tags.list_changed(connection, account)
            return ()

        return TurnRecord(decision="silent", reason="tags changed", opens=False, act=act)

    async def _contact_changed(self, claimed: Claimed) -> TurnRecord:
        """A customer agreed to being archived (msg_audit_approved), or her card may stand otherwise now."""
        message, change = claimed.message, _field(claimed, "ChangeType")
        if change != "msg_audit_approved":
            return self._card_changed(claimed, change)
        fact = ConsentFact(
            account=message.address.account,
            customer=_field(claimed, "ExternalUserID"),
            counterpart=_field(claimed, "UserID"),
            status=Consent.AGREE,
            changed_at=message.sent_at,
            source="event",
        )

        async def act(connection: AsyncConnection, _: int) -> Sequence[Effect]:
            await self.handover.archive.append(connection, [consent_entry(fact, message.message_id)])
            if self.consents is not None:
                await self.consents.record(connection, [fact])
            return ()

        return replace(self._noted(claimed), reason="agreed to the archive", act=act)

    def _plan(self, claimed: Claimed) -> AccountPlan:
        return self.plans[claimed.message.address.account, claimed.message.channel]


def _field(claimed: Claimed, name: str) -> str:
    """A field of a 微信客服 event (they sit inside event{}) or of a WeCom event, as text."""
    event = claimed.message.raw.get("event")
    source = event if isinstance(event, Mapping) else claimed.message.raw
    value = source.get(name)
    return "" if value is None else str(value)


def _listed(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(item) for item in value] if isinstance(value, list) else []


def ask_profile(claimed: Claimed) -> Effect:
    """An effect that asks the platform who the customer is."""
    return Effect(kind=EffectKind.PROFILE, payload={"customer": claimed.message.address.customer}, ordered=False)
