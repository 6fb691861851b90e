"""Which way does a script go from draft to retired, and which steps are not allowed?"""

from __future__ import annotations

from collections.abc import Mapping

from knowledge_base.script import Script, State
from knowledge_base.unwritten import is_written

MOVES: Mapping[State, tuple[State, ...]] = {
    "draft": ("review", "retired"),
    "review": ("live", "draft", "retired"),
    "live": ("retired", "review"),
    "retired": ("draft", "review"),
}


class MoveRefused(Exception):  # noqa: N818 - reads as the fact it is
    """No script was moved; the message names each that could not be, and what it may become."""


def refusal(script: Script, to: State) -> str:
    """Why this script may not become `to`, "" where it may."""
    if to == script.state:
        return f"{script.id}: is {to} already"
    if to not in MOVES[script.state]:
        return f"{script.id}: is {script.state}, which becomes {' or '.join(MOVES[script.state])}, never {to} at once"
    if to in ("review", "live") and not is_written(script.answers):
        return f"{script.id}: its answer is still to be written"
    return ""
