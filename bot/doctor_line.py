"""What does one check of the doctor say? A finding by its code, put into words from a catalogue; ok, or what to do."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Final, Literal

Language = Literal["en", "zh"]
_WORDS: Final = tomllib.loads((files("bot") / "doctor.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Line:
    """What one check found, in words. advice: what to do; a hint where ok."""

    name: str
    ok: bool
    detail: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check of the accounts found. check, what: its codes in doctor.toml. values: what the words there name."""

    check: str
    what: str
    ok: bool
    values: Mapping[str, object] = field(default_factory=dict)

    def line(self, language: Language) -> Line:
        """In words. Raises KeyError for codes or values that the catalogue does not know."""
        words = _WORDS[language]
        said = words[self.check].get(self.what) or words["any"][self.what]
        name, detail, advice = (
            each.format(**self.values) for each in (words["names"][self.check], said["detail"], said.get("advice", ""))
        )
        return Line(name, self.ok, detail, advice)
