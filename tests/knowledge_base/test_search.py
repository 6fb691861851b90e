"""Is the right script found first, with a probability that means something?"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base import Audience, Passage, Snapshot
from knowledge_base.features import FEATURES
from nlu import RememberingEncoder

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


@pytest.mark.parametrize("query", ["", "  ", "？！", "😀"])
def test_no_words_find_nothing(shop: Snapshot, query: str) -> None:
    assert shop.search(query, np.ones(384, dtype=np.float32), NOW) == []
    assert shop.search("运费", np.zeros(384, dtype=np.float32), NOW) == []
