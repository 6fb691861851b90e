"""How does a secret lie in the database? Sealed with a key that is made of `server.secret`, which is not there."""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.access.errors import AccessError

_NONCE: Final = 12  # bytes, NIST SP 800-38D §8.2


class Unsealable(AccessError):  # noqa: N818 - reads as what happened
    """It was sealed with another `server.secret`."""


def seal(secret: bytes, value: bytes, *, of: str) -> bytes:
    """Nonce and AES-256-GCM ciphertext. of: whose it is; it opens for nobody else."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + _cipher(secret).encrypt(nonce, value, of.encode())


def unseal(secret: bytes, sealed: bytes, *, of: str) -> bytes:
    """The value. Raises Unsealable."""
    try:
        return _cipher(secret).decrypt(sealed[:_NONCE], sealed[_NONCE:], of.encode())
    except InvalidTag as error:
        raise Unsealable("it was sealed with another server.secret") from error


def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), length=32, salt=None, info=b"xiaoer: second factors").derive(secret))
