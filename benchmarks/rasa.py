"""How is a real Rasa 3.6 server started beside us?

The server is the one `make rasa` sets up: its own environment (Python 3.10), trained on the example shop. It may use
every core; what asks it costs next to nothing.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.children import BenchFailed, BenchImpossible
from benchmarks.texts import ROOT
from bot.cli.stage import free_port

PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
MODEL = ROOT / "build" / "rasa" / "models" / "xiaoer.tar.gz"
SET_UP = "make rasa sets it up"
PATIENCE_S = 240.0
LOOK_AGAIN_S = 0.1
STOP_S = 10.0
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
        BenchImpossible: it is not set up.
        BenchFailed: it ended or did not get ready; the message says what it said last.
    """
    if not PYTHON.exists() or (model is not None and not model.exists()):
        raise BenchImpossible(f"there is no Rasa here; {SET_UP}")
    port = free_port()
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
