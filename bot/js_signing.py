"""How is a page of ours signed, so that WeCom lets it use the JS-SDK? And which addresses are pages of ours?"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from yarl import URL

from bot.platform import TicketKind

LONGEST_URL: Final = 2_048  # what the platform takes of an address elsewhere (url of a link, wechat-platform §2.4)
_BELOW: Final = re.compile(r"(/[A-Za-z0-9_.~/-]*)?(\?[!-~]*)?")  # a path as browsers write it, and a query


@dataclass(frozen=True, slots=True)
class Signature:
    """What `config` and `agentConfig` want to see. timestamp: seconds since 1970."""

    timestamp: int
    nonce: str
    signature: str


class TicketSource(Protocol):
    """Where tickets come from; see bot.platform.Tickets."""

    async def ticket(self, account: str, kind: TicketKind) -> str:
        """One that serves."""
        ...

    async def renewed(self, account: str, kind: TicketKind) -> str:
        """One in the place of that which was refused."""
        ...


@dataclass(frozen=True, slots=True)
class JsSigner:
    """Signs pages below one address. pages: that address, e.g. "https://kefu.example.com/console/sidebar"."""

    tickets: TicketSource
    pages: str
    now: Callable[[], datetime]

    async def signed(self, account: str, kind: TicketKind, url: str, *, again: bool = False) -> Signature | None:
        """The signature of a page of ours; None where `url` is none, and nothing is signed.

        url: as the page itself has it. again: WeCom refused the last one. Raises bot.platform.PlatformError.
        """
        page = signable(url, self.pages)
        if page is None:
            return None
        ticket = await (self.tickets.renewed if again else self.tickets.ticket)(account, kind)
        timestamp, nonce = int(self.now().timestamp()), secrets.token_hex(8)
        return Signature(timestamp, nonce, sign(ticket, nonce=nonce, timestamp=timestamp, url=page))


def sign(ticket: str, *, nonce: str, timestamp: int, url: str) -> str:
    """SHA-1 over ticket, nonce, time and address, in this order and unescaped [W 96909]. url: without its fragment."""
    signed = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}"
    return hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()


def signable(url: str, pages: str) -> str | None:
    """What of an address is signed: all before "#". None for one that is not `pages`, or below it."""
    page, ours = url.partition("#")[0], as_browsers_write(pages)
    if len(page) > LONGEST_URL or not page.startswith(ours):
        return None
    below = page[len(ours) :]
    return page if _BELOW.fullmatch(below) and ".." not in below.partition("?")[0] else None


def as_browsers_write(url: str) -> str:
    """Scheme and host in small letters, the scheme's own port left out: as `location.href` has it."""
    address = URL(url)
    return str(address.with_port(None) if address.is_default_port() else address)
