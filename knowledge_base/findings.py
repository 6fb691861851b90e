"""What can be wrong in a library of scripts, how bad is it, and what is to be done?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from knowledge_base.words import words

Severity = Literal["error", "warning"]
Kind = Literal[
    "same_question",
    "contradiction",
    "near_question",
    "stray_question",
    "same_answer",
    "never_valid",
    "expired",
    "expires_soon",
    "missing_related",
    "unseen_related",
    "missing_choice",
    "missing_file",
    "large_file",
    "no_cover",
    "long_answer",
    "short_question",
    "repeated_question",
    "no_category",
    "lone_category",
]
ERRORS: frozenset[Kind] = frozenset(
    {"same_question", "contradiction", "never_valid", "missing_related", "missing_choice", "missing_file", "large_file"}
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at. scripts: the ids concerned. message, remedy: for operators, in Chinese."""

    kind: Kind
    severity: Severity
    scripts: tuple[str, ...]
    message: str
    remedy: str


def finding(kind: Kind, scripts: Sequence[str], **values: object) -> Finding:
    """The finding in the words of the catalogue; values fill its placeholders."""
    severity: Severity = "error" if kind in ERRORS else "warning"
    return Finding(
        kind,
        severity,
        tuple(scripts),
        words("findings")[kind].format(**values),
        words("remedies")[kind].format(**values),
    )
