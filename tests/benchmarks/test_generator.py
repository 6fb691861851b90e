"""Does the generator count what was acknowledged, and nothing else?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from benchmarks.generator import Load, Round

REQUEST = b"POST /%d HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n"


async def _server(answer: Callable[[int], web.Response]) -> TestServer:
    async def receive(request: web.Request) -> web.Response:
        return answer(int(request.match_info["number"]))

    app = web.Application()
    app.router.add_post("/{number}", receive)
    server = TestServer(app)
    await server.start_server()
    return server


@pytest.mark.parametrize("rate", [0.0, 5000.0])
async def test_every_request_is_sent_once_and_refusals_are_told_apart(rate: float) -> None:
    seen: list[int] = []

    def answer(number: int) -> web.Response:
        seen.append(number)
        return web.Response(status=401 if number % 3 == 0 else 200, text="success")

    server = await _server(answer)
    prepared = [REQUEST % number for number in range(60)]
    wanted = Round(port=server.port or 0, seconds=5, connections=4, rate=rate, expect="success")
    outcome = await Load(wanted, prepared).run()
    await server.close()
    assert sorted(seen) == list(range(60))
    assert sorted(outcome.acknowledged) == [number for number in range(60) if number % 3]
    assert (outcome.refused, len(outcome.latencies_ms)) == (20, 40)


async def test_another_body_is_no_acknowledgement() -> None:
    server = await _server(lambda _: web.Response(text="sorry"))
    wanted = Round(port=server.port or 0, seconds=5, connections=2, expect="success")
    outcome = await Load(wanted, [REQUEST % 1]).run()
    await server.close()
    assert (outcome.acknowledged, outcome.refused) == ([], 1)


async def test_a_server_that_hangs_up_is_an_error() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(ConnectionResetError):
        await Load(Round(port=port, seconds=5, connections=1), [REQUEST % 1]).run()
    server.close()
    await server.wait_closed()
