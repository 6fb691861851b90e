"""Who is calling? Access tokens as the platforms issue, replace and expire them (wechat-platform §3, §4.1)."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.simulator.errors import PlatformError
from bot.simulator.ids import Ids
from bot.simulator.limits import DAY, Limits


@dataclass(slots=True)
class Grant:
    """One token. kind: "oa" or "wecom". owner: app_id, or corp_id and secret of the app."""

    token: str
    kind: str
    owner: str
    expires_at: datetime
    replaced_at: datetime | None = None


class TokenOffice:
    """Issues and checks tokens. `stable` and plain tokens of one app know nothing of each other (§3)."""

    def __init__(self, ids: Ids, limits: Limits) -> None:
        self._ids = ids
        self._limits = limits
        self._grants: dict[str, Grant] = {}
        self._latest: dict[tuple[str, str], Grant] = {}
        self._issued: dict[tuple[str, str], deque[datetime]] = defaultdict(deque)

    def issue(self, kind: str, owner: str, now: datetime) -> Grant:
        """cgi-bin/token: a new one, the old one works 5 minutes on. Raises PlatformError 45009 over 2000 a day."""
        self._count((owner, "plain"), self._limits.tokens_per_day, now)
        return self._replace(kind, owner, "plain", now)

    def same(self, kind: str, owner: str, slot: str, now: datetime) -> Grant:
        """The current token while it lives longer than 5 minutes, else a new one (stable_token, gettoken)."""
        latest = self._latest.get((owner, slot))
        overlap = timedelta(seconds=self._limits.token_overlap_s)
        if latest is not None and latest.token in self._grants and latest.expires_at - now > overlap:
            return latest
        return self._replace(kind, owner, slot, now)

    def force(self, kind: str, owner: str, now: datetime) -> Grant:
        """stable_token with force_refresh: at most 20 a day and one in 30 s. Raises PlatformError 45009."""
        issued = self._issued[owner, "forced"]
        if issued and now - issued[-1] < timedelta(seconds=self._limits.forced_token_gap_s):
            raise PlatformError(45009, "force_refresh within 30 seconds")
        self._count((owner, "forced"), self._limits.forced_tokens_per_day, now)
        return self._replace(kind, owner, "stable", now, overlap_s=0.0)

    def check(self, token: str, kind: str, now: datetime) -> str:
        """The owner of a good token.

        Raises PlatformError 41001 (none), 40014 (unknown, or of the other platform), 42001 (expired),
        40001 (replaced by a newer one).
        """
        if not token:
            raise PlatformError(41001)
        grant = self._grants.get(token)
        if grant is None or grant.kind != kind:
            raise PlatformError(40014)
        if now >= grant.expires_at:
            raise PlatformError(42001)
        if grant.replaced_at is not None and now >= grant.replaced_at:
            raise PlatformError(40001)
        return grant.owner

    def expire(self, token: str, now: datetime) -> None:
        """Let a token expire now."""
        if token in self._grants:
            self._grants[token].expires_at = now

    def _replace(self, kind: str, owner: str, slot: str, now: datetime, overlap_s: float | None = None) -> Grant:
        overlap = self._limits.token_overlap_s if overlap_s is None else overlap_s
        if (old := self._latest.get((owner, slot))) is not None and old.replaced_at is None:
            old.replaced_at = now + timedelta(seconds=overlap)
        grant = Grant(self._ids.fresh(chars=64), kind, owner, now + timedelta(seconds=self._limits.token_s))
        self._grants[grant.token] = self._latest[owner, slot] = grant
        return grant

    def _count(self, key: tuple[str, str], limit: int, now: datetime) -> None:
        issued = self._issued[key]
        while issued and now - issued[0] >= timedelta(seconds=DAY):
            issued.popleft()
        if len(issued) >= limit:
            raise PlatformError(45009)
        issued.append(now)
