"""Is this the password, and is it one worth having? argon2id, and a check against the obvious."""

from __future__ import annotations

import asyncio
import tomllib
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.resources import files
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 12  # NIST SP 800-63B-4 §3.1.1.2 asks for 8 beside a second factor; we ask for more
LONGEST: Final = 128  # what is longer only costs time
FEWEST_DIFFERENT: Final = 5  # characters
_AT_ONCE: Final = 2  # each takes 64 MiB
_OBVIOUS: Final = frozenset(tomllib.loads((files("bot.access") / "obvious.toml").read_text(encoding="utf-8"))["parts"])
_ROWS: Final = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv")
_RUN: Final = 4  # characters in a row of the keyboard count as one


class Weak(StrEnum):
    """Why a password is refused. Their words: the console's catalogue, "password_weak"."""

    SHORT = "short"
    LONG = "long"
    FEW = "few"
    OBVIOUS = "obvious"


def weakness(password: str, *, about: tuple[str, ...] = ()) -> Weak | None:
    """What is wrong with a new password; None if nothing. about: names that it must not be made of."""
    plain = _plain(password)
    if len(plain) < SHORTEST:
        return Weak.SHORT
    if len(plain) > LONGEST:
        return Weak.LONG
    if len(set(plain)) < FEWEST_DIFFERENT:
        return Weak.FEW
    rest = plain.casefold()
    for part in sorted((*_OBVIOUS, *(name.casefold() for name in about if len(name) > 1)), key=len, reverse=True):
        rest = rest.replace(part, "")
    # what is left besides the obvious must carry it
    return Weak.OBVIOUS if len(_without_runs(rest)) < SHORTEST // 2 else None


@dataclass(frozen=True, slots=True)
class Passwords:
    """Hashes and compares, beside the event loop, few at a time.

    The hasher's defaults are RFC 9106's second recommended option: argon2id, 3 passes over 64 MiB, 4 lanes.
    """

    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    _nobodys: list[str] = field(default_factory=list)

    async def hashed(self, password: str) -> str:
        """The hash to keep, with its salt and parameters."""
        async with self._turns:
            return await asyncio.to_thread(self.hasher.hash, _plain(password))

    async def matches(self, kept: str | None, password: str) -> bool:
        """Is it the password of this hash? kept None: nobody's; it takes as long, and is never it."""
        if kept is None:
            if not self._nobodys:
                self._nobodys.append(await self.hashed("nobody's password"))
            await self._verified(self._nobodys[0], password)
            return False
        return await self._verified(kept, password)

    def is_outdated(self, kept: str) -> bool:
        """Was it hashed with weaker parameters than today's?"""
        return self.hasher.check_needs_rehash(kept)

    async def _verified(self, kept: str, password: str) -> bool:
        if len(password) > LONGEST * 4:
            password = ""
        async with self._turns:
            try:
                return await asyncio.to_thread(self.hasher.verify, kept, _plain(password))
            except (VerificationError, InvalidHashError):
                return False


def _plain(password: str) -> str:
    """The same password from every keyboard (NIST SP 800-63B-4 §3.1.1.2: NFKC)."""
    return unicodedata.normalize("NFKC", password)


def _without_runs(text: str) -> str:
    """Runs along a row of the keyboard, or of one character, shortened to one character."""
    rows = [*_ROWS, *(row[::-1] for row in _ROWS)]
    kept, at = [], 0
    while at < len(text):
        length = 1
        while at + length < len(text) and (
            any(text[at : at + length + 1] in row for row in rows) or len(set(text[at : at + length + 1])) == 1
        ):
            length += 1
        kept.append(text[at] if length >= _RUN else text[at : at + length])
        at += length
    return "".join(kept)
