"""Where did an error come from? Files, lines and functions; not its message, which may quote what a customer wrote."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Final

_OURS: Final = str(Path(__file__).parent.parent)
_LIBRARIES: Final = ("site-packages", "dist-packages")
_LAST: Final = 3  # frames of libraries below ours: a database's driver alone has a dozen


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
    return [*filter(_is_ours, passed[:-_LAST]), *passed[-_LAST:]]


def _is_ours(frame: traceback.FrameSummary) -> bool:
    return frame.filename.startswith(_OURS) and not any(each in frame.filename for each in _LIBRARIES)
