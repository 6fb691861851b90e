"""In which state is a 微信客服 session, and which moves are allowed?

Source: wechat-platform §2.3 [W 94669].
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from bot.simulator.errors import PlatformError
from bot.simulator.limits import Limits


class State(IntEnum):
    """service_state."""

    NEW = 0
    BOT = 1
    POOL = 2
    SERVED = 3
    ENDED = 4


ALLOWED = {
    State.NEW: (State.BOT, State.POOL, State.SERVED, State.ENDED),
    State.BOT: (State.POOL, State.SERVED, State.ENDED),
    State.POOL: (State.SERVED, State.ENDED),
    State.SERVED: (State.SERVED, State.ENDED),
    State.ENDED: (),
}


@dataclass(slots=True)
class Session:
    """One customer at one kf account. state ENDED also means "not begun"."""

    state: State = State.ENDED
    servicer: str = ""
    last_message_at: datetime | None = None
    sends_left: int = 0
    welcomed_at: datetime | None = None
    replied: set[State] = field(default_factory=set)
    scene: str = ""
    scene_param: str = ""
    rejects: bool = False

    def current(self, now: datetime, limits: Limits) -> State:
        """The state now: a session ends by itself 48 h after the customer's last message."""
        if self.state is not State.ENDED and not self.in_window(now, limits):
            self.end()
        return self.state

    def in_window(self, now: datetime, limits: Limits) -> bool:
        """Did the customer write within 48 h?"""
        return self.last_message_at is not None and now - self.last_message_at < timedelta(seconds=limits.window_s)

    def customer_wrote(self, now: datetime, limits: Limits) -> None:
        """A message reopens an ended session at 0 and renews the five sends."""
        if self.current(now, limits) is State.ENDED:
            self.state, self.servicer = State.NEW, ""
            self.replied.clear()
        self.last_message_at = now
        self.sends_left = limits.sends_per_message

    def move(self, target: State, servicer: str) -> bool:
        """A move by API; True where it earns a msg_code (first time into 2 or 3, and the end).

        Raises PlatformError 95013 from an ended session, 95016 for any other move that is not allowed.
        """
        if self.state is State.ENDED:
            raise PlatformError(95013)
        if target not in ALLOWED[self.state]:
            raise PlatformError(95016, f"{self.state:d} to {target:d}")
        if target is State.ENDED:
            self.end()
            return True
        first = target is not State.BOT and target not in self.replied
        self.replied.add(target)
        self.state, self.servicer = target, servicer
        return first

    def end(self) -> None:
        """Close it; the next customer message begins anew."""
        self.state, self.servicer = State.ENDED, ""

    def serve(self, servicer: str) -> None:
        """A servicer took it, in the client."""
        self.state, self.servicer = State.SERVED, servicer
        self.replied.add(State.SERVED)
