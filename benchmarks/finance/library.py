"""How is the stand-in for Tencent's library built? With the machine's C compiler."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from benchmarks.children import BenchImpossible

SOURCE = Path(__file__).with_name("finance_sdk.c")


def build_library(folder: Path) -> Path:
    """Build it into a folder; its path. Raises BenchImpossible where there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise BenchImpossible("no C compiler (cc) on this machine: the Finance SDK's stand-in cannot be built")
    built = folder / "libfinance_sdk.so"
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(built), str(SOURCE)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own source
    return built
