"""Does the bench of moods ask about what was not learned, and say what it lacks?"""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.sentiment import Judged
from benchmarks.children import BenchImpossible
from benchmarks.sentiment import JUDGED, _beside, _elsewhere, _in_domain, run

REVIEWS = [
    Judged(f"{thing}第{number}次{word}", label)
    for number in range(10)
    for thing in ("衣服", "手机", "苹果")
    for label, word in ((1, "很好"), (-1, "很差"))
]


def test_without_data_it_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(BenchImpossible, match="XIAOER_DATA"):
        run(tmp_path)


def test_what_is_asked_was_not_learned() -> None:
    learned, asked = _in_domain("reviews", REVIEWS)
    assert len(learned) + len(asked.rows) == len(REVIEWS)
    assert {row.text for row in learned}.isdisjoint(row.text for row in asked.rows)


def test_elsewhere_leaves_out_what_was_learned_however_it_is_spaced() -> None:
    asked = _elsewhere("other", REVIEWS, [Judged("衣服 第0次，很好！", 1), Judged("新的", 1)])
    assert [row.text for row in asked.rows] == ["新的"]


def test_ours_stands_beside_the_svm() -> None:
    learned, asked = _in_domain("reviews", REVIEWS)
    results = _beside(learned, [asked], to_reach=90.0)
    assert [(each.peer, each.value) for each in results if each.unit == "%"] == [
        ("characters, linear SVM", 100),
        ("figure to reach", 100),
    ]


def test_judgements_hold_no_text() -> None:
    names, *rows = JUDGED.read_text(encoding="utf-8").splitlines()
    assert names == "sample,line,judged"
    assert len(rows) == 493
    assert all(line.isdigit() and judged in {"1", "0", "-1"} for _, line, judged in (row.split(",") for row in rows))
