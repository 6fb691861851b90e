"""Which keys wrap the keys of the archive, and which of them is the newest?"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from archive.errors import KeyLost, KeyRingBroken
from archive.sealing import KEY_BYTES, Secret

KEY_ID: Final = re.compile(r"[a-z0-9][a-z0-9_]{0,31}")  # as an environment variable can spell it


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Key-encryption keys by id. newest: the one under which new keys are wrapped."""

    newest: str
    keys: Mapping[str, Secret] = field(repr=False)

    @classmethod
    def of(cls, encoded: Mapping[str, str], newest: str) -> KeyRing:
        """A ring of base64 keys. Raises KeyRingBroken with the key that is wrong and how to make one."""
        for name in encoded:
            if not KEY_ID.fullmatch(name):
                raise KeyRingBroken(f"archive.keys: {name!r} is no id of a key: use a-z, 0-9 and _, at most 32 of them")
        if newest not in encoded:
            known = ", ".join(sorted(encoded)) or "none"
            raise KeyRingBroken(f"archive.key: {newest!r} is not among archive.keys ({known}); name the newest of them")
        return cls(newest, {name: Secret(_decoded(name, text)) for name, text in encoded.items()})

    def wrap(self, subject: str, key: Secret) -> tuple[str, bytes]:
        """(id of the newest key, `key` wrapped under it for this subject alone)."""
        return self.newest, self.keys[self.newest].seal(_aad(subject), key.raw)

    def unwrap(self, kek: str, subject: str, wrapped: bytes) -> Secret:
        """The key of a subject. Raises KeyLost, and Unsealable where the ring's key of this id is another one."""
        if kek not in self.keys:
            raise KeyLost(kek)
        return Secret(self.keys[kek].open(_aad(subject), wrapped))


def new_secret() -> Secret:
    """A fresh random key."""
    return Secret(secrets.token_bytes(KEY_BYTES))


def _aad(subject: str) -> bytes:
    return b"archive key\0" + subject.encode()


def _decoded(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyRingBroken(
            f"archive.keys.{name} must be {KEY_BYTES} bytes in base64; make one with: openssl rand -base64 {KEY_BYTES}"
        )
    return key
