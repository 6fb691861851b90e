"""How do words become effects? Cut to the platform's limits, within the send budget, by the right exit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from bot.beside import Beside, within
from bot.channels.base import Channel
from bot.channels.passive import numbered
from bot.domain import (
    ChannelKind,
    Content,
    Inbound,
    LinkContent,
    MediaContent,
    MenuContent,
    MessageKind,
    MiniProgramContent,
    Sender,
    Speaker,
    TextContent,
)
from bot.phrases import default_phrases
from bot.settings import LimitSettings
from bot.store.serial import content_to_json
from bot.store.views import Budget, Effect, EffectKind

# Official-account events that open a short window for sending (wechat-platform §3, custom message).
WINDOW_EVENTS = frozenset({"subscribe", "scan", "click", "scancode_push", "scancode_waitmsg"})


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """How one account of one channel is served.

    answering: by the sending API, or inside the callback's response. handoff: who answers where after
    a hand-over. cards_via: name of the WeCom account whose app tells agents, "" if there is none.
    """

    account: str
    channel: ChannelKind
    answering: Literal["active", "inline"]
    handoff: Literal["client", "console"]
    cards_via: str


class Speech:
    """Builds the effects that say something."""

    def __init__(self, channels: Mapping[tuple[str, ChannelKind], Channel], limits: LimitSettings) -> None:
        self._channels = channels
        self._limits = limits

    def say(
        self, plan: AccountPlan, contents: Sequence[Content], *, speaker: Speaker, budget: Budget, inline: bool
    ) -> tuple[Effect, ...]:
        """Effects that say `contents` to the customer, no more messages than the budget allows the bot.

        inline: whether this turn answers a callback that may carry the words.
        """
        channel = self._channels[plan.account, plan.channel]
        in_response = inline and plan.answering == "inline"
        room = len(contents) + self._limits.sends_per_customer_message if in_response else self._room(budget, speaker)
        parts = [part for content in _merged(contents, room) for part in channel.split(content)]
        return tuple(
            Effect(
                kind=EffectKind.SEND,
                payload={"content": content_to_json(part)},
                speaker=speaker,
                inline=in_response,
            )
            for part in parts
        )

    def attach(
        self, plan: AccountPlan, contents: Sequence[Content], *, behind: int, budget: Budget
    ) -> tuple[tuple[Effect, ...], Beside]:
        """Effects that send attachments behind so many words of the same turn, and what of them is left out."""
        channel = self._channels[plan.account, plan.channel]
        inline = plan.answering == "inline"
        room = budget.sends_left - self._limits.reserve_for_handover - behind
        parts = [part for content in contents for part in channel.split(content)]
        beside = within(parts, room=room, words_only=inline)
        effects = tuple(
            Effect(EffectKind.SEND, {"content": content_to_json(each)}, speaker=Speaker.BOT, inline=inline)
            for each in beside.contents
        )
        return effects, beside

    def in_one(self, plan: AccountPlan, first: TextContent, second: TextContent) -> TextContent | None:
        """Both as one message; None where that is more than one message may hold."""
        both = TextContent(f"{first.text}\n{second.text}")
        return both if len(self._channels[plan.account, plan.channel].split(both)) == 1 else None

    def window_after(self, message: Inbound, budget: Budget) -> Budget | None:
        """The send budget this message opens, None if it opens none [W 94677][OA custom message]."""
        if message.sender is not Sender.CUSTOMER:
            return None
        limits = self._limits
        if message.kind is not MessageKind.EVENT:
            ends = message.sent_at + timedelta(seconds=limits.send_window_s)
            return Budget(sends_left=limits.sends_per_customer_message, ends_at=ends)
        if message.event not in WINDOW_EVENTS:
            return None
        still_open = budget.ends_at is not None and budget.ends_at > message.sent_at
        if still_open and budget.sends_left >= limits.sends_after_event:
            return None
        ends = message.sent_at + timedelta(seconds=limits.event_window_s)
        return Budget(sends_left=limits.sends_after_event, ends_at=ends)

    def _room(self, budget: Budget, speaker: Speaker) -> int:
        reserved = self._limits.reserve_for_handover if speaker is Speaker.BOT else 0
        return max(budget.sends_left - reserved, 1)


def expires_after(sent_at: datetime, seconds: int) -> datetime:
    """When a single-use code given at `sent_at` runs out."""
    return sent_at + timedelta(seconds=seconds)


def _merged(contents: Sequence[Content], room: int) -> list[Content]:
    """Neighbouring texts joined until the number of messages fits the room."""
    merged = list(contents)
    while len(merged) > room:
        for at in range(len(merged) - 1):
            first, second = merged[at], merged[at + 1]
            if isinstance(first, TextContent) and isinstance(second, TextContent):
                merged[at : at + 2] = [replace(first, text=f"{first.text}\n{second.text}")]
                break
        else:
            return merged
    return merged


def words_of(content: Content) -> str:
    """What a person would read."""
    match content:
        case TextContent(text=text):
            return text
        case MenuContent():
            return numbered(content)
        case LinkContent(title=title, url=url):
            return f"{title} {url}"
        case MiniProgramContent(title=title):
            return title
        case MediaContent(media=media):
            return default_phrases().say(f"content.{media}")
