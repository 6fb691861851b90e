"""How does a sealed message become its JSON? Random key by RSA, text by the library; what resists is put aside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from archive.finance.exchange import NotOpened, Sealed
from archive.finance.keys import KeyOpener
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
    keys: KeyOpener,
    envelopes: Sequence[Envelope],
    *,
    message_bytes: int,
    alive: Callable[[], Awaitable[None]],
) -> Opened:
    """Open what can be opened. message_bytes: the largest message read. Raises as FinanceSdk.decrypt does."""
    refused = [_refused(each, message_bytes) for each in envelopes]
    sound = [each for each, why in zip(envelopes, refused, strict=True) if why is None]
    random_keys = await keys.open([(each.version, each.random_key) for each in sound], alive)
    sealed = [Sealed(key, each.message) for each, key in zip(sound, random_keys, strict=True) if isinstance(key, bytes)]
    keyed, texts = iter(random_keys), iter(await sdk.decrypt(sealed, alive))
    messages: list[tuple[Envelope, bytes]] = []
    aside: list[PutAside] = []
    for envelope, why in zip(envelopes, refused, strict=True):
        key = why or next(keyed)
        outcome = key if isinstance(key, NotOpened) else next(texts)
        match outcome:
            case NotOpened(reason, code):
                aside.append(PutAside(envelope, reason, code))
            case bytes():
                messages.append((envelope, outcome))
    return Opened(tuple(messages), tuple(aside))


def _refused(envelope: Envelope, message_bytes: int) -> NotOpened | None:
    """Why it is not even tried, or None."""
    if len(envelope.message) > message_bytes * 4 // 3 + 4:  # base64: four characters for three bytes
        return NotOpened("too_large")
    return None if envelope.random_key else NotOpened("malformed")
