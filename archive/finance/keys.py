"""Which private key opens what was sealed under which version of the public key? All versions are kept (§5.2)."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from archive.finance.exchange import NotOpened, SdkLimits
from archive.finance.process import Child, Reply
from archive.finance.supervisor import Supervisor, nothing_to_renew

PEM = "-----BEGIN"
BATCH = 16  # random keys an answer, 12 ms of work: our event loop need not wake for each
Item = tuple[int, str]


@dataclass(frozen=True, slots=True, repr=False)
class PrivateKeys:
    """RSA private keys in PEM by `publickey_ver`. unusable: version → why the key named for it cannot be used."""

    pems: Mapping[int, str]
    unusable: Mapping[int, str]

    @classmethod
    def read(cls, named: Mapping[int, str]) -> PrivateKeys:
        """Read the keys named in the settings: each a PEM text, or the path of a file that holds one. Reads files."""
        pems: dict[int, str] = {}
        unusable: dict[int, str] = {}
        for version, value in named.items():
            try:
                pems[version] = _read(value)
            except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
                unusable[version] = _why(error)
        return cls(pems, unusable)


class KeyOpener:
    """Opens random keys in a process of its own: RSA is a millisecond each that would hold up all else in ours.

    It gets the private keys over a pipe and holds nothing else. died: told how the process ended, each time it does.
    """

    def __init__(
        self,
        keys: PrivateKeys,
        limits: SdkLimits,
        *,
        sleep: Callable[[float], Awaitable[object]],
        died: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._keys = keys
        self._limits = limits
        self.process = Supervisor(self._hand_over, limits, sleep=sleep, died=died)

    @property
    def versions(self) -> frozenset[int]:
        """The versions whose private key is here."""
        return frozenset(self._keys.pems)

    async def open(
        self, items: Sequence[Item], alive: Callable[[], Awaitable[None]] = nothing_to_renew
    ) -> list[bytes | NotOpened]:
        """The random key of each (version, what was sealed in base64), or why it stays closed; in order.

        alive: called at each death of the process. Raises ChildDied only where it does not even start.
        """
        answers = await self.process.each([*_batches(items)], _opening, alive)
        return [
            outcome
            for batch, answer in zip(_batches(items), answers, strict=True)
            for outcome in _outcomes(answer, len(batch))
        ]

    async def aclose(self) -> None:
        """End the process."""
        await self.process.aclose()

    async def _hand_over(self, child: Child) -> None:
        await child.ask({"do": "keys", "pems": dict(self._keys.pems)}, self._limits.timeout_s)


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def _opening(batches: Sequence[Sequence[Item]]) -> dict[str, object]:
    return {"do": "open", "items": batches}


def _outcomes(reply: Reply | None, expected: int) -> list[bytes | NotOpened]:
    if reply is None:
        return [NotOpened("killed")] * expected
    keys: Any = reply.head["keys"]
    return [NotOpened(why) if why else base64.b64decode(key) for why, key in keys]


def _read(value: str) -> str:
    pem = value if value.lstrip().startswith(PEM) else Path(value).read_text(encoding="utf-8")
    if not isinstance(load_pem_private_key(pem.encode(), password=None), RSAPrivateKey):
        raise ValueError("not an RSA key")  # noqa: TRY004 - what the file holds, not a caller's wrong type
    return pem


def _why(error: Exception) -> str:
    """Never the library's words: they may quote the key."""
    match error:
        case OSError():
            return f"cannot be read: {error.strerror}"
        case TypeError():
            return "has a passphrase: store it without one (openssl rsa)"
        case _:
            return "is no RSA private key in PEM"
