"""How are the processes of a bench started, spoken to, measured and ended?"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STOP_S = 10.0


class BenchImpossible(Exception):  # noqa: N818 - reads as the fact it is
    """What is measured beside us, or on, is not to be had here; says what would be needed."""


class BenchFailed(Exception):  # noqa: N818 - reads as the fact it is
    """The run proves nothing, or proves a broken promise."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process that answers each JSON line with one."""

    process: subprocess.Popen[str]

    def ask(self, **question: object) -> dict[str, Any]:
        """Send one line, wait for one. Raises BenchFailed when the process is gone."""
        try:
            self.tell(**question)
        except BrokenPipeError as error:
            raise BenchFailed("a process of the bench died") from error
        return self.hear()

    def hear(self) -> dict[str, Any]:
        """Wait for one line. Raises BenchFailed when the process is gone."""
        assert self.process.stdout is not None  # noqa: S101 - it was started with pipes
        line = self.process.stdout.readline()
        if not line:
            raise BenchFailed(f"a process of the bench ended with status {self.process.wait(STOP_S)}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def tell(self, **words: object) -> None:
        """Send one line."""
        assert self.process.stdin is not None  # noqa: S101 - it was started with pipes
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        """Kill -9 it and all it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextlib.contextmanager
def child(module: str) -> Iterator[Child]:
    """Run `python -m module` in a group of its own until the body ends."""
    started = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=Path(__file__).parent.parent,
    )
    running = Child(started)
    try:
        yield running
        assert started.stdin is not None  # noqa: S101 - it was started with pipes
        with contextlib.suppress(BrokenPipeError):
            started.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.wait(STOP_S)
    finally:
        running.kill()
        for pipe in (started.stdin, started.stdout):
            assert pipe is not None  # noqa: S101 - it was started with pipes
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def cores() -> tuple[int | None, int | None]:
    """One core for the servers and one for the generator; (None, None) on a machine with one."""
    usable = sorted(os.sched_getaffinity(0))
    return (usable[0], usable[1]) if len(usable) > 1 else (None, None)


def descendants(pid: int) -> list[int]:
    """The process and all below it."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            with contextlib.suppress(OSError):
                parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(path.name))
    found, left = [], [pid]
    while left:
        found.append(left.pop())
        left.extend(parents.get(found[-1], ()))
    return found


def cpu_s(pid: int) -> float:
    """Seconds of processor that one process has used so far; 0 where it is gone."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # utime, stime (proc(5))
    return 0.0


def memory_mb(pid: int, field: str, *, below: bool = True) -> float:
    """A field of the process and (below) all below it, summed: VmHWM (peak RSS), VmRSS or Pss."""
    return sum(_field_kb(each, field) for each in (descendants(pid) if below else [pid])) / 1024


def _field_kb(pid: int, field: str) -> int:
    path = Path(f"/proc/{pid}") / ("smaps_rollup" if field == "Pss" else "status")
    with contextlib.suppress(OSError):
        fields: Mapping[str, str] = dict(line.split(":", 1) for line in path.read_text().splitlines() if ":" in line)
        return int(fields.get(field, "0").split()[0])
    return 0
