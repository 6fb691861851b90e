"""Which private key opens what was sealed under which version of the public key? All versions are kept (§5.2)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

PEM = "-----BEGIN"


class KeyMissing(Exception):  # noqa: N818 - reads as the fact it is
    """No private key of this version; the message must wait for it."""


class KeyRefused(Exception):  # noqa: N818 - reads as the fact it is
    """The random key cannot be opened with the private key of its version."""


@dataclass(frozen=True, slots=True, repr=False)
class PrivateKeys:
    """RSA private keys by `publickey_ver`. unusable: version → why the key named for it cannot be used."""

    keys: Mapping[int, RSAPrivateKey]
    unusable: Mapping[int, str]

    @classmethod
    def read(cls, named: Mapping[int, str]) -> PrivateKeys:
        """Read the keys named in the settings: each a PEM text, or the path of a file that holds one. Reads files."""
        keys: dict[int, RSAPrivateKey] = {}
        unusable: dict[int, str] = {}
        for version, value in named.items():
            try:
                keys[version] = _read(value)
            except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
                unusable[version] = _why(error)
        return cls(keys, unusable)

    def open(self, version: int, sealed: str) -> bytes:
        """The random key of one message. Raises KeyMissing, KeyRefused.

        A key that does not belong to this version may also give a wrong answer instead of none (OpenSSL hides which
        it was, so that nobody can use us as an oracle); DecryptData then refuses it with 10008 or 10006.
        """
        if version not in self.keys:
            raise KeyMissing(str(version))
        try:
            return self.keys[version].decrypt(base64.b64decode(sealed, validate=True), padding.PKCS1v15())
        except ValueError as error:  # binascii.Error is one
            raise KeyRefused(str(version)) from error


def _read(value: str) -> RSAPrivateKey:
    pem = value.encode() if value.lstrip().startswith(PEM) else Path(value).read_bytes()
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("not an RSA key")  # noqa: TRY004 - what the file holds, not a caller's wrong type
    return key


def _why(error: Exception) -> str:
    """Never the library's words: they may quote the key."""
    match error:
        case OSError():
            return f"cannot be read: {error.strerror}"
        case TypeError():
            return "has a passphrase: store it without one (openssl rsa)"
        case _:
            return "is no RSA private key in PEM"
