"""Are urgency, complaints, farewells and sales heard, and is satisfaction predicted by its formula?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.sentiment import SIGNALS, TooFewRatings, fit_satisfaction, predicted_satisfaction, signals

HEARD = [
    ("urgency", "马上要出差了，今天能发吗"),
    ("urgency", "充电器冒烟了怎么办"),
    ("urgency", "急急急，能快点吗"),
    ("urgency", "到底什么时候发货"),
    ("urgency", "２４小时内必须处理，十分钟内回我"),
    ("complaint", "我要打12315"),
    ("complaint", "再不退款我就去投诉你们"),
    ("complaint", "不处理我就发抖音曝光"),
    ("complaint", "等着收差评吧"),
    ("complaint", "这是假货，假一赔十"),
    ("churn", "以后再也不买你家的了"),
    ("churn", "已经取消关注了"),
    ("churn", "我要退会员"),
    ("churn", "算了我去别家买"),
    ("purchase", "这个有货吗"),
    ("purchase", "怎么买"),
    ("purchase", "我想下单两个，有优惠吗"),
    ("purchase", "多少钱一瓶"),
    ("purchase", "敏感肌用哪款好"),
]
UNHEARD = [
    ("urgency", "不急，慢慢来"),
    ("urgency", "好的谢谢"),
    ("complaint", "你好"),
    ("complaint", "不投诉了，谢谢"),
    ("complaint", "垃圾桶有白色的吗"),
    ("complaint", "是假的吗"),
    ("churn", "下次还来买"),
    ("churn", "怎么买"),
    ("purchase", "刚买的怎么退货"),
    ("purchase", "不想买了"),
    ("purchase", "帮我查一下物流"),
]


@pytest.mark.parametrize(("name", "text"), HEARD)
def test_a_signal_is_heard(name: str, text: str) -> None:
    assert signals([text], [0.0])[0][name] >= 0.5


@pytest.mark.parametrize(("name", "text"), UNHEARD)
def test_no_signal_is_made_up(name: str, text: str) -> None:
    assert signals([text], [0.0])[0][name] < 0.35


def test_anger_adds_to_complaints_and_takes_from_sales() -> None:
    calm, angry = (signals(["我要退货", "多少钱"], [score] * 2) for score in (0.0, -1.0))
    assert angry[0]["complaint"] > calm[0]["complaint"]
    assert angry[1]["purchase"] < calm[1]["purchase"]


@given(st.lists(st.tuples(st.text(max_size=80), st.floats(-1, 1)), max_size=5))
def test_signals_are_bounded(messages: list[tuple[str, float]]) -> None:
    found = signals([text for text, _ in messages], [score for _, score in messages])
    assert len(found) == len(messages)
    for each in found:
        assert tuple(each) == SIGNALS
        assert all(0 <= value <= 1 for value in each.values())


def test_long_texts_do_not_hold_up() -> None:
    assert signals(["投诉" + "急" * 10_000], [0.0])[0]["complaint"] > 0.5


def test_each_text_needs_its_score() -> None:
    with pytest.raises(ValueError, match="argument"):
        signals(["你好"], [])


# ── satisfaction ─────────────────────────────────────────────────────────────────────────────


def test_the_formula_is_the_documented_one() -> None:
    assert predicted_satisfaction({}) == 3.6
    assert predicted_satisfaction({"mood_last": 1.0}) == 4.5
    assert predicted_satisfaction({"mood_last": -1.0, "complaint": 1.0, "churn": 1.0, "mood_lowest": -1.0}) == 1.0
    with pytest.raises(KeyError, match="weather"):
        predicted_satisfaction({"weather": 1.0})


@given(st.dictionaries(st.sampled_from(["mood_last", "mood_lowest", "complaint", "churn"]), st.floats(-1, 1)))
def test_satisfaction_stays_on_its_scale(features: dict[str, float]) -> None:
    assert 1 <= predicted_satisfaction(features) <= 5


def test_a_shop_with_ratings_gets_its_own_formula() -> None:
    sessions = [{"mood_last": number % 5 / 2 - 1, "slow_response": number % 3 / 2} for number in range(400)]
    ratings = [max(1.0, min(5.0, 3 + each["mood_last"] - each["slow_response"])) for each in sessions]
    formula = fit_satisfaction(sessions, ratings)
    assert formula.rated == 400
    errors = [abs(formula.predict(each) - rating) for each, rating in zip(sessions, ratings, strict=True)]
    assert sum(errors) / len(errors) < 0.1
    assert formula.weights["churn"] == pytest.approx(-0.8)  # never seen: stays ours


def test_too_few_or_wrong_ratings_are_refused() -> None:
    with pytest.raises(TooFewRatings, match="199 rated sessions; 200"):
        fit_satisfaction([{}] * 199, [3.0] * 199)
    with pytest.raises(ValueError, match="between 1 and 5"):
        fit_satisfaction([{}] * 200, [6.0] * 200)
    with pytest.raises(ValueError, match="1 sessions, but 0"):
        fit_satisfaction([{}], [])
