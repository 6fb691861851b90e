"""What does a code of the Finance SDK mean for us? A table (codes.toml), read once."""

from __future__ import annotations

import tomllib
from importlib.resources import files

_TABLE = tomllib.loads(files("archive.finance").joinpath("codes.toml").read_text(encoding="utf-8"))
_RETRYABLE = frozenset(_TABLE["retryable"])


def advice_for(code: int) -> str:
    """What the merchant must do about it (Chinese)."""
    return str(_TABLE["codes"].get(str(code), _TABLE["unknown"]))


def known_codes() -> tuple[int, ...]:
    """Every code in the table."""
    return tuple(int(code) for code in _TABLE["codes"])


def is_retryable(code: int) -> bool:
    """Whether trying again may help: network, parsing and system errors only (wechat-platform §5.2)."""
    return code in _RETRYABLE


def reason_advice(reason: str) -> str:
    """What to do about something that lies aside, or went wrong without a code, by our name for it."""
    return str(_TABLE["reasons"][reason])
