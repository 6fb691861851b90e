"""For how long is the rest of a thought waited for? As long as the text suggests, within bounds. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain import ChannelKind, Inbound
from bot.settings import WorkSettings
from bot.speech import AccountPlan
from bot.store.bubbles import Waiting
from nlu import looks_unfinished, wait_ms

TICK = timedelta(seconds=1)  # the platforms tell when a message was written in whole seconds, rounded down
LIKELY = 0.5  # that more follows: from here on a first message waits. Fewer than one in ten do
# Passive answers: the callbacks of all bubbles are open meanwhile and must be answered within the same 4.5 s.
INLINE_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class AdaptivePatience:
    """What `store.bubbles.Patience` is. passive_wait_s: how long a passive answer may take."""

    settings: WorkSettings
    plans: Mapping[tuple[str, ChannelKind], AccountPlan]
    passive_wait_s: float

    def __call__(self, message: Inbound, before: Sequence[Waiting], now: datetime) -> datetime | None:
        """Until when, or None for a message that is whole; a bare number is one, it may pick a choice.

        Who has begun to write in pieces is waited for sooner than who has not.
        """
        longest_s, total_s = self._bounds(message)
        if longest_s <= 0 or message.text.strip().isdecimal():
            return None
        if not before and looks_unfinished(message.text) < LIKELY:
            return None
        texts = [*(each.message.text for each in before), message.text]
        wait = timedelta(milliseconds=wait_ms(texts, longest_ms=round(longest_s * 1000)))
        if not wait:
            return None
        written = min(now, message.sent_at + TICK)  # what was written long ago waited long enough
        began = before[0].received_at if before else now
        return min(written + wait, began + timedelta(seconds=total_s))

    def _bounds(self, message: Inbound) -> tuple[float, float]:
        longest_s, total_s = self.settings.bubble_wait_s, self.settings.bubble_total_s
        plan = self.plans.get((message.address.account, message.channel))
        if plan is not None and plan.answering == "inline":
            total_s = min(total_s, self.passive_wait_s * INLINE_SHARE)
        return min(longest_s, total_s), total_s
