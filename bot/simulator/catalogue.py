"""Which words does the simulator show, and who plays in a trial run? The package's own data, read once at import."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

_HERE = files("bot.simulator")

_WORDS: dict[str, Any] = tomllib.loads((_HERE / "phrases.toml").read_text(encoding="utf-8"))
PAGE_PHRASES: dict[str, str] = _WORDS.pop("pages")
PHRASES: dict[str, str] = _WORDS
CAST: dict[str, Any] = tomllib.loads((_HERE / "cast.toml").read_text(encoding="utf-8"))
TEMPLATES: dict[str, str] = {
    item.name: item.read_text(encoding="utf-8")
    for item in (_HERE / "templates").iterdir()
    if item.name.endswith(".html")
}
STATIC: dict[str, bytes] = {item.name: item.read_bytes() for item in (_HERE / "static").iterdir()}
