"""Does each private key open what its version sealed, and does a bad one harm nothing else?"""

from __future__ import annotations

import asyncio
import base64
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from archive.finance import WAITING_KEY, ChildDied, KeyOpener, NotOpened, PrivateKeys
from benchmarks.finance import ArchivedCorp, pem
from benchmarks.finance.corp import QUICK
from tests.finance.conftest import Naps

Keys = Mapping[int, rsa.RSAPrivateKey]
Opening = Callable[[PrivateKeys], KeyOpener]


def sealed(key: rsa.RSAPrivateKey, plain: bytes = b"random key") -> str:
    return base64.b64encode(key.public_key().encrypt(plain, padding.PKCS1v15())).decode()


@pytest.fixture
async def opening(naps: Naps, deaths: list[str]) -> AsyncIterator[Opening]:
    """Makes openers of keys, and ends them."""
    made: list[KeyOpener] = []

    def make(keys: PrivateKeys) -> KeyOpener:
        made.append(KeyOpener(keys, QUICK, sleep=naps, died=deaths.append))
        return made[-1]

    yield make
    for each in made:
        await each.aclose()


async def test_each_version_has_its_key(rsa_keys: Keys, tmp_path: Path, opening: Opening) -> None:
    (tmp_path / "second.pem").write_text(pem(rsa_keys[2]), encoding="utf-8")
    named = {1: pem(rsa_keys[1]), 2: str(tmp_path / "second.pem")}
    ring = await asyncio.to_thread(PrivateKeys.read, named)
    assert "PRIVATE" not in repr(ring)
    opener = opening(ring)
    assert opener.versions == {1, 2}
    items = [(1, sealed(rsa_keys[1], b"one")), (3, sealed(rsa_keys[1])), (2, sealed(rsa_keys[2], b"two"))]
    assert await opener.open(items) == [b"one", NotOpened(WAITING_KEY), b"two"]
    assert await opener.open([]) == []


async def test_a_random_key_that_is_none_is_refused(rsa_keys: Keys, opening: Opening) -> None:
    opener = opening(PrivateKeys({1: pem(rsa_keys[1])}, {}))
    bad = ["", "not base64!", "QUJD", "ü"]
    opened = await opener.open([*((1, text) for text in bad), (1, sealed(rsa_keys[1]))])
    assert opened == [NotOpened("bad_key")] * len(bad) + [b"random key"]


def test_a_key_that_cannot_be_used_is_named_and_the_others_serve(rsa_keys: Keys, tmp_path: Path) -> None:
    curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    locked = rsa_keys[1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    (tmp_path / "binary.pem").write_bytes(b"\xff\xfe")
    ring = PrivateKeys.read(
        {
            1: pem(rsa_keys[1]), 2: str(tmp_path / "nowhere.pem"), 3: "-----BEGIN PRIVATE KEY-----\nsecret\n",
            4: curve.decode(), 5: locked.decode(), 6: str(tmp_path / "binary.pem"),
        }
    )  # fmt: skip
    assert set(ring.pems) == {1}
    assert ring.unusable[2] == "cannot be read: No such file or directory"
    assert ring.unusable[3] == ring.unusable[4] == ring.unusable[6] == "is no RSA private key in PEM"
    assert "passphrase" in ring.unusable[5]
    assert "secret" not in str(ring.unusable)


async def test_a_death_costs_no_key(rsa_keys: Keys, opening: Opening, naps: Naps, deaths: list[str]) -> None:
    opener = opening(PrivateKeys({1: pem(rsa_keys[1])}, {}))
    await opener.process.ready()
    assert opener.process.child is not None
    os.kill(opener.process.child.pid, signal.SIGKILL)
    assert await opener.open([(1, sealed(rsa_keys[1]))] * 40) == [b"random key"] * 40
    assert (deaths, naps.taken) == (["ended by SIGKILL"], [0.5])


async def test_private_keys_and_the_library_are_never_in_one_process(
    rsa_keys: Keys, opening: Opening, corp: ArchivedCorp
) -> None:
    """It leaves rather than take the second; neither its arguments nor its environment hold a key."""
    opener = opening(PrivateKeys({1: pem(rsa_keys[1])}, {}))
    await opener.process.ready()
    child = opener.process.child
    assert child is not None
    process = Path("/proc") / str(child.pid)
    if process.exists():
        shown = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        assert b"PRIVATE" not in shown
        assert b"XIAOER" not in shown
        assert b"sqlalchemy" not in (process / "maps").read_bytes()
    access = corp.access
    request = {"do": "init", "library": access.library, "corp_id": access.corp_id, "secret": access.secret}
    with pytest.raises(ChildDied, match="code 0"):
        await child.ask({**request, "limit": 1_000}, 20.0)
