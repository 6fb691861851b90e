"""Does each private key open what its version sealed, and does a bad one harm nothing else?"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from archive.finance import KeyMissing, KeyRefused, PrivateKeys
from tests.finance.corp import pem

Keys = Mapping[int, rsa.RSAPrivateKey]


def sealed(key: rsa.RSAPrivateKey, plain: bytes = b"random key") -> str:
    return base64.b64encode(key.public_key().encrypt(plain, padding.PKCS1v15())).decode()


def test_each_version_has_its_key(rsa_keys: Keys, tmp_path: Path) -> None:
    (tmp_path / "second.pem").write_text(pem(rsa_keys[2]), encoding="utf-8")
    ring = PrivateKeys.read({1: pem(rsa_keys[1]), 2: str(tmp_path / "second.pem")})
    assert ring.open(1, sealed(rsa_keys[1])) == b"random key"
    assert ring.open(2, sealed(rsa_keys[2])) == b"random key"
    with pytest.raises(KeyMissing, match="3"):
        ring.open(3, sealed(rsa_keys[1]))
    assert "PRIVATE" not in repr(ring)


def test_a_key_that_cannot_be_used_is_named_and_the_others_serve(rsa_keys: Keys, tmp_path: Path) -> None:
    curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    locked = rsa_keys[1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    ring = PrivateKeys.read(
        {
            1: pem(rsa_keys[1]), 2: str(tmp_path / "nowhere.pem"), 3: "-----BEGIN PRIVATE KEY-----\nsecret\n",
            4: curve.decode(), 5: locked.decode(),
        }
    )  # fmt: skip
    assert set(ring.keys) == {1}
    assert ring.unusable[2] == "cannot be read: No such file or directory"
    assert ring.unusable[3] == ring.unusable[4] == "is no RSA private key in PEM"
    assert "passphrase" in ring.unusable[5]
    assert "secret" not in str(ring.unusable)


@pytest.mark.parametrize("text", ["", "not base64!", "QUJD", "ü"])
def test_a_random_key_that_is_none_is_refused(rsa_keys: Keys, text: str) -> None:
    with pytest.raises(KeyRefused):
        PrivateKeys({1: rsa_keys[1]}, {}).open(1, text)
