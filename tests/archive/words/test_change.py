"""Are new words, unusual words and bursts found where we planted them, and none where there are none?"""

from __future__ import annotations

import random
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.words import bursts, keyness, new_words
from archive.words.new_words import GramCounts

COMMON = (
    "这款面霜好用吗",
    "什么时候发货",
    "可以退货吗",
    "运费谁出",
    "有没有优惠券",
    "发票怎么开",
    "孕妇能用吗",
    "礼盒有赠品吗",
)
PLANTED = "蔻糯霜"  # no word of any dictionary
START = date(2026, 3, 1)


def chatter(seed: int, count: int, *, planted: str = "") -> list[str]:
    """Customers' messages; in every fourth stands the planted word, with ever other words around it."""
    chance = random.Random(seed)
    before = ("买了", "想要", "收到", "退掉", "试试", "推荐", "问下", "还有")
    behind = ("好用", "过敏", "多少钱", "发货", "赠品", "掉色", "保质期", "破损")
    messages = [chance.choice(COMMON) + chance.choice(COMMON) for _ in range(count)]
    if planted:
        messages[::4] = [f"{chance.choice(before)}{planted}{chance.choice(behind)}" for _ in range(len(messages[::4]))]
    return messages


# ── new words ────────────────────────────────────────────────────────────────────────────────


def test_a_planted_word_is_found_whole() -> None:
    found = new_words(chatter(1, 400, planted=PLANTED))
    assert found[0].text == PLANTED
    assert found[0].count == 100
    assert found[0].cohesion > 3
    assert found[0].freedom > 1
    assert not any(PLANTED[:2] in word.text or PLANTED[1:] in word.text for word in found[1:])


def test_no_word_is_new_where_all_are_known() -> None:
    assert not any(PLANTED in word.text for word in new_words(chatter(2, 400)))
    assert not any(word.text == PLANTED for word in new_words(chatter(1, 400, planted=PLANTED), known={PLANTED}))


def test_a_word_in_one_sentence_only_is_a_piece_of_that_sentence() -> None:
    assert new_words(["买了蔻糯霜好用"] * 50) == []


def test_few_occurrences_make_no_word() -> None:
    assert new_words(chatter(1, 12, planted=PLANTED)) == []


def test_memory_is_bounded_and_the_word_still_found() -> None:
    counts = GramCounts(most=2_000)
    chance = random.Random(3)
    for message in chatter(3, 4_000, planted=PLANTED):
        counts.add(message + "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(6)))
        assert len(counts) <= 2_000 + 400  # one message more
    assert counts.missed > 0
    kept = counts[tuple(PLANTED)]
    assert 1_000 - counts.missed <= kept <= 1_000


def test_masks_and_links_are_no_words() -> None:
    texts = [f"{word}[订单蔻糯]{other}〔电话蔻〕" for word in COMMON for other in COMMON]
    assert not any("蔻" in word.text for word in new_words(texts))


@settings(max_examples=40)
@given(st.lists(st.text(max_size=60), max_size=30))
def test_any_texts_may_come(texts: list[str]) -> None:
    assert len(new_words(iter(texts), least=2, most=5)) <= 5


# ── keyness ──────────────────────────────────────────────────────────────────────────────────


def test_what_is_said_more_than_usual_comes_first() -> None:
    usual = {"退货": 500, "发票": 400, "物流": 900, "的": 9_000}
    now = {"退货": 50, "发票": 45, "物流": 95, "的": 880, "漏液": 30, "掉色": 3}
    found = keyness(now, usual)
    assert found[0].text == "漏液"
    assert {"退货", "发票", "物流", "的"}.isdisjoint(key.text for key in found)
    assert all(key.z >= 3 and key.times > 1 for key in found)


def test_the_rarest_word_does_not_win_by_rarity() -> None:
    """Of a ratio it would: it is unheard of in the background, as the frequent one is not."""
    found = keyness({"漏液": 60, "一": 2, "x": 1_000}, {"漏液": 60, "x": 10_000}, surprise=0)
    assert found[0].text == "漏液"


def test_nothing_stands_out_of_nothing() -> None:
    assert keyness({}, {"a": 1}) == keyness({"a": 5}, {}) == []
    assert keyness({"a": 5, "b": 5}, {"a": 500, "b": 500}) == []


@given(
    st.dictionaries(st.text(max_size=3), st.integers(0, 10_000)),
    st.dictionaries(st.text(max_size=3), st.integers(0, 10_000)),
)
def test_any_counts_may_come(counts: dict[str, int], background: dict[str, int]) -> None:
    found = keyness(counts, background)
    assert {key.text for key in found} <= counts.keys()
    assert [key.z for key in found] == sorted((key.z for key in found), reverse=True)


# ── bursts ───────────────────────────────────────────────────────────────────────────────────


def days(counts: list[int]) -> dict[date, int]:
    return {START + timedelta(days=number): count for number, count in enumerate(counts)}


def noise(chance: np.random.Generator, rate: float, volume: list[int]) -> list[int]:
    return [int(chance.poisson(rate * each)) for each in volume]


def test_a_planted_burst_is_found_on_its_days() -> None:
    chance = np.random.default_rng(7)
    volume = [200] * 28
    daily = {f"word{number}": noise(chance, 0.02, volume) for number in range(40)}
    daily["漏液"] = noise(chance, 0.01, volume)
    daily["漏液"][20] += 20
    daily["漏液"][21] += 15
    (found,) = bursts({key: days(counts) for key, counts in daily.items()}, days(volume))
    assert (found.key, found.first, found.last) == ("漏液", START + timedelta(days=20), START + timedelta(days=21))
    assert found.count == daily["漏液"][20] + daily["漏液"][21]
    assert found.expected < 12
    assert found.p < 0.001


def test_a_busy_day_is_no_burst() -> None:
    volume = [100] * 20 + [1_000] + [100] * 7
    counts = [5] * 20 + [50] + [5] * 7
    assert bursts({"发货": days(counts)}, days(volume)) == []
    assert bursts({"发货": days(counts)}, days([100] * 28)) != []


def test_flat_noise_raises_fewer_false_alarms_than_promised() -> None:
    """300 reports of 30 words over four weeks, with weekends: with chance 5 % each, more than 25 come once in 1,000."""
    chance = np.random.default_rng(11)
    volume = [300, 280, 290, 310, 330, 120, 90] * 4
    alarms = sum(
        bool(bursts({word: days(noise(chance, 0.03, volume)) for word in range(30)}, days(volume))) for _ in range(300)
    )
    assert alarms <= 25


@pytest.mark.parametrize("volume", [[], [0, 0], [5]])
def test_without_days_to_compare_there_is_no_burst(volume: list[int]) -> None:
    assert bursts({"a": days([50, 1])}, days(volume)) == []


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 50)), max_size=20))
def test_any_days_may_come(rows: list[tuple[int, int]]) -> None:
    volume = days([more + count for more, count in rows])
    for burst in bursts({"a": days([count for _, count in rows])}, volume):
        assert burst.first <= burst.last
        assert burst.count > burst.expected
        assert 0 <= burst.p <= 0.05
