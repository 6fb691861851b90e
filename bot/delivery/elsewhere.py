"""How is a picture or video fetched that lies at somebody else's address? From the public internet only, bounded."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver
from typing_extensions import override
from yarl import URL

REDIRECTS = 3
CHUNK_BYTES = 64 * 1024
_HEADERS = {"Accept-Encoding": "identity"}  # what is packed could unpack to anything
_TRANSLATED = IPv6Network("64:ff9b::/96")  # an IPv4 address in IPv6 clothes (RFC 6052)
_LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})

IsAllowed = Callable[[IPv4Address | IPv6Address], bool]


class NotFetched(Exception):  # noqa: N818 - reads as the fact it is
    """It did not come this time; it may come later. The message says where, without the query."""


class MayNotBeFetched(NotFetched):
    """It will not come, however often it is asked for."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address lies on the public internet, not in our own network."""
    if isinstance(address, IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour
        if inside is not None:
            return is_public(inside)
        if address in _TRANSLATED:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    return address.is_global and not address.is_multicast


class GuardedResolver(AbstractResolver):
    """Resolves names to allowed addresses only; the connection goes to the very address that was checked."""

    def __init__(self, inner: AbstractResolver, is_allowed: IsAllowed) -> None:
        self._inner = inner
        self._is_allowed = is_allowed

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises MayNotBeFetched where no address of the host is allowed, OSError where there is none."""
        found = await self._inner.resolve(host, port, family)
        allowed = [each for each in found if self._is_allowed(ip_address(each["host"].partition("%")[0]))]
        if not allowed:
            raise MayNotBeFetched(f"{host} is in a private network")
        return allowed

    @override
    async def close(self) -> None:
        await self._inner.close()


def guarded_connector(is_allowed: IsAllowed = is_public) -> aiohttp.TCPConnector:
    """Connects to addresses that others chose, and to none in a private network."""
    return aiohttp.TCPConnector(resolver=GuardedResolver(DefaultResolver(), is_allowed), limit=8)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Fetches files.

    session: over `guarded_connector`, without cookies and without unpacking. is_allowed: the connector's; here for bare
    addresses, which no name leads to.
    """

    session: aiohttp.ClientSession
    timeout_s: float
    is_allowed: IsAllowed = is_public

    async def fetch(self, address: str, *, limit_bytes: int) -> bytes:
        """The bytes at an https address, after at most three redirects to other https addresses.

        Raises MayNotBeFetched (another scheme, a private address, too large, refused), NotFetched (try later).
        """
        try:
            url = URL(address)
        except ValueError:
            raise MayNotBeFetched("no address") from None
        try:
            async with asyncio.timeout(self.timeout_s):
                for _ in range(REDIRECTS + 1):
                    found = await self._step(url, limit_bytes)
                    if isinstance(found, bytes):
                        return found
                    url = found
        except TimeoutError:
            raise NotFetched(f"{_named(url)}: no answer within {self.timeout_s:g} s") from None
        except ValueError:  # aiohttp's InvalidURL among them
            raise MayNotBeFetched(f"{_named(url)}: no such address can be") from None
        except (aiohttp.ClientError, OSError) as error:
            raise NotFetched(f"{_named(url)}: {type(error).__name__}") from None
        raise MayNotBeFetched(f"{_named(url)}: more than {REDIRECTS} redirects")

    async def _step(self, url: URL, limit_bytes: int) -> bytes | URL:
        """The file, or where it is said to be."""
        self._check(url)
        async with self.session.get(url, headers=_HEADERS, allow_redirects=False) as response:
            if response.status in {301, 302, 303, 307, 308}:
                return url.join(URL(response.headers.get("Location", "")))
            if response.status in _LATER or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise NotFetched(f"{_named(url)}: HTTP {response.status}")
            if response.status != HTTPStatus.OK:
                raise MayNotBeFetched(f"{_named(url)}: HTTP {response.status}")
            return await _read(response, limit_bytes)

    def _check(self, url: URL) -> None:
        """A bare address is never resolved, so it is looked at here."""
        if url.scheme != "https" or not url.host:
            raise MayNotBeFetched(f"{_named(url)}: only https addresses are fetched")
        try:
            bare = ip_address(url.host)
        except ValueError:
            return
        if not self.is_allowed(bare):
            raise MayNotBeFetched(f"{_named(url)}: is in a private network")


def _named(url: URL) -> str:
    """The address without what may be secret in it: user, password, signature."""
    return f"{url.scheme}://{url.host or ''}{url.path}"


async def _read(response: aiohttp.ClientResponse, limit_bytes: int) -> bytes:
    data = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        data += chunk
        if len(data) > limit_bytes:
            raise MayNotBeFetched(f"{_named(response.url)}: more than {limit_bytes} bytes")
    return bytes(data)
