"""Has she what only she has? One-time codes by time (RFC 6238), each good once, and recovery codes for a lost phone."""

from __future__ import annotations

import hashlib
import hmac
import io
import secrets
from datetime import datetime
from typing import Final

import pyotp
import segno

STEP_S: Final = 30  # RFC 6238 §5.2
_AROUND: Final = (0, -1, 1)  # steps by which a phone's clock may be off
RECOVERY_CODES: Final = 10
_LETTERS: Final = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is mistaken for another
_GROUPS: Final = (4, 4, 4)  # 12 letters: 59 bits, so that a plain hash keeps them


def fresh_secret() -> str:
    """160 random bits, base32 (RFC 4226 §4)."""
    return pyotp.random_base32()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, within one step of now; None if it is none's."""
    given, totp = _digits(code), pyotp.TOTP(secret, interval=STEP_S)
    current = int(now.timestamp()) // STEP_S
    found = None
    for around in _AROUND:  # all are compared: the time taken tells nothing
        if hmac.compare_digest(totp.generate_otp(current + around).encode(), given.encode()):
            found = current + around
    return found


def picture(secret: str, *, account: str, issuer: str) -> bytes:
    """The QR code that an authenticator app scans, as SVG without inline style."""
    address = pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=account, issuer_name=issuer)
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", scale=5, border=2, xmldecl=True, light="white")
    return drawn.getvalue()


def fresh_recovery_codes() -> list[str]:
    """Ten codes, each good once, as "k7m2-p4xq-9rtw"."""
    return [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(size)) for size in _GROUPS)
        for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(person: str, code: str) -> str:
    """What is kept of a recovery code; however she types it."""
    plain = "".join(char for char in code.casefold() if char in _LETTERS)
    return hashlib.sha256(f"{person}\n{plain}".encode()).hexdigest()


def _digits(code: str) -> str:
    return "".join(char for char in code if char.isascii() and char.isdigit())
