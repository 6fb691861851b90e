"""Who is at the workbench? Signed login links, signed sessions, and the token that every form must carry."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from urllib.parse import quote

SESSION_S: Final = 12 * 3600
SHORTEST_SECRET: Final = 32

Purpose = Literal["login", "session"]


@dataclass(frozen=True, slots=True)
class Session:
    """An agent who proved who she is. id: random, new with each sign-in. expires_at: UTC, whole seconds."""

    agent: str
    id: str
    expires_at: datetime


def login_link(public_url: str, secret: bytes, agent: str, *, now: datetime, lives_s: int = 43_200) -> str:
    """A link that signs `agent` in until `lives_s` seconds after `now`.

    Whoever has it is that agent: send it to nobody else. Raises ValueError for a secret shorter than 32 bytes.
    """
    token = _signed(secret, "login", _fresh(agent, now, lives_s))
    return f"{public_url}/console/login?token={quote(token)}"


def read_login(secret: bytes, token: str, now: datetime) -> str | None:
    """The agent whom a login token names; None where it is forged, expired or no token at all."""
    session = _read(secret, "login", token, now)
    return session.agent if session else None


def open_session(secret: bytes, agent: str, now: datetime) -> str:
    """The cookie of a new session, good for 12 hours."""
    return _signed(secret, "session", _fresh(agent, now, SESSION_S))


def read_session(secret: bytes, cookie: str, now: datetime) -> Session | None:
    """The session of a cookie; None where it is forged, expired or no cookie at all."""
    return _read(secret, "session", cookie, now)


def csrf_token(secret: bytes, session: Session) -> str:
    """What every form of this session must send back."""
    return _encode(_mac(secret, f"csrf|{session.id}|{session.agent}".encode()))


def is_csrf_token(secret: bytes, session: Session, given: str) -> bool:
    """Is it the session's token? Compared in constant time."""
    return hmac.compare_digest(csrf_token(secret, session).encode(), given.encode())


def check_secret(secret: bytes) -> None:
    """Raises ValueError if anybody could guess the secret."""
    if len(secret) < SHORTEST_SECRET:
        raise ValueError(f"server.secret signs console sessions: give it at least {SHORTEST_SECRET} characters")


def _fresh(agent: str, now: datetime, lives_s: int) -> Session:
    return Session(agent=agent, id=secrets.token_urlsafe(12), expires_at=now + timedelta(seconds=lives_s))


def _signed(secret: bytes, purpose: Purpose, session: Session) -> str:
    check_secret(secret)
    # The agent comes last: her id may hold any character, the others may not.
    payload = f"{purpose}|{int(session.expires_at.timestamp())}|{session.id}|{session.agent}".encode()
    return f"{_encode(payload)}.{_encode(_mac(secret, payload))}"


def _read(secret: bytes, purpose: Purpose, token: str, now: datetime) -> Session | None:
    head, _, tail = token.partition(".")
    try:
        payload, mac = _decode(head), _decode(tail)
    except (binascii.Error, ValueError):
        return None
    if not hmac.compare_digest(_mac(secret, payload), mac):
        return None
    signed_for, expiry, session_id, agent = payload.decode().split("|", 3)
    expires_at = datetime.fromtimestamp(int(expiry), UTC)
    if signed_for != purpose or now >= expires_at:
        return None
    return Session(agent=agent, id=session_id, expires_at=expires_at)


def _mac(secret: bytes, payload: bytes) -> bytes:
    return hmac.digest(secret, payload, hashlib.sha256)


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
