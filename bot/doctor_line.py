"""What does one check of the doctor say? One line: ok, or what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """What one check found. advice: what to do; a hint where ok."""

    name: str
    ok: bool
    detail: str
    advice: str = ""
