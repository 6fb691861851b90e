"""How do we ask a Rasa server, and how often was there no answer?"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import aiohttp
from prometheus_client import Counter
from yarl import URL

from nlu import Circuit, Engine, EngineUnavailable, RasaEngine, RasaUnavailable, Reading

MAX_ANSWER = 256 * 1024  # bytes; ten intents and the entities of a long text take 10 KiB

FALLBACKS = Counter(
    "xiaoer_nlu_fallbacks_total",
    "Texts the in-process model answered because the Rasa server did not, by reason.",
    ["reason"],
)


@dataclass(frozen=True, slots=True)
class RasaStatus:
    """version: of the server; model: the file it answers with, "" where none is loaded."""

    version: str
    model: str


@dataclass(frozen=True, slots=True)
class RasaClient:
    """One server's HTTP API. url: its root; a `?token=` in it goes along with every call (`rasa run --auth-token`)."""

    session: aiohttp.ClientSession
    url: str
    timeout_s: float

    async def parse(self, text: str) -> Mapping[str, object]:
        """POST /model/parse. Raises RasaUnavailable."""
        body = await self._call("POST", "model/parse", {"text": text})
        if body.get("status") == "failure":
            raise RasaUnavailable("refused")
        return body

    async def status(self) -> RasaStatus:
        """GET /version and /status. Raises RasaUnavailable."""
        version = str((await self._call("GET", "version")).get("version", ""))
        try:
            model = str((await self._call("GET", "status")).get("model_file") or "")
        except RasaUnavailable as error:
            if error.reason != "refused":
                raise
            model = ""  # 409: the server runs and has no model
        return RasaStatus(version, model)

    async def _call(self, method: str, path: str, body: object = None) -> Mapping[str, object]:
        base = URL(self.url)
        address = base.joinpath(path).with_query(base.query)
        timeout = aiohttp.ClientTimeout(total=self.timeout_s)
        try:
            async with self.session.request(
                method, address, json=body, timeout=timeout, allow_redirects=False
            ) as response:
                content = await _bounded(response)
                if response.status != 200:  # noqa: PLR2004 - Rasa's only answer that holds a reading
                    raise RasaUnavailable("refused")
                answer = json.loads(content)
        except TimeoutError as error:
            raise RasaUnavailable("time_out") from error
        except aiohttp.ClientError as error:
            raise RasaUnavailable("no_connection") from error
        except ValueError as error:
            raise RasaUnavailable("unreadable") from error
        if not isinstance(answer, dict):
            raise RasaUnavailable("unreadable")
        return answer


class CountedEngine:
    """Counts each text that the engine left to the in-process model."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def read(self, text: str) -> Reading:
        """As the engine. Raises EngineUnavailable, counted."""
        try:
            return await self._engine.read(text)
        except EngineUnavailable as error:
            FALLBACKS.labels(error.reason).inc()
            raise


def rasa_engine(session: aiohttp.ClientSession, url: str, timeout_s: float, clock: Callable[[], float]) -> Engine:
    """The engine of `[nlu] engine = "rasa"`. clock: seconds that only grow, for the pause after failures."""
    return CountedEngine(RasaEngine(RasaClient(session, url, timeout_s).parse, Circuit(clock)))


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    content = b""
    async for piece in response.content.iter_any():
        content += piece
        if len(content) > MAX_ANSWER:
            response.close()  # the rest is not read
            raise RasaUnavailable("unreadable")
    return content
