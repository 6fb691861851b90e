"""What is one measured figure, on which machine was it measured, and where is it kept?"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

FIGURE = "figure to reach"  # the peer of a value whose limit is a promise, not another program
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Result:
    """One figure. peer: what it is compared with, "" for nothing; ratio: value / peer_value."""

    name: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    ratio: float | None = None


def alone(name: str, value: float, unit: str) -> Result:
    """A figure without a peer."""
    return Result(name, _rounded(value), unit)


def beside(name: str, value: float, unit: str, *, peer: str, peer_value: float) -> Result:
    """A figure and its peer's of the same run; no ratio to a peer that reached nothing."""
    ratio = _rounded(value / peer_value) if peer_value else None
    return Result(name, _rounded(value), unit, peer, _rounded(peer_value), ratio)


def machine() -> dict[str, object]:
    """On what, with what, and how busy it was: cpu, cores, memory_gb, python, commit, load (1, 5, 15 minutes)."""
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "commit": _commit(),
        "load": [round(each, 2) for each in os.getloadavg()],
    }


def write(path: Path, results: Sequence[Result]) -> None:
    """Keep the figures with their machine as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    report = {"machine": machine(), "results": [asdict(each) for each in results]}
    path.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def show(name: str, results: Sequence[Result]) -> None:
    """Write `benchmarks/results/NAME.json` and print it: what `python -m benchmarks.NAME` ends with."""
    path = RESULTS / f"{name}.json"
    write(path, results)
    print(path.read_text(encoding="utf-8"), end="")


def median(values: Sequence[float]) -> float:
    """The middle value; 0 for none."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if not ordered:
        return 0.0
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie (nearest rank); 0 for none."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def _rounded(value: float) -> float:
    return round(value, 1) if abs(value) >= 100 else round(value, 3)


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _commit() -> str:
    """The commit measured, "+" behind it where the tree has changes; "" outside of a checkout."""
    here = Path(__file__).parent
    try:
        name = _git(here, "rev-parse", "--short", "HEAD")
        changed = _git(here, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return ""
    return f"{name}+" if changed else name


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 - fixed words
