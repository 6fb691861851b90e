"""Does the shipped model tell what customers feel, and keep still where they feel nothing?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.sentiment import SentimentModel

MODEL = SentimentModel.load()
CLEAR = 0.5

DISPLEASED = (
    "太差了，再也不会买了",
    "客服态度恶劣，问什么都不回",
    "用了两天就坏了，垃圾",
    "等了半个月还不发货，太慢了",
    "质量很差，一洗就掉色",
    "味道难闻，头晕",
    "假货，跟专柜的不一样",
    "我要投诉你们，欺骗消费者",
    "售后推来推去没人管",
    "呵呵，真行啊你们",
    "您好，我对这次的服务非常不满意",
    "一点都不好用",
    "包装破了，里面全碎了",
    "外卖送来都凉了，难吃",
    "虽然便宜，但是质量太差",
)
PLEASED = (
    "非常满意，下次还来",
    "质量很好，物流也快",
    "客服很耐心，太感谢了",
    "味道不错，孩子很喜欢",
    "衣服很合身，穿着舒服",
    "一点都不油腻，很清爽",
    "虽然有点贵，但是很好用",
    "没想到这么好，超出预期",
    "不卡粉，很服帖，会回购",
    "老板人很好，发货神速",
)
UNMOVED = (
    "你好",
    "在吗",
    "什么时候发货",
    "[订单x]",
    "[订单x] 这个什么时候到",
    "好的谢谢",
    "好",
    "怎么申请退款",
    "有黑色的吗",
    "多少钱",
    "可以开发票吗",
    "帮我改一下地址",
    "这个质量好吗",
    "会不会掉色",
    "快递到哪了",
    "",
    "   ",
    "？？？",
    "https://example.com/1",
)


@pytest.mark.parametrize("text", DISPLEASED)
def test_displeasure_is_seen(text: str) -> None:
    assert MODEL.scores([text])[0] < -CLEAR


@pytest.mark.parametrize("text", PLEASED)
def test_pleasure_is_seen(text: str) -> None:
    assert MODEL.scores([text])[0] > CLEAR


@pytest.mark.parametrize("text", UNMOVED)
def test_matters_of_fact_have_no_mood(text: str) -> None:
    assert abs(MODEL.scores([text])[0]) < CLEAR / 2


@pytest.mark.parametrize(
    ("plain", "turned"),
    [("好用", "不好用"), ("味道难吃", "味道不难吃"), ("质量好", "质量不好"), ("很满意", "很不满意")],
)
def test_a_negation_turns_round(plain: str, turned: str) -> None:
    before, after = MODEL.scores([plain, turned])
    assert np.sign(before) != np.sign(after)


@given(st.lists(st.text(st.characters(codec=None), max_size=60), max_size=8))
def test_scores_are_bounded_and_do_not_depend_on_neighbours(texts: list[str]) -> None:
    scores = MODEL.scores(texts)
    assert scores.shape == (len(texts),)
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()
    assert (np.abs(scores) <= 1).all()
    assert scores.tolist() == [MODEL.scores([text])[0] for text in texts]


@pytest.mark.parametrize("text", ["太差了" * 3_334, "a" * 10_000, "\0" * 100, "\ud800差评", "😡" * 500, "差评\0垃圾"])
def test_odd_texts_are_scored(text: str) -> None:
    score = MODEL.scores([text])[0]
    assert -1 <= score <= 1


def test_what_follows_the_first_ten_thousand_characters_does_not_count() -> None:
    text = "好用，" * 4_000
    assert MODEL.scores([text])[0] == MODEL.scores([text[:10_000]])[0]


def test_many_texts_are_scored_as_few_are() -> None:
    texts = [*DISPLEASED, *PLEASED, *UNMOVED] * 100
    assert np.array_equal(MODEL.scores(texts)[: len(texts) // 100], MODEL.scores(texts[: len(texts) // 100]))
