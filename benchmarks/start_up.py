"""How long does `xiaoer demo` take until it answers, cold and with kept models, and how much memory is it?"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.children import BenchFailed, memory_mb
from benchmarks.texts import PACK, ROOT

PATIENCE_S = 240.0
LOOK_AGAIN_S = 0.05
QUIET_S = 2.0  # after the library is complete: what was only needed to build it is given back


@dataclass(frozen=True, slots=True)
class StartUp:
    """ready_s: until /healthz answers. complete_s: until the whole library is kept. Memory of all its processes, MB."""

    ready_s: float
    complete_s: float
    pss_mb: float
    peak_mb: float


def start_demo() -> tuple[StartUp, StartUp]:
    """A first start in an empty folder, and a second one with its models."""
    with tempfile.TemporaryDirectory(prefix="xiaoer-bench-demo-") as room:
        return _start(Path(room)), _start(Path(room))


def _start(folder: Path) -> StartUp:
    port = _two_ports()
    began = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "bot", "demo", "--port", str(port), "--folder", str(folder), "--pack", str(PACK)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _until(lambda: _is_healthy(port), process)
        ready = time.monotonic() - began
        _until((folder / "models" / "intents.npz").exists, process)
        _until(lambda: _is_still(process.pid), process)
        complete = time.monotonic() - began
        time.sleep(QUIET_S)
        return StartUp(ready, complete, memory_mb(process.pid, "Pss"), memory_mb(process.pid, "VmHWM"))
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _until(holds: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if process.poll() is not None:
            raise BenchFailed(f"xiaoer demo ended with status {process.returncode}")
        if time.monotonic() > deadline:
            raise BenchFailed("xiaoer demo did not get ready")
        time.sleep(LOOK_AGAIN_S)


def _is_healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _is_still(pid: int) -> bool:
    """Whether the process does next to nothing for a while: it has built what it wanted to build."""
    before = _cpu_ticks(pid)
    time.sleep(QUIET_S)
    return _cpu_ticks(pid) - before < 0.2 * QUIET_S * os.sysconf("SC_CLK_TCK")


def _cpu_ticks(pid: int) -> int:
    user, system = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    return int(user) + int(system)


def _two_ports() -> int:
    """A port with a free one behind it: the product's and the simulator's."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            with contextlib.suppress(OSError, OverflowError):
                second.bind(("127.0.0.1", port + 1))
                return port
