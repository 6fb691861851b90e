"""Does the bench of keywords measure what it says?"""

from __future__ import annotations

import pytest

from archive.words import LabelledText
from benchmarks.keywords import ABSTRACTS, kept_aside, main
from benchmarks.result import FIGURE
from tests.local_data import local_data


@pytest.mark.local_data
def test_keywords_are_measured_beside_jieba() -> None:
    local_data(ABSTRACTS)
    results = main(messages=50, abstracts=20)
    assert [each.peer for each in results] == [FIGURE, *("", "", "jieba TF-IDF", "jieba TextRank") * 2]
    assert all(each.value > 0 for each in results)
    assert "the 10 kept aside: F1" in {each.name for each in results}


def test_the_half_kept_aside_is_always_the_same() -> None:
    texts = [LabelledText(str(number), frozenset("a")) for number in range(10)]
    assert kept_aside(texts) == kept_aside(texts)
    assert len(kept_aside(texts)) == 5
