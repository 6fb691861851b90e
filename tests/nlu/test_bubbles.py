"""Do we wait where a thought goes on, and answer at once where it is complete?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu import join_bubbles, looks_unfinished, wait_ms
from nlu.bubbles import LONGEST_JOINED
from tests.local_data import local_data


@pytest.mark.parametrize(
    "text",
    [
        "敏感肌能用吗",
        "多少钱",
        "什么时候发货？",
        "我要退货",
        "帮我查一下物流",
        "转人工",
        "谢谢",
        "好的",
        "202611210001",
        "没有了",
        "还没发货吗",
    ],
)
def test_complete_thoughts_are_answered_at_once(text: str) -> None:
    assert wait_ms([text], longest_ms=3_000) == 0


@pytest.mark.parametrize("text", ["你好", "在吗", "我想问一下", "那个面霜", "订单号：", "因为", "我买的那个，", "亲"])
def test_beginnings_are_waited_for(text: str) -> None:
    assert 1_000 <= wait_ms([text], longest_ms=3_000) <= 3_000


def test_the_wait_shrinks_with_every_bubble_and_ends() -> None:
    waits = [wait_ms(["你好"] * count, longest_ms=3_000) for count in range(1, 8)]
    assert waits == sorted(waits, reverse=True)
    assert waits[-1] < waits[0] / 4
    assert wait_ms(["你好", "我想问一下", "那个面霜", "敏感肌能用吗"], longest_ms=3_000) == 0
    assert wait_ms([], longest_ms=3_000) == 0


def test_three_bubbles_are_one_text() -> None:
    assert (
        join_bubbles(["你好", "我想问一下", "那个面霜", "敏感肌能用吗"]) == "你好，我想问一下，那个面霜，敏感肌能用吗"
    )
    assert join_bubbles(["在吗？", "在吗？", "", "发货没"]) == "在吗？发货没"
    assert join_bubbles([]) == ""


@given(st.lists(st.text(max_size=300), max_size=6), st.integers(0, 60_000))
def test_bounded_for_any_bubbles(bubbles: list[str], longest_ms: int) -> None:
    assert 0 <= wait_ms(bubbles, longest_ms=longest_ms) <= longest_ms
    assert len(join_bubbles(bubbles)) <= LONGEST_JOINED
    assert all(0 <= looks_unfinished(bubble) <= 1 for bubble in bubbles)


@pytest.mark.local_data
def test_real_customers_go_on_more_often_where_we_wait() -> None:
    lines = local_data("dialogues/jddc_sessions.tsv").read_text(encoding="utf-8").splitlines()
    turns = [row[-1].split() for row in (line.split("\t") for line in lines) if row[2] == "0"]
    waited: list[bool] = []  # whether another bubble of the same turn followed
    answered: list[bool] = []
    for turn in turns:
        for number, bubble in enumerate(turn, 1):
            (waited if wait_ms([bubble], longest_ms=1_000) else answered).append(number < len(turn))
    assert sum(waited) / len(waited) > 1.4 * sum(answered) / len(answered)
