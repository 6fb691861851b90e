"""What do we sign? Login links, the steps of a sign-in, and the token that every form must carry."""

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

from bot.access import Session

SHORTEST_SECRET: Final = 32
STEP_S: Final = 600  # from one step of a sign-in to the next

# login: a link; code, enrol: the password was right, now the second factor; state: on the way to WeCom and back
Purpose = Literal["login", "code", "enrol", "state"]


@dataclass(frozen=True, slots=True)
class Proof:
    """What we signed. who: a person or an account. nonce: random, new each time. expires_at: UTC, whole seconds."""

    who: str
    nonce: str
    expires_at: datetime


def login_link(public_url: str, secret: bytes, person: str, *, now: datetime, lives_s: int = 43_200) -> str:
    """A link that signs a person, or an agent of the pack, in until `lives_s` seconds after `now`.

    Whoever has it is that person: send it to nobody else. Raises ValueError for a secret shorter than 32 bytes.
    """
    token = sign(secret, "login", person, now=now, lives_s=lives_s)
    return f"{public_url}/console/login?token={quote(token)}"


def read_login(secret: bytes, token: str, now: datetime) -> str | None:
    """The person whom a login token names; None where it is forged, expired or no token at all."""
    proof = read(secret, "login", token, now)
    return proof.who if proof else None


def sign(secret: bytes, purpose: Purpose, who: str, *, now: datetime, lives_s: int = STEP_S) -> str:
    """A token that says so until `lives_s` seconds after `now`. Raises ValueError for a short secret."""
    check_secret(secret)
    expires_at = now + timedelta(seconds=lives_s)
    # Who comes last: an id may hold any character, the others may not.
    payload = f"{purpose}|{int(expires_at.timestamp())}|{secrets.token_urlsafe(12)}|{who}".encode()
    return f"{_encode(payload)}.{_encode(_mac(secret, payload))}"


def read(secret: bytes, purpose: Purpose, token: str, now: datetime) -> Proof | None:
    """What a token says; None where it is forged, expired, for another purpose or no token at all."""
    head, _, tail = token.partition(".")
    try:
        payload, mac = _decode(head), _decode(tail)
    except (binascii.Error, ValueError):
        return None
    if not hmac.compare_digest(_mac(secret, payload), mac):
        return None
    signed_for, expiry, nonce, who = payload.decode().split("|", 3)
    expires_at = datetime.fromtimestamp(int(expiry), UTC)
    if signed_for != purpose or now >= expires_at:
        return None
    return Proof(who, nonce, expires_at)


def csrf_token(secret: bytes, session: Session) -> str:
    """What every form of this session must send back."""
    return _encode(_mac(secret, f"csrf|{session.id}|{session.person}".encode()))


def is_csrf_token(secret: bytes, session: Session, given: str) -> bool:
    """Is it the session's token? Compared in constant time."""
    return hmac.compare_digest(csrf_token(secret, session).encode(), given.encode())


def check_secret(secret: bytes) -> None:
    """Raises ValueError if anybody could guess the secret."""
    if len(secret) < SHORTEST_SECRET:
        raise ValueError(f"server.secret signs console sessions: give it at least {SHORTEST_SECRET} characters")


def _mac(secret: bytes, payload: bytes) -> bytes:
    return hmac.digest(secret, payload, hashlib.sha256)


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
