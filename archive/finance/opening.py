"""How does a sealed message become its JSON? Random key by RSA, text by the library; what resists is put aside."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from archive.finance.exchange import NotOpened, Sealed
from archive.finance.keys import KeyMissing, KeyRefused, PrivateKeys
from archive.finance.page import Envelope, PutAside
from archive.finance.sdk import FinanceSdk

WAITING_KEY = "waiting_key"


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """What a page said: messages with their JSON in order, and what stays closed."""

    messages: tuple[tuple[Envelope, bytes], ...]
    aside: tuple[PutAside, ...]


async def open_envelopes(
    sdk: FinanceSdk,
    keys: PrivateKeys,
    envelopes: Sequence[Envelope],
    *,
    message_bytes: int,
    alive: Callable[[], Awaitable[None]],
) -> Opened:
    """Open what can be opened. message_bytes: the largest message read. Raises as FinanceSdk.decrypt does."""
    # arithmetic of a millisecond each: in a thread, so that the loop goes on serving customers
    prepared = await asyncio.to_thread(_prepare, keys, envelopes, message_bytes)
    sealed = [each for _, each in prepared if isinstance(each, Sealed)]
    outcomes = iter(await sdk.decrypt(sealed, alive))
    messages: list[tuple[Envelope, bytes]] = []
    aside: list[PutAside] = []
    for envelope, each in prepared:
        outcome = each if isinstance(each, NotOpened) else next(outcomes)
        match outcome:
            case NotOpened(reason, code):
                aside.append(PutAside(envelope, reason, code))
            case bytes():
                messages.append((envelope, outcome))
    return Opened(tuple(messages), tuple(aside))


def _prepare(
    keys: PrivateKeys, envelopes: Sequence[Envelope], message_bytes: int
) -> list[tuple[Envelope, Sealed | NotOpened]]:
    return [(each, _sealed(keys, each, message_bytes)) for each in envelopes]


def _sealed(keys: PrivateKeys, envelope: Envelope, message_bytes: int) -> Sealed | NotOpened:
    if len(envelope.message) > message_bytes * 4 // 3 + 4:  # base64: four characters for three bytes
        return NotOpened("too_large")
    if not envelope.random_key:
        return NotOpened("malformed")
    try:
        return Sealed(keys.open(envelope.version, envelope.random_key), envelope.message)
    except KeyMissing:
        return NotOpened(WAITING_KEY)
    except KeyRefused:
        return NotOpened("bad_key")
