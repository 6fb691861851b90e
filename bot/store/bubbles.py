"""Which waiting messages make one thought, and for how long is the rest of it waited for? Pure.

Customers send three short messages for one thought. One that looks unfinished is held for a moment; what follows it
is read together with it. All that is known of this is kept with the messages, so that no crash forgets it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain import Inbound, MessageKind, Sender

MOST: Final = 8  # messages read as one
GAP: Final = timedelta(seconds=10)  # between two messages of one thought, by the platform's clock (whole seconds)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message without a turn. waits_until: how long the rest of its thought is waited for, None if it is whole."""

    inbox_id: int
    message: Inbound
    received_at: datetime
    waits_until: datetime | None


@dataclass(frozen=True, slots=True)
class Thought:
    """Messages to be read as one, in order. until: more of it is waited for until then, None if it is whole."""

    messages: tuple[Waiting, ...]
    until: datetime | None


# After this message and the unfinished ones before it (oldest first), at this moment: until when is more waited for?
# None where it is whole.
Patience = Callable[[Inbound, Sequence[Waiting], datetime], datetime | None]


def no_patience(message: Inbound, before: Sequence[Waiting], now: datetime) -> datetime | None:
    """Every message is whole."""
    del message, before, now
    return None


def is_bubble(message: Inbound) -> bool:
    """Whether it may be part of a longer thought: words of the customer's own, no click, event or picture."""
    return (
        message.kind is MessageKind.TEXT
        and message.sender is Sender.CUSTOMER
        and not message.choice
        and bool(message.text.strip())
    )


def first_thought(waiting: Sequence[Waiting]) -> Thought:
    """The oldest of the messages that wait and all that belong to it; `waiting` is in order and not empty."""
    taken = [waiting[0]]
    for each in waiting[1:MOST]:
        last = taken[-1]
        if last.waits_until is None:
            break
        if not is_bubble(each.message) or each.message.sent_at - last.message.sent_at > GAP:
            return Thought(tuple(taken), None)  # whatever comes now comes after that
        taken.append(each)
    return Thought(tuple(taken), taken[-1].waits_until if len(taken) < MOST else None)


def unfinished_before(waiting: Sequence[Waiting]) -> tuple[Waiting, ...]:
    """The messages at the end of `waiting` that would be read together with the next one."""
    kept: list[Waiting] = []
    for each in reversed(waiting):
        if each.waits_until is None:
            break
        kept.insert(0, each)
    return tuple(kept[-MOST + 1 :])
