"""What does the platform keep of an official account: its followers, what may still be sent to them, its QR codes?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from bot.simulator.errors import PlatformError
from bot.simulator.limits import Limits

Mode = Literal["plain", "compatible", "safe"]


@dataclass(slots=True)
class Follower:
    """One customer's relation to the account, and the sends it allows (wechat-platform §3)."""

    subscribed: bool = False
    subscribed_at: datetime | None = None
    subscribe_scene: str = "ADD_SCENE_SEARCH"
    scene: str = ""
    last_interaction: datetime | None = None
    typing_until: datetime | None = None
    message_left: int = 0
    message_until: datetime | None = None
    event_left: int = 0
    event_until: datetime | None = None
    tags: set[int] = field(default_factory=set)

    def wrote(self, now: datetime, limits: Limits) -> None:
        """A message of hers allows 5 sends within 48 h."""
        self.last_interaction = now
        self.message_left = limits.sends_per_message
        self.message_until = now + timedelta(seconds=limits.window_s)

    def acted(self, now: datetime, limits: Limits) -> None:
        """A menu click, follow or scan allows 3 sends within a minute."""
        self.last_interaction = now
        self.event_left = limits.sends_per_event
        self.event_until = now + timedelta(seconds=limits.event_window_s)

    def spend(self, now: datetime) -> None:
        """Use one send. Raises PlatformError 45015 (no window open) or 45047 (window open, nothing left)."""
        open_event = self.event_until is not None and now < self.event_until
        open_message = self.message_until is not None and now < self.message_until
        if open_event and self.event_left:
            self.event_left -= 1
        elif open_message and self.message_left:
            self.message_left -= 1
        else:
            raise PlatformError(45047 if open_event or open_message else 45015)


@dataclass(frozen=True, slots=True)
class QrCode:
    """One code; `expires_at` is None for a permanent one."""

    ticket: str
    scene: str
    expires_at: datetime | None


@dataclass(slots=True)
class OfficialAccount:
    """One 公众号. name: as in the settings, and the place of its threads. callback_url "" means none is configured."""

    name: str
    app_id: str
    secret: str
    token: str
    encoding_aes_key: str = ""
    original_id: str = ""
    title: str = ""
    mode: Mode = "safe"
    form: Literal["xml", "json"] = "xml"
    custom_send: bool = True
    callback_url: str = ""
    menu: tuple[tuple[str, str], ...] = ()
    followers: dict[str, Follower] = field(default_factory=dict)
    qrcodes: dict[str, QrCode] = field(default_factory=dict)
    tags: dict[int, str] = field(default_factory=dict)

    @property
    def receiver(self) -> str:
        """ToUserName of its callbacks."""
        return self.original_id or f"gh_{self.app_id[-12:]}"

    def follower(self, openid: str) -> Follower:
        """The relation, created on first contact."""
        return self.followers.setdefault(openid, Follower())
