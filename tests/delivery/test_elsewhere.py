"""Are pictures at other addresses fetched from the public internet only, over TLS, and within bounds?"""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import ssl
from collections.abc import AsyncIterator
from ipaddress import ip_address
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from typing_extensions import override

from bot.delivery.elsewhere import (
    Elsewhere,
    GuardedResolver,
    MayNotBeFetched,
    NotFetched,
    guarded_connector,
    is_public,
)

TIMEOUT_S = 2.0
HOST = "pictures.example"
LIMIT = 1000


class Phonebook(AbstractResolver):
    """Every name is this machine."""

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0),
        ]

    @override
    async def close(self) -> None:
        return


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Of HOST, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(pem)
    return folder / "cert.pem", folder / "key.pem"


async def _picture(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"x" * int(request.query.get("size", "9")))


async def _moved(request: web.Request) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": request.query["to"]})


async def _status(request: web.Request) -> web.StreamResponse:
    return web.Response(status=int(request.match_info["status"]))


async def _never(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    return web.Response()


@pytest.fixture
async def server(certificate: tuple[Path, Path]) -> AsyncIterator[TestServer]:
    app = web.Application()
    app.router.add_get("/picture", _picture)
    app.router.add_get("/moved", _moved)
    app.router.add_get("/status/{status}", _status)
    app.router.add_get("/never", _never)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    served = TestServer(app, scheme="https")
    await served.start_server(ssl=context)
    yield served
    await served.close()


@pytest.fixture
async def elsewhere(server: TestServer, certificate: tuple[Path, Path]) -> AsyncIterator[Elsewhere]:
    """Fetches from HOST; this machine counts as public here, as our own certificate counts as somebody's."""
    del server
    context = ssl.create_default_context(cafile=str(certificate[0]))
    connector = aiohttp.TCPConnector(resolver=GuardedResolver(Phonebook(), lambda _: True), ssl=context)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
        yield Elsewhere(session, timeout_s=TIMEOUT_S)


def at(server: TestServer, path: str) -> str:
    return f"https://{HOST}:{server.port}{path}"


async def test_a_file_is_fetched_also_from_where_it_moved_to(elsewhere: Elsewhere, server: TestServer) -> None:
    assert await elsewhere.fetch(at(server, "/picture"), limit_bytes=LIMIT) == b"x" * 9
    moved = at(server, "/moved?to=/moved%3Fto%3D/picture%3Fsize%3D1000")
    assert await elsewhere.fetch(moved, limit_bytes=LIMIT) == b"x" * 1000


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/picture?size=1001", "more than 1000 bytes"),
        ("/status/404", "HTTP 404"),
        ("/moved?to=http://pictures.example/picture", "only https"),
        ("/moved?to=file:///etc/passwd", "only https"),
        ("/moved?to=https://10.0.0.1/picture", "private network"),
        ("/moved?to=https://[::ffff:10.0.0.1]/picture", "private network"),
    ],
)
async def test_what_may_not_be_fetched_is_refused_for_good(
    elsewhere: Elsewhere, server: TestServer, path: str, said: str
) -> None:
    with pytest.raises(MayNotBeFetched, match=said):
        await elsewhere.fetch(at(server, path), limit_bytes=LIMIT)


async def test_redirects_come_to_an_end(elsewhere: Elsewhere, server: TestServer) -> None:
    round_and_round = at(server, "/moved?to=/moved%3Fto%3D/moved%253Fto%253D/moved%25253Fto%25253D/moved")
    with pytest.raises(MayNotBeFetched, match="redirects"):
        await elsewhere.fetch(round_and_round, limit_bytes=LIMIT)


@pytest.mark.parametrize(
    ("path", "said"), [("/status/503", "HTTP 503"), ("/status/429", "429"), ("/never", "within 2 s")]
)
async def test_what_may_come_later_is_no_refusal(
    elsewhere: Elsewhere, server: TestServer, path: str, said: str
) -> None:
    with pytest.raises(NotFetched, match=said) as told:
        await elsewhere.fetch(at(server, f"{path}?signature=secret"), limit_bytes=LIMIT)
    assert not isinstance(told.value, MayNotBeFetched)
    assert "secret" not in str(told.value)


async def test_a_name_that_leads_into_our_own_network_is_refused(server: TestServer) -> None:
    connector = aiohttp.TCPConnector(resolver=GuardedResolver(Phonebook(), is_public))
    async with aiohttp.ClientSession(connector=connector) as session:
        with pytest.raises(MayNotBeFetched, match="private network"):
            await Elsewhere(session, timeout_s=TIMEOUT_S).fetch(at(server, "/picture"), limit_bytes=LIMIT)


@pytest.mark.parametrize("address", ["https://127.0.0.1/a", "https://[::1]/a", "https://2130706433/a", "https:///a"])
async def test_the_session_of_the_product_refuses_this_machine(address: str) -> None:
    async with aiohttp.ClientSession(connector=guarded_connector()) as session:
        with pytest.raises(MayNotBeFetched):
            await Elsewhere(session, timeout_s=TIMEOUT_S).fetch(address, limit_bytes=LIMIT)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("64:ff9b::808:808", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:  # noqa: FBT001 - a case
    assert is_public(ip_address(address)) is public
