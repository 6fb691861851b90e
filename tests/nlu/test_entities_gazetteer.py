"""Are the shop's own words and patterns found, in whatever width and script they are typed?"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from nlu import Gazetteer, TrainingData, find_entities
from nlu.text import folded

DATA = TrainingData(
    lookups={"product": ("云朵面霜", "玉露精华液", "BB霜"), "gift": ("云朵",)},
    synonyms={"云朵面霜": ("云朵霜", "你家面霜"), "XL": ("加大",)},
    regexes={"coupon": (r"YH[0-9]{4}",), "slow": (r"(a+)+b",), "broken": ("(",)},
)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    with capture_logs():
        return Gazetteer.of(DATA, {"p-17": ("玉露精华液", "小玉瓶")})


def _found(text: str, gazetteer: Gazetteer) -> list[tuple[str, str, str]]:
    return [(each.type, text[each.start : each.end], each.value) for each in find_entities(text, gazetteer=gazetteer)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("云朵面霜好用吗", [("product", "云朵面霜", "云朵面霜")]),
        ("云朵霜和云朵", [("product", "云朵霜", "云朵面霜"), ("gift", "云朵", "云朵")]),
        ("雲朵面霜多少錢", [("product", "雲朵面霜", "云朵面霜")]),
        ("ｂｂ霜", [("product", "ｂｂ霜", "BB霜")]),
        ("abb霜", []),
        ("小玉瓶还有吗", [("product", "小玉瓶", "p-17")]),
        ("玉露精华液", [("product", "玉露精华液", "p-17")]),
        ("券码YH1234用不了", [("coupon", "YH1234", "YH1234")]),
    ],
)
def test_found(text: str, expected: list[tuple[str, str, str]], gazetteer: Gazetteer) -> None:
    assert _found(text, gazetteer) == expected


def test_a_pattern_that_could_hang_or_does_not_parse_is_named_and_left_out() -> None:
    with capture_logs() as logs:
        compiled = Gazetteer.of(DATA)
    assert [name for name, _ in compiled.patterns] == ["coupon"]
    assert {entry["name"] for entry in logs if entry["event"] == "entity_pattern_refused"} == {"slow", "broken"}


@given(st.lists(st.text(min_size=1, max_size=5), max_size=8), st.text(max_size=60))
def test_whatever_the_words_are(words: list[str], text: str) -> None:
    compiled = Gazetteer.of(TrainingData(lookups={"word": tuple(words)}))
    for entity in find_entities(text, gazetteer=compiled):
        assert 0 <= entity.start < entity.end <= len(text)


@given(st.lists(st.from_regex(re.compile("[一-龥]{2,4}"), fullmatch=True), min_size=1, max_size=5, unique=True))
def test_the_longest_word_at_a_place_wins(words: list[str]) -> None:
    compiled = Gazetteer.of(TrainingData(lookups={"word": tuple(words)}))
    text = max(words, key=len)
    found = compiled.find(folded(text))
    assert next(found).entity.end == len(text)
