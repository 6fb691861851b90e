"""Where do data sets lie that may be read but never shipped?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_DATA = Path(os.environ.get("XIAOER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def local_data(name: str) -> Path:
    """The file or folder `name`; skips the test where it is absent."""
    path = _DATA / name
    if not path.exists():
        pytest.skip(f"no ../shared/data/{name} here; name the data folder in XIAOER_DATA")
    return path
