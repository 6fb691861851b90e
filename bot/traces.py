"""Where did an error come from? Files, lines and functions; not its message, which may quote what a customer wrote."""

from __future__ import annotations

import traceback
from typing import Final

_FRAMES: Final = 12  # the last ones: those before are the server's


def trace_of(error: BaseException) -> str:
    """The error's type and where it passed, the innermost last, and so for each that it came of."""
    parts = []
    cause: BaseException | None = error
    while cause is not None:
        frames = "".join(traceback.format_tb(cause.__traceback__)[-_FRAMES:])
        parts.append(f"{frames}{type(cause).__name__}")
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\nof which came\n".join(reversed(parts))
