"""Does the bench of the scripts measure what it says?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.children import child
from benchmarks.kb import CHILD
from benchmarks.kb_child import measure
from benchmarks.kb_peers import bm25, tfidf
from benchmarks.kb_quality import Answers, pairs
from benchmarks.library import CheapEncoder, asked_otherwise, scripts


def test_made_up_scripts_are_all_different_and_the_same_in_every_run() -> None:
    library = scripts(3_000)
    assert len({script.questions for script in library}) == len({script.id for script in library}) == 3_000
    assert library == scripts(3_000)
    assert asked_otherwise(library[5], 5) == asked_otherwise(library[5], 5) != library[5].questions[0]


def test_cheap_vectors_of_alike_texts_lie_near() -> None:
    one, same, other = CheapEncoder().encode(["新款面霜多久发货", "新款面霜多久发货呀", "电饭煲保修几年"])
    assert one @ same > 0.8
    assert one @ other < 0.5
    assert np.linalg.norm(CheapEncoder().encode(["", "一"]), axis=1) == pytest.approx([1, 1])


def test_a_small_library_is_found_in_and_its_changes_too() -> None:
    costs = measure(120, 16)
    assert (costs.scripts, costs.kind) == (120, "flat")
    assert costs.found > 0.8
    assert costs.recall_at_10 == pytest.approx(1)
    assert 0 < costs.p50_ms <= costs.p99_ms
    assert list(costs.crowds) == [8, 32]
    assert all(each.searches_per_s > 0 and 0 < each.p50_ms <= each.p99_ms for each in costs.crowds.values())
    assert costs.update_ms > 0


def test_a_size_is_measured_in_a_process_of_its_own() -> None:
    with child(CHILD) as process:
        costs = process.ask(count=120, budget_mb=16)
    assert (costs["scripts"], list(costs["crowds"])) == (120, ["8", "32"])


def test_peers_find_what_is_written_alike() -> None:
    posts = [
        f"{name}怎么用"
        for name in ["面霜", "口红", "眼影", "粉底", "香水", "眉笔", "腮红", "唇膏", "面膜", "防晒", "精华", "乳液"]
    ]
    for peer in (tfidf, bm25):
        assert peer(["请问香水怎么用呀", "眉笔"], posts).argmax(axis=1).tolist() == [4, 5]


def test_calibration_error_is_the_gap_between_saying_and_being() -> None:
    honest = Answers(np.array([True, False] * 50), np.full(100, 0.5))
    boasting = Answers(np.array([True, False] * 50), np.full(100, 0.95))
    assert honest.calibration_error == pytest.approx(0)
    assert boasting.calibration_error == pytest.approx(0.45)
    assert boasting.recall == 0.5


def test_of_pairs_only_those_of_one_meaning_count(tmp_path: Path) -> None:
    file = tmp_path / "pairs.tsv"
    file.write_text("怎么退款\t如何退钱\t1\n怎么退款\t多久发货\t0\n退款咋弄\t如何退钱\t1\n", encoding="utf-8")
    task = pairs("mine", file, "\t")
    assert [script.questions for script in task.scripts] == [("如何退钱",)]
    assert task.asking == (("怎么退款", "p0"), ("退款咋弄", "p0"))
