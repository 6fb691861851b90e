"""Which single-use code allows which one message on which event?

Source: wechat-platform §2.4 [W 95122].
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.simulator.errors import PlatformError
from bot.simulator.limits import Limits


class Occasion(StrEnum):
    """What the code was given for."""

    WELCOME = "welcome"
    POOLED = "pooled"
    SERVED = "served"
    ENDED = "ended"


def lifetime(occasion: Occasion, limits: Limits) -> timedelta:
    """How long a code of this occasion serves: 20 s for welcome and farewell, 48 h in between."""
    alive = {Occasion.WELCOME: limits.welcome_s, Occasion.ENDED: limits.ended_code_s}
    return timedelta(seconds=alive.get(occasion, limits.reply_code_s))


MENU_ALLOWED = (Occasion.WELCOME, Occasion.ENDED)


@dataclass(slots=True)
class Code:
    """One code: whom it may reach, until when."""

    occasion: Occasion
    open_kfid: str
    external_userid: str
    expires_at: datetime
    used: bool = False


class Codes:
    """Every welcome_code and msg_code of a corp."""

    def __init__(self) -> None:
        self._codes: dict[str, Code] = {}

    def add(self, text: str, code: Code) -> str:
        """Remember a fresh code."""
        self._codes[text] = code
        return text

    def look_up(self, text: str, now: datetime) -> Code:
        """The live code. Raises PlatformError 41050: unknown or used; 42003: too late."""
        code = self._codes.get(text)
        if code is None or code.used:
            raise PlatformError(41050)
        if now >= code.expires_at:
            raise PlatformError(42003)
        return code
