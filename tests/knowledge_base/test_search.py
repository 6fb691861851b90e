"""Is the right script found first, with a probability that means something?"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base import Audience, Passage, Snapshot, build_snapshot
from knowledge_base.features import FEATURES, LEXICAL
from nlu import RememberingEncoder
from tests.knowledge_base.samples import script

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = Audience("official_account", datetime(2026, 6, 1, 12, tzinfo=SHANGHAI))


def ask(shop: Snapshot, encoder: RememberingEncoder, query: str, audience: Audience = NOW) -> list[Passage]:
    return shop.search(query, encoder.encode([query])[0], audience)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("多久能发货呀", "shipping-time"),
        ("寄快递要钱不", "shipping-fee"),
        ("我想把钱退了", "refund"),
        ("我是敏感皮 能不能用", "sensitive-skin"),
        ("黄黑皮涂什么口红", "lipstick-shade"),
        ("给开专用发票吗", "invoice"),
    ],
)
def test_new_wordings_find_the_script_first(
    shop: Snapshot, encoder: RememberingEncoder, query: str, wanted: str
) -> None:
    found = ask(shop, encoder, query)
    assert found[0].script_id == wanted
    assert found[0].probability > 2 * found[1].probability


def test_a_known_question_is_nearly_certain_however_it_is_typed(shop: Snapshot, encoder: RememberingEncoder) -> None:
    for query in ("运费怎么算", "运费怎么算？？", " 运费 怎么算！"):
        best = ask(shop, encoder, query)[0]
        assert (best.script_id, best.question) == ("shipping-fee", "运费怎么算")
        assert best.probability > 0.8
        assert best.features["exact"] == 1


@pytest.mark.parametrize("query", ["明天会不会下雪", "你们支持哪个球队", "帮我写首诗", "三加五等于几"])
def test_what_no_script_answers_is_improbable(shop: Snapshot, encoder: RememberingEncoder, query: str) -> None:
    assert all(passage.probability < 0.25 for passage in ask(shop, encoder, query))


def test_the_answer_is_the_channels_own(shop: Snapshot, encoder: RememberingEncoder) -> None:
    assert ask(shop, encoder, "什么时候发货")[0].answer == "48 小时内发货"
    assert ask(shop, encoder, "什么时候发货", Audience("wecom_kf", NOW.at))[0].answer == "两天内发货"


@pytest.mark.parametrize(
    ("at", "valid"),
    [
        (datetime(2026, 10, 31, 23, 59, tzinfo=SHANGHAI), False),
        (datetime(2026, 11, 1, 0, 0, tzinfo=SHANGHAI), True),
        (datetime(2026, 11, 11, 23, 59, tzinfo=SHANGHAI), True),
        (datetime(2026, 11, 12, 0, 0, tzinfo=SHANGHAI), False),
    ],
)
def test_a_script_is_said_only_in_its_days(
    shop: Snapshot, encoder: RememberingEncoder, at: datetime, *, valid: bool
) -> None:
    ids = [passage.script_id for passage in ask(shop, encoder, "双十一有活动吗", Audience("wecom_kf", at))]
    assert ("sale" in ids) == valid
    assert "hidden" not in ids


def test_a_script_is_said_only_to_whom_it_is_for(encoder: RememberingEncoder) -> None:
    scripts = (
        script("gz", "门店在哪里", regions=("广东",)),
        script("vip", "会员日什么时候", tags=("老客",)),
        script("kf", "怎么加微信", channels=("wecom_kf",)),
        script("qr", "扫码有礼吗", scenes=("box",)),
    )
    shop = build_snapshot(scripts, encode=encoder.encode, encoder="x", folder=None, negatives=())
    hers = Audience("wecom_kf", NOW.at, region="广东省深圳市", tags=frozenset({"老客"}), scene="box")
    for entry in scripts:
        for vector in (None, encoder.encode(entry.questions)[0]):
            assert shop.search(entry.questions[0], vector, hers)[0].script_id == entry.id
            assert entry.id not in {each.script_id for each in shop.search(entry.questions[0], vector, NOW)}


def test_without_a_vector_spelling_alone_knows_what_is_stored(shop: Snapshot) -> None:
    for query, wanted in (
        ("运费怎么算？", "shipping-fee"),
        ("我要退钱", "refund"),
        ("黄皮适合哪个色号", "lipstick-shade"),
    ):
        best = shop.search(query, None, NOW)[0]
        assert (best.script_id, tuple(best.features)) == (wanted, LEXICAL)
        assert best.probability > 0.97
    for query in ("明天会不会下雪", "多少岁了", "你们支持哪个球队", "hello there", "三加五等于几"):
        assert all(passage.probability < 0.25 for passage in shop.search(query, None, NOW))


@pytest.mark.parametrize(
    ("query", "wanted"), [("申请退或退款", "refund"), ("法票怎么开", "invoice"), ("邮非多少", "shipping-fee")]
)
def test_characters_of_the_same_sound_find_the_script(
    shop: Snapshot, encoder: RememberingEncoder, query: str, wanted: str
) -> None:
    assert shop.search(query, None, NOW)[0].script_id == wanted
    best = ask(shop, encoder, query)[0]
    assert best.script_id == wanted
    assert best.probability > 0.5


def test_nothing_is_made_of_what_is_not_probable_enough(shop: Snapshot, encoder: RememberingEncoder) -> None:
    query = "多久能发货呀"
    found = ask(shop, encoder, query)
    best, vector = found[0].probability, encoder.encode([query])[0]
    assert shop.search(query, vector, NOW, at_least=best) == found
    assert shop.search(query, vector, NOW, at_least=best + 0.001) == []


def test_the_limit_holds_and_everything_is_explained(shop: Snapshot, encoder: RememberingEncoder) -> None:
    found = shop.search("怎么退款", encoder.encode(["怎么退款"])[0], NOW, 2)
    assert len(found) == 2
    assert all(tuple(passage.features) == FEATURES for passage in found)


@given(st.text(max_size=60), st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_any_text_gives_ordered_probabilities(shop: Snapshot, text: str, seed: int) -> None:
    vector = np.random.default_rng(seed).normal(size=384).astype(np.float32)
    found = shop.search(text, vector / np.linalg.norm(vector), NOW)
    probabilities = [passage.probability for passage in found]
    assert all(0 <= probability <= 1 for probability in probabilities)
    assert sum(probabilities) <= 1 + 1e-9
    assert probabilities == sorted(probabilities, reverse=True)
    assert len({passage.script_id for passage in found}) == len(found)


@given(
    st.one_of(st.text(max_size=60), st.text(alphabet="😀\u200b\x00\ud800🧧", max_size=20), st.text("退a款", max_size=9))
)
@settings(max_examples=150, deadline=None)
def test_any_text_may_come_without_a_vector(shop: Snapshot, text: str) -> None:
    probabilities = [passage.probability for passage in shop.search(text, None, NOW)]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) <= 1 + 1e-9


def test_a_very_long_text_is_bounded_and_improbable(shop: Snapshot) -> None:
    vector = np.random.default_rng(0).normal(size=384).astype(np.float32)
    for text in ("天气真好啊今天" * 1_500, "lorem ipsum " * 900, "\x01\x02" * 5_000, "😀" * 10_000):
        for one in (None, vector / np.linalg.norm(vector)):
            assert all(passage.probability < 0.5 for passage in shop.search(text, one, NOW))


@pytest.mark.parametrize("query", ["", "  ", "？！", "😀"])
def test_no_words_find_nothing(shop: Snapshot, query: str) -> None:
    assert shop.search(query, np.ones(384, dtype=np.float32), NOW) == []
    assert shop.search(query, None, NOW) == []
    assert shop.search("运费", np.zeros(384, dtype=np.float32), NOW) == []
