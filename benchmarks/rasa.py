"""How fast does a real Rasa 3.6 server read texts, how long does it take to start, and how much memory does it hold?

The server is the one `make rasa` sets up: its own environment (Python 3.10), trained on the example shop. It may use
every core; what asks it costs next to nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import uvloop

from benchmarks.children import BenchFailed, memory_mb
from benchmarks.generator import Load, Outcome, Round
from benchmarks.result import Result, alone, percentile, show
from benchmarks.texts import ROOT, buyers_texts, data_folder, mixed, shop_texts

PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
MODEL = ROOT / "build" / "rasa" / "models" / "xiaoer.tar.gz"
SET_UP = "make rasa sets it up"
PATIENCE_S = 240.0
LOOK_AGAIN_S = 0.1
STOP_S = 10.0
CALLERS = (1, 8, 32)
MOST_A_SECOND = 300  # requests prepared for each second of a round; more than it answers
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}


@dataclass(frozen=True, slots=True)
class RasaServer:
    """A server that answers. ready_s: from its start until /status did."""

    process: subprocess.Popen[bytes]
    port: int
    ready_s: float

    @property
    def url(self) -> str:
        """Its root."""
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """Kill -9 it and all it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextlib.contextmanager
def rasa_server(model: Path | None = MODEL) -> Iterator[RasaServer]:
    """Start it on a free port of this machine, wait until it answers, kill it in the end; None: without a model.

    Raises:
        BenchFailed: not set up, or it ended or did not get ready; the message says what it said last.
    """
    if not PYTHON.exists() or (model is not None and not model.exists()):
        raise BenchFailed(f"there is no Rasa here; {SET_UP}")
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="xiaoer-rasa-") as room:
        log = Path(room) / "log"
        command = [str(PYTHON), "-m", "rasa", "run", "--enable-api", "--interface", "127.0.0.1", "--port", str(port)]
        # without --model Rasa looks below the folder it runs in, which is empty
        named = [] if model is None else ["--model", str(model)]
        with log.open("wb") as said:
            began = time.monotonic()
            process = subprocess.Popen(  # noqa: S603 - our own words
                [*command, *named],
                cwd=room,
                env={**os.environ, **QUIET},
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        server = RasaServer(process, port, 0.0)
        try:
            _wait(process, f"{server.url}/{'version' if model is None else 'status'}", log)
            yield RasaServer(process, port, time.monotonic() - began)
        finally:
            server.kill()


def load(server: RasaServer, texts: Sequence[str], *, callers: int, seconds: float) -> Outcome:
    """Ask for `texts` in turn by `callers` keep-alive connections. Raises BenchFailed where it refuses any."""
    wanted = Round(server.port, seconds, callers, expect='"intent_ranking"')
    count = int(MOST_A_SECOND * seconds)
    prepared = [_request(server.port, texts[number % len(texts)]) for number in range(count)]
    outcome = uvloop.run(_play(wanted, prepared))
    if outcome.refused or not outcome.acknowledged:
        raise BenchFailed(f"Rasa refused {outcome.refused} of its requests")
    return outcome


def main(*, seconds: float = 15.0, callers: Sequence[int] = CALLERS) -> list[Result]:
    """Measure `seconds` at each number of callers. Raises BenchFailed."""
    texts = mixed(400, ours=shop_texts(), theirs=buyers_texts(data_folder()))
    with rasa_server() as server:
        load(server, texts, callers=1, seconds=2.0)  # its first answers take a second
        results = [alone("Rasa: ready after", server.ready_s, "s")]
        for number in callers:
            results += _results(load(server, texts, callers=number, seconds=seconds), number)
        return [*results, alone("Rasa: memory", memory_mb(server.process.pid, "VmRSS"), "MB")]


def _results(outcome: Outcome, callers: int) -> list[Result]:
    what = f"Rasa /model/parse, {callers} caller{'s' if callers > 1 else ''}"
    return [
        alone(f"{what}: rate", len(outcome.acknowledged) / outcome.seconds, "texts/s"),
        alone(f"{what}: p50", percentile(outcome.latencies_ms, 0.50), "ms"),
        alone(f"{what}: p99", percentile(outcome.latencies_ms, 0.99), "ms"),
    ]


async def _play(wanted: Round, prepared: list[bytes]) -> Outcome:
    return await Load(wanted, prepared).run()


def _request(port: int, text: str) -> bytes:
    body = json.dumps({"text": text}).encode()
    head = f"POST /model/parse HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not _answers(url):
        if process.poll() is not None or time.monotonic() > deadline:
            last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
            raise BenchFailed(f"Rasa did not get ready: {''.join(last)}")
        time.sleep(LOOK_AGAIN_S)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - http on this machine
            return True
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    show("rasa", main())
