"""Which key does what at the workbench, and may she choose another? Pure; a key is written as "Ctrl+Alt+A"."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from bot.console.catalogue import text

_KEPT: Final = tomllib.loads((files("bot.console") / "hot_keys.toml").read_text(encoding="utf-8"))
DEFAULTS: Final[Mapping[str, str]] = _KEPT["actions"]
_RESERVED: Final[Mapping[str, str]] = {key: whose for whose, keys in _KEPT["reserved"].items() for key in keys}
_MODIFIERS: Final = ("Ctrl", "Alt", "Shift")
_KEY: Final = re.compile(r"[A-Z0-9]|F[1-9]|F1[0-2]")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was typed into the sheet. keys: by action, those that differ from the default. wrong: why not, by action."""

    typed: Mapping[str, str]
    keys: Mapping[str, str]
    wrong: Mapping[str, str]


def keys_of(chosen: Mapping[str, str]) -> dict[str, str]:
    """Every action's key, as somebody chose it or by default."""
    return {action: chosen.get(action, key) for action, key in DEFAULTS.items()}


def read_keys(form: Mapping[str, str]) -> Chosen:
    """The sheet as it was sent; an empty field brings the default back."""
    typed = {action: form.get(action, "").strip()[:32] for action in DEFAULTS}
    read = {action: as_key(said) if said else DEFAULTS[action] for action, said in typed.items()}
    uses = Counter(key for key in read.values() if key is not None)
    wrong = {}
    for action, key in read.items():
        if key is None:
            wrong[action] = text("hot_keys_wrong.shape")
        elif key in _RESERVED:
            wrong[action] = text(f"hot_keys_wrong.{_RESERVED[key]}", key=key)
        elif uses[key] > 1:
            others = [text(f"hot_keys.{each}") for each, other in read.items() if other == key and each != action]
            wrong[action] = text("hot_keys_wrong.twice", key=key, other="、".join(others))
    keys = {action: key for action, key in read.items() if key is not None and key != DEFAULTS[action]}
    return Chosen({action: read[action] or said for action, said in typed.items()}, keys, wrong)


def as_key(said: str) -> str | None:
    """What was typed ("alt + j") as it is kept ("Alt+J"); None for no key, or one with which letters are typed."""
    *modifiers, key = [each.strip().capitalize() for each in said.split("+")]
    held = [each for each in _MODIFIERS if each in modifiers]
    types_a_letter = not key.startswith("F") or len(key) == 1
    if len(held) != len(modifiers) or not _KEY.fullmatch(key) or (types_a_letter and set(held) <= {"Shift"}):
        return None
    return "+".join([*held, key])
