"""Are several questions told apart, and follow-ups joined with what they lean on?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu import is_follow_up, resolve, split_questions
from nlu.questions import MOST_PARTS


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("多少钱，什么时候发货，能开发票吗", ("多少钱", "什么时候发货", "能开发票吗")),
        ("多少钱什么时候发货能开发票吗", ("多少钱", "什么时候发货", "能开发票吗")),
        ("亲 在吗 这个多少钱 包邮吗", ("这个多少钱", "包邮吗")),
        ("这个能用吗还有什么时候发货", ("这个能用吗", "还有什么时候发货")),
        ("面霜敏感肌能用吗？多少钱？", ("面霜敏感肌能用吗？", "多少钱？")),
        ("怎么退，退款多久到账", ("怎么退", "退款多久到账")),
        ("面膜坏了怎么办，能换吗，谁出运费", ("面膜坏了怎么办", "能换吗", "谁出运费")),
        ("多少钱\n什么时候到", ("多少钱", "什么时候到")),
        ("我昨天买的面霜，今天降价了，能退差价吗，怎么申请", ("我昨天买的面霜，今天降价了，能退差价吗", "怎么申请")),
    ],
)
def test_several_questions(text: str, parts: tuple[str, ...]) -> None:
    assert split_questions(text) == parts


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("你好，请问这个敏感肌能用吗", "请问这个敏感肌能用吗"),
        ("我想问一下，什么时候发货", "什么时候发货"),
        ("衣服破了，怎么退", "衣服破了，怎么退"),
        ("是不是坏了，怎么回事", "是不是坏了，怎么回事"),
        ("这款是油皮用还是干皮用", "这款是油皮用还是干皮用"),
        ("我昨天买的面霜，今天降价了，能退差价吗", "我昨天买的面霜，今天降价了，能退差价吗"),
        ("退款什么时候到，等了好几天了", "退款什么时候到，等了好几天了"),
        ("你好", "你好"),
        ("在吗", "在吗"),
        ("谢谢", "谢谢"),
        ("我要退货", "我要退货"),
        ("能便宜点吗亲", "能便宜点吗亲"),
        ("", ""),
    ],
)
def test_one_question_stays_one(text: str, part: str) -> None:
    assert split_questions(text) == (part,)


def test_more_than_four_are_four() -> None:
    parts = split_questions("有优惠吗？什么时候到？发什么快递？可以指定顺丰吗？有运费险吗？")
    assert parts == ("有优惠吗？", "什么时候到？", "发什么快递？", "可以指定顺丰吗？有运费险吗？")


_TALK = st.text(alphabet="多少钱吗什么时候，。？! 还有你好请问发货能\n", max_size=60)


@given(st.one_of(st.text(max_size=200), _TALK))
def test_nothing_is_added_and_nothing_but_greetings_lost(text: str) -> None:
    parts = split_questions(text)
    assert 1 <= len(parts) <= MOST_PARTS
    position = 0
    for char in "".join(parts):
        if char == "，":  # where clauses were joined anew
            continue
        position = text.index(char, position) + 1


@given(_TALK)
def test_a_part_is_one_part(text: str) -> None:
    parts = split_questions(text)
    if 1 < len(parts) < MOST_PARTS:
        assert all(len(split_questions(part)) == 1 for part in parts)


@pytest.mark.parametrize(
    "text",
    [
        "那要几天呢",
        "多少钱呢",
        "那运费呢",
        "这个呢",
        "红色的呢",
        "为什么",
        "那能退吗",
        "还有别的颜色吗",
        "多久",
        "然后呢",
        "那明天呢？",
        "可以吗",
    ],
)
def test_follow_ups(text: str) -> None:
    assert is_follow_up(text)
    assert resolve(text, ["面霜包邮吗", "好的"]) == f"面霜包邮吗，{text}"
    assert resolve(text, []) == text


@pytest.mark.parametrize(
    "text",
    [
        "那个面霜什么时候发货",
        "我要退货",
        "那我要退货",
        "什么时候发货",
        "你们在干嘛呢",
        "面霜多少钱",
        "在哪里领优惠券",
        "你好",
        "转人工",
        "那好吧",
        "那行",
        "谢谢",
        "人呢",
        "在吗",
        "",
    ],
)
def test_whole_sentences_stand_for_themselves(text: str) -> None:
    assert not is_follow_up(text)
    assert resolve(text, ["面霜包邮吗"]) == text


def test_a_chain_leans_on_its_first() -> None:
    assert resolve("那要几天呢", ["你好", "能发新疆吗", "那运费呢", "谢谢"]) == "能发新疆吗，那要几天呢"


@given(st.text(max_size=100), st.lists(st.text(max_size=50), max_size=4))
def test_resolving_only_adds_in_front(text: str, recent: list[str]) -> None:
    joined = resolve(text, recent)
    assert joined == text or joined.endswith(f"，{text.strip()}")
