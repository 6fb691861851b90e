"""How is a text sealed so that only its key opens it, and only where it belongs?

AES-256-GCM [NIST SP 800-38D]: a sealed value is nonce (12 bytes, random) ‖ ciphertext ‖ tag (16 bytes). The associated
data (AAD) names the place of the value, so that one moved elsewhere does not open. Random nonces allow 2^32 values
a key (§8.3 there); a key serves one subject.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from archive.errors import Unsealable

KEY_BYTES = 32  # AES-256
NONCE_BYTES = 12  # NIST SP 800-38D §5.2.1.1: 96 bits are recommended
OVERHEAD = NONCE_BYTES + 16  # nonce and tag


@dataclass(frozen=True, slots=True)
class Secret:
    """32 secret bytes, and what can be done with them; never shown."""

    raw: bytes = field(repr=False)
    _cipher: AESGCM = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_cipher", AESGCM(self.raw))

    def seal(self, aad: bytes, plain: bytes) -> bytes:
        """Seal `plain`; it opens with the same `aad` only."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, aad)

    def open(self, aad: bytes, sealed: bytes) -> bytes:
        """What was sealed. Raises Unsealable where it was altered, cut, or sealed with another key or aad."""
        if len(sealed) < OVERHEAD:
            raise Unsealable(f"a sealed value has at least {OVERHEAD} bytes, this one {len(sealed)}")
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad)
        except InvalidTag:
            raise Unsealable("a sealed value does not open: it was altered, or sealed elsewhere") from None

    def token(self, text: str, *, size: int) -> int:
        """The digest of `size` bytes as a signed number."""
        return int.from_bytes(self.digest(text, size=size), "big", signed=True)

    def digest(self, text: str, *, size: int = 32) -> bytes:
        """A keyed digest of `text`: BLAKE2b in its keyed mode (RFC 7693 §2.9)."""
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=self.raw, digest_size=size).digest()


@dataclass(frozen=True, slots=True)
class DataKey:
    """The key of one subject's texts. id: of its row, kept beside what it sealed."""

    id: int
    secret: Secret

    def seal(self, aad: bytes, plain: bytes) -> bytes:
        """As Secret.seal."""
        return self.secret.seal(aad, plain)

    def open(self, aad: bytes, sealed: bytes) -> bytes:
        """As Secret.open. Raises Unsealable."""
        return self.secret.open(aad, sealed)
