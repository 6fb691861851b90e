"""How do words reach a customer? Within the budget, in the right session state, never twice knowingly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import update

from archive import Archive, Entry, Voice
from bot.channels.base import ApiCall, Channel
from bot.channels.wecom_kf import WeComKfChannel
from bot.delivery.outcome import Again, Also, ByCallback, Dead, Dropped, Outcome, Sent, Uncertain, outcome_of
from bot.delivery.uploads import Uploads
from bot.domain import ChannelKind, Content, MenuContent, Speaker, TextContent
from bot.following import BOT_SERVES, IN_POOL, SPEAKABLE
from bot.phrases import default_phrases
from bot.platform import ApiError, Category, PlatformClient, PlatformError
from bot.platform.calls import kf
from bot.reconcile import Reconciler
from bot.speech import words_of
from bot.store.dialect import insert_for
from bot.store.effects import Effects
from bot.store.serial import content_from_json
from bot.store.tables import account_facts, conversations
from bot.store.turns import SENT
from bot.store.views import TAKEN_OVER, EffectKind, OutboxItem

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_VOICES = {Speaker.BOT: Voice.BOT, Speaker.AGENT: Voice.AGENT, Speaker.SYSTEM: Voice.SYSTEM}
NO_SENDING_API = 48001  # API unauthorised (wechat-platform §3)
IN_POOL_AGAIN_S = 60.0  # how long words wait for a session to leave the pool
UNKNOWN_MEDIA_ID = 40007  # or it has expired (wechat-platform §2.2)


@dataclass(frozen=True, slots=True)
class SendWords:
    """Delivers SEND and WELCOME."""

    engine: AsyncEngine
    effects: Effects
    archive: Archive
    platform: PlatformClient
    channels: Mapping[tuple[str, ChannelKind], Channel]
    uploads: Uploads
    reconciler: Reconciler
    now: Callable[[], datetime]
    reached: Callable[[str], None]

    async def send(self, item: OutboxItem) -> Outcome:
        """Say one message by the channel's sending API."""
        if item.owner == "agent" and item.speaker is Speaker.BOT:
            return Dropped(TAKEN_OVER)
        channel, account = self._channel(item), item.address.account
        content = content_from_json(item.payload["content"])
        ready = await self.uploads.ready(channel, account, content)
        if isinstance(ready, Outcome):
            return Uncertain("interrupted while sending") if item.interrupted else ready
        content, call = ready, channel.build_send(item.address, ready, item.msgid)
        if item.interrupted and not call.repeatable:
            return Uncertain("interrupted while sending; the platform does not recognise repeats")
        if (blocked := await self._not_ours(item)) is not None:
            return blocked
        if not item.spent:
            left = await self.effects.spend(item, self.now(), starts=not call.repeatable)
            if left is not None:
                short = f"send budget: {left.sends_left} left until {left.ends_at}"
                return Dead(short, default_phrases().say("advice.over_budget"))
        elif not call.repeatable:
            await self.effects.mark_started(item)
        return await self._perform(item, call, content)

    async def welcome(self, item: OutboxItem) -> Outcome:
        """Say one message by a single-use code."""
        channel = self._channel(item)
        if not isinstance(channel, WeComKfChannel):
            return Dead("no such code on this channel", default_phrases().say("advice.no_such_code"))
        content = content_from_json(item.payload["content"])
        call = channel.build_send_on_event(str(item.payload["code"]), content, item.msgid)
        return await self._perform(item, call, content)

    async def _perform(self, item: OutboxItem, call: ApiCall, content: Content) -> Outcome:
        self.reached("before_send")
        try:
            await self.platform.call(item.address.account, call)
        except ApiError as error:
            return await self._refused(item, error, call, content)
        except PlatformError as error:
            return outcome_of(error, repeatable=call.repeatable)
        self.reached("after_send")
        return Sent(also=self._remember(item, content, await self._take_session(item)))

    async def _refused(self, item: OutboxItem, error: ApiError, call: ApiCall, content: Content) -> Outcome:
        if error.code == NO_SENDING_API:
            learned = self._learn_passive(item.address.account)
            if isinstance(content, TextContent | MenuContent):
                return ByCallback(also=learned)
            return Dropped("the account lost its sending API, and a response to a callback carries words", also=learned)
        if error.code == UNKNOWN_MEDIA_ID and await self.uploads.forget(item.address.account, content):
            return Again(f"errcode {error.code}: will be uploaded again", gives_way=True)
        if error.category is Category.STATE and item.conversation_id is not None:
            state = await self.reconciler.reconcile(item.conversation_id)
            if state in SPEAKABLE:  # it may be spoken to after all, or again
                return Again(f"errcode {error.code}: the session is in state {state}")
            return _unspeakable(state, f"errcode {error.code}: ")
        return outcome_of(error, repeatable=call.repeatable)

    async def _not_ours(self, item: OutboxItem) -> Outcome | None:
        """微信客服 may be spoken to by API in state 0 or 1 only; where it was another one, look whether it still is."""
        if item.channel != ChannelKind.WECOM_KF or item.session_state is None or item.session_state in SPEAKABLE:
            return None
        state = await self.reconciler.reconcile(item.conversation_id or 0)
        return None if state in SPEAKABLE else _unspeakable(state)

    async def _take_session(self, item: OutboxItem) -> Also | None:
        """Say that the bot serves (state 1), once, behind the first words: in state 0 they may leave at once.

        Where that fails nothing is lost; the next words try again.
        """
        if item.kind is not EffectKind.SEND or item.channel != ChannelKind.WECOM_KF or item.session_state == BOT_SERVES:
            return None
        call = kf.service_state_trans(item.address.inbox, item.address.customer, BOT_SERVES)
        try:
            await self.platform.call(item.address.account, call)
        except PlatformError:
            return None

        async def also(connection: AsyncConnection) -> None:
            await connection.execute(
                update(conversations).where(conversations.c.id == item.conversation_id).values(session_state=BOT_SERVES)
            )

        return also

    def _channel(self, item: OutboxItem) -> Channel:
        kind = ChannelKind.WECOM_KF if item.address.inbox else ChannelKind.OFFICIAL_ACCOUNT
        return self.channels[item.address.account, kind]

    def _remember(self, item: OutboxItem, content: Content, then: Also | None) -> Also:
        async def also(connection: AsyncConnection) -> None:
            await self.archive.append(connection, [spoken(item, content, at=self.now())])
            if then is not None:
                await then(connection)

        return also

    def _learn_passive(self, account: str) -> Also:
        async def also(connection: AsyncConnection) -> None:
            await learn(connection, account, "sending_api", "no", self.now())

        return also


def _unspeakable(state: int, because: str = "") -> Outcome:
    """What becomes of words that this state forbids (95018): in the pool they wait, else a person or nobody is there.

    What waits lets later effects pass: among them may be the move that leads out of the pool.
    """
    if state == IN_POOL:
        return Again(f"{because}the session is in the pool", IN_POOL_AGAIN_S, gives_way=True)
    return Dropped(f"{because}the session is in state {state}")


def spoken(item: OutboxItem, content: Content, *, at: datetime) -> Entry:
    """The transcript's entry for one sent message; appending it again is a no-op."""
    return Entry(
        source=SENT,
        source_id=item.msgid,
        conversation_id=item.conversation_id,
        account=item.address.account,
        customer=item.address.customer,
        voice=_VOICES[item.speaker],
        who=str(item.payload.get("agent", "")),
        kind=content.kind,
        text=words_of(content),
        body=dict(item.payload),
        at=at,
    )


async def learn(connection: AsyncConnection, account: str, fact: str, value: str, at: datetime) -> None:
    """Remember a fact about an account that only the platform could tell."""
    await connection.execute(
        insert_for(connection, account_facts)
        .values(account=account, fact=fact, value=value, at=at)
        .on_conflict_do_update(index_elements=["account", "fact"], set_={"value": value, "at": at})
    )
