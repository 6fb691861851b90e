"""What does kf/sync_msg return? The messages of one kf account, three days long, behind opaque cursors."""

from __future__ import annotations

import base64
import binascii
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.simulator.errors import PlatformError
from bot.simulator.limits import Limits
from bot.simulator.values import Json, size


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the list and its place in it."""

    number: int
    at: datetime
    message: Json


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: messages, the cursor behind them, and whether there is more."""

    messages: list[Json]
    cursor: str
    more: bool


class KfLog:
    """Messages of customers, servicers and the system; never those sent by API (wechat-platform §2.2)."""

    def __init__(self, open_kfid: str) -> None:
        self._open_kfid = open_kfid
        self._entries: deque[Entry] = deque()
        self._count = 0
        self._tokens: dict[str, datetime] = {}

    def add(self, message: Json, now: datetime, limits: Limits) -> None:
        """Append; forget what is older than 3 days."""
        self._count += 1
        self._entries.append(Entry(self._count, now, message))
        while self._entries and not self._is_kept(self._entries[0], now, limits):
            self._entries.popleft()

    def add_token(self, token: str, now: datetime, limits: Limits) -> None:
        """A callback carried this token; it serves for 10 minutes."""
        alive = timedelta(seconds=limits.kf_token_s)
        if len(self._tokens) > limits.kf_page:
            self._tokens = {old: at for old, at in self._tokens.items() if now - at < alive}
        self._tokens[token] = now

    def check_token(self, token: str, now: datetime, limits: Limits) -> None:
        """Raise PlatformError 95007 for a token that is unknown or older than 10 minutes."""
        given = self._tokens.get(token)
        if given is None or now - given >= timedelta(seconds=limits.kf_token_s):
            raise PlatformError(95007)

    def page(self, cursor: str, limit: int, now: datetime, limits: Limits) -> Page:
        """Up to `limit` messages behind `cursor` ("" = the earliest within 3 days). Raises PlatformError 40058."""
        after = self._position(cursor, limits) if cursor else 0
        rest = self._behind(after, now, limits)
        chosen = rest[:limit]
        position = chosen[-1].number if chosen else self._count
        return Page([entry.message for entry in chosen], self.cursor(position), len(rest) > limit)

    def cursor(self, position: int) -> str:
        """The opaque form of a position, at most 64 bytes."""
        text = f"{self._open_kfid[-12:]}.{position:x}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def _behind(self, after: int, now: datetime, limits: Limits) -> list[Entry]:
        found: list[Entry] = []
        for entry in reversed(self._entries):
            if entry.number <= after or not self._is_kept(entry, now, limits):
                break
            found.append(entry)
        found.reverse()
        return found

    def _position(self, cursor: str, limits: Limits) -> int:
        try:
            text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
            owner, _, position = text.rpartition(".")
            number = int(position, 16)
        except (binascii.Error, UnicodeDecodeError, ValueError):
            raise PlatformError(40058, "cursor") from None
        if size(cursor) > limits.kf_cursor_bytes or owner != self._open_kfid[-12:] or not 0 <= number <= self._count:
            raise PlatformError(40058, "cursor")
        return number

    @staticmethod
    def _is_kept(entry: Entry, now: datetime, limits: Limits) -> bool:
        return now - entry.at < timedelta(seconds=limits.kf_history_s)
