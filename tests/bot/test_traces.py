"""Does the log say where an error came from, and nothing of what it quotes?"""

from __future__ import annotations

import pytest

from bot.traces import trace_of


def _reads(text: str) -> int:
    return int(text)


def _understands(text: str) -> None:
    try:
        _reads(text)
    except ValueError as error:
        raise KeyError(text) from error


def test_where_it_came_from_is_told_without_what_it_quotes() -> None:
    said = "".join(map(str, range(138, 142)))  # not written here as it is: source lines are shown
    with pytest.raises(KeyError) as caught:
        _understands(f"我的电话是{said}")
    told = trace_of(caught.value)
    assert said not in told
    assert told.index("_reads") < told.index("ValueError") < told.index("of which came") < told.index("_understands(f")
    assert told.endswith("KeyError")
