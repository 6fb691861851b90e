"""Where did an error come from? Files, lines and functions; not its message, which may quote what a customer wrote."""

from __future__ import annotations

import os
import secrets
import traceback
from pathlib import Path
from typing import Final

import structlog

_PACKAGES: Final = ("archive", "bot", "handoff", "knowledge_base", "nlu")
# Wherever they are installed: among libraries, too.
_OURS: Final = tuple(str(Path(__file__).parent.parent / name) + os.sep for name in _PACKAGES)
_LAST: Final = 3  # frames of libraries below ours: a database's driver alone has a dozen
_log = structlog.get_logger()


def note_failure(event: str, error: Exception, **where: str) -> str:
    """Write down what broke on our side; the number by which whoever met it can have it found in the log."""
    number = secrets.token_hex(4)
    _log.error(event, number=number, **where, error=type(error).__name__, trace=trace_of(error))
    return number


def trace_of(error: BaseException) -> str:
    """The error's type and where it passed, the innermost last, and so for each that it came of."""
    parts = []
    cause: BaseException | None = error
    while cause is not None:
        frames = "".join(traceback.format_list(_telling(cause)))
        parts.append(f"{frames}{type(cause).__name__}")
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\nof which came\n".join(reversed(parts))


def _telling(error: BaseException) -> list[traceback.FrameSummary]:
    """The frames of our own code, and the last of others."""
    passed = traceback.extract_tb(error.__traceback__)
    ours = (frame for frame in passed[:-_LAST] if frame.filename.startswith(_OURS))
    return [*ours, *passed[-_LAST:]]
