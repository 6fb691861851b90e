"""Which program is this, and what may it do? Bearer tokens: shown once, kept as digests, revocable, with an end."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Row, insert, select, update

from bot.access import Action, Actor, Audit
from bot.api.scopes import Scope
from bot.api.tables import api_tokens
from bot.store.engine import read_only

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

_SHAPE: Final = re.compile(r"xr_([1-9][0-9]{0,17})_([0-9A-Za-z_-]{43})")
_SECRET_BYTES: Final = 32
_NOTED_EVERY: Final = timedelta(minutes=1)  # a token's last use is not worth a write with each request


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; not the token. used_at: to the minute."""

    id: int
    name: str
    scopes: frozenset[Scope]
    by: str
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        """May it still be used?"""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Issues, checks and revokes; who does it stands in the audit log with it."""

    engine: AsyncEngine
    audit: Audit
    now: Callable[[], datetime]

    async def issue(self, name: str, scopes: Iterable[Scope], *, by: Actor, days: int | None) -> tuple[Token, str]:
        """A new token and its text, which nobody can show again. days: how long it is good for; None: until revoked."""
        now, secret = self.now(), secrets.token_urlsafe(_SECRET_BYTES)
        values = {
            "name": name,
            "digest": _digest(secret),
            "scopes": sorted(scope.value for scope in scopes),
            "by": by.id,
            "created_at": now,
            "expires_at": now + timedelta(days=days) if days is not None else None,
        }
        async with self.engine.begin() as connection:
            row = (await connection.execute(insert(api_tokens).values(values).returning(api_tokens))).one()
            await self.audit.record(connection, Action.TOKEN_MADE, by=by, on=f"token:{row.id}")
        return _token(row), f"xr_{row.id}_{secret}"

    async def check(self, given: str) -> Token | None:
        """The token of a text; None where it is none of ours, or no good any more."""
        shape = _SHAPE.fullmatch(given)
        if shape is None:
            return None
        query = select(api_tokens).where(api_tokens.c.id == int(shape[1]))
        async with read_only(self.engine).connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        now = self.now()
        if row is None or not hmac.compare_digest(row.digest, _digest(shape[2])) or not _token(row).is_good(now):
            return None
        if row.used_at is None or now - row.used_at >= _NOTED_EVERY:
            async with self.engine.begin() as connection:
                await connection.execute(update(api_tokens).where(api_tokens.c.id == row.id).values(used_at=now))
        return _token(row)

    async def every(self) -> tuple[Token, ...]:
        """All of them, the newest first."""
        async with read_only(self.engine).connect() as connection:
            rows = await connection.execute(select(api_tokens).order_by(api_tokens.c.id.desc()))
            return tuple(map(_token, rows))

    async def revoke(self, token_id: int, *, by: Actor) -> bool:
        """It is no good any more; False where there is none of this id that was."""
        good = (api_tokens.c.id == token_id) & api_tokens.c.revoked_at.is_(None)
        async with self.engine.begin() as connection:
            done = await connection.execute(update(api_tokens).where(good).values(revoked_at=self.now()))
            if done.rowcount:
                await self.audit.record(connection, Action.TOKEN_REVOKED, by=by, on=f"token:{token_id}")
        return bool(done.rowcount)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _token(row: Row[Any]) -> Token:
    return Token(
        id=row.id,
        name=row.name,
        scopes=frozenset(map(Scope, row.scopes)),
        by=row.by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )
