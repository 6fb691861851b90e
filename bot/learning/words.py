"""Which words do we know customers' reactions by? See words.toml."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any, Final

# At import: nobody's first message waits for a file.
WORDS: Final[dict[str, Any]] = tomllib.loads(
    resources.files("bot.learning").joinpath("words.toml").read_text(encoding="utf-8")
)
