"""Is a model learned as told: the same from the same texts, kept whole, and refused where a file is broken?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.sentiment import (
    Judged,
    ModelUnreadable,
    NothingToLearn,
    NothingToMeasure,
    RowsUnreadable,
    SentimentModel,
    evaluate,
    ours_beside,
    own_texts,
    read_rows,
    train,
)
from archive.sentiment.calibration import Calibration
from tests.local_data import local_data

BITS = 14
HEAVY = [Judged(f"毛衣{number}很重", -1, "衣服") for number in range(120)]
LIGHT = [Judged(f"毛衣{number}很轻", 1, "衣服") for number in range(120)]
FULL = [Judged(f"金锭{number}很重", 1, "首饰") for number in range(120)]
EMPTY = [Judged(f"金锭{number}很轻", -1, "首饰") for number in range(120)]
OURS = own_texts(polar=400, neutral=400)


def test_the_same_texts_give_the_same_model(tmp_path: Path) -> None:
    files = [tmp_path / "one.npz", tmp_path / "two.npz"]
    for file in files:
        train(OURS, bits=BITS)[0].save(file)
    one, two = (SentimentModel.load(file) for file in files)
    assert np.array_equal(one.weights, two.weights)
    assert np.array_equal(one.lengths, two.lengths)
    assert (one.bias, one.calibration, one.steps) == (two.bias, two.calibration, two.steps)


def test_our_own_texts_are_always_the_same() -> None:
    assert own_texts(polar=40, neutral=40) == own_texts(polar=40, neutral=40)
    assert {row.label for row in OURS} == {-1, 0, 1}


def test_beside_many_judged_texts_only_what_has_no_mood_is_ours() -> None:
    few = [Judged(f"好{number}", 1) for number in range(1_000)]
    assert {row.label for row in ours_beside(few)} == {-1, 0, 1}
    many = [*few, *(Judged(f"差{number}", -1) for number in range(1_000))]
    assert {row.label for row in ours_beside(many)} == {0}


def test_a_saved_model_scores_as_before(tmp_path: Path) -> None:
    model, _ = train([*OURS, *HEAVY, *LIGHT, *FULL, *EMPTY], bits=BITS, sources=["ours"])
    assert model.gate is not None
    model.save(tmp_path / "model.npz")
    loaded = SentimentModel.load(tmp_path / "model.npz")
    texts = ["质量太差", "很好", "毛衣很重", "你好"]
    assert np.array_equal(loaded.scores(texts), model.scores(texts))
    assert loaded.sources == ("ours",)


def test_a_word_may_praise_one_kind_of_goods_and_fault_another() -> None:
    model, report = train([*HEAVY, *LIGHT, *FULL, *EMPTY], bits=18)
    scores = model.scores(["毛衣很重", "毛衣很轻", "金锭很重", "金锭很轻"])
    assert np.sign(scores).tolist() == [-1, 1, 1, -1]
    assert report.texts == 480


def test_contradicting_judgements_of_a_text_are_left_out() -> None:
    rows = [*HEAVY, *LIGHT]
    _, report = train([*rows, Judged("说不清", 1), Judged("说不清", -1), Judged(" ", 1)], bits=BITS)
    assert report.texts == len(rows)


def test_too_few_texts_are_refused() -> None:
    with pytest.raises(NothingToLearn, match="0 different bad texts"):
        train(LIGHT, bits=BITS)
    with pytest.raises(NothingToLearn, match="1 different good"):
        train([*HEAVY, *[Judged("好", 1)] * 50], bits=BITS)


def test_measuring_counts_good_against_bad() -> None:
    rows = [Judged("太差了，垃圾", -1), Judged("非常满意", 1), Judged("非常满意", -1), Judged("你好", 0)]
    scores = evaluate(SentimentModel.load(), rows)
    assert scores.n == 3
    assert scores.accuracy == pytest.approx(2 / 3)
    assert scores.macro_f1 == pytest.approx(2 / 3)
    with pytest.raises(NothingToMeasure):
        evaluate(SentimentModel.load(), [Judged("你好", 0)])


@given(st.floats(0.01, 100), st.floats(0.01, 50), st.lists(st.floats(-100, 100), min_size=2, max_size=20).map(sorted))
def test_calibrated_scores_are_odd_bounded_and_grow(slope: float, margin: float, distances: list[float]) -> None:
    calibration = Calibration(slope, margin)
    scores = calibration.scores(np.array(distances))
    assert (np.abs(scores) <= 1).all()
    assert (np.diff(scores) >= -1e-12).all()
    assert np.allclose(calibration.scores(-np.array(distances)), -scores)


# ── files ────────────────────────────────────────────────────────────────────────────────────


def test_all_forms_are_read(tmp_path: Path) -> None:
    csv, tsv, lines = tmp_path / "a.csv", tmp_path / "a.tsv", tmp_path / "a.jsonl"
    csv.write_text('﻿cat,label,review\r\n衣服,1,"好,""真""好"\r\n衣服,0,差\r\n', encoding="utf-8")
    tsv.write_text('label\ttext_a\n1\t"好\n0\t差\n', encoding="utf-8")
    lines.write_text('{"label": "neutral", "sentence": "你好"}\n\n{"label": -1, "text": "差"}\n', encoding="utf-8")
    assert read_rows(csv) == [Judged('好,"真"好', 1, "衣服"), Judged("差", -1, "衣服")]
    assert read_rows(tsv) == [Judged('"好', 1), Judged("差", -1)]
    assert read_rows(lines) == [Judged("你好", 0), Judged("差", -1)]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "label,review\n1,好\n2,差\n", ":3: label '2' is unknown"),
        ("a.csv", "label,review\n1\n", ":2: 1 fields"),
        ("a.csv", "text,mark\n好,1\n", ":1: the first line must name"),
        ("a.csv", "label,review\n", "holds no rows"),
        ("a.csv", "", ":1: the first line must name"),
        ("a.tsv", "label\treview\n1\t好\t差\n", ":2: 3 fields"),
        ("a.jsonl", '{"label": 1, "review": "好"}\n{"label"\n', ":2: no JSON"),
        ("a.jsonl", "[1]\n", ":1: no object"),
        ("a.jsonl", '{"label": 1, "review": 3}\n', ":1: no text"),
        ("a.jsonl", '{"review": "好"}\n', ":1: label 'None'"),
        ("a.jsonl", "[" * 100_000, ":1: no JSON"),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, name: str, content: str, told: str) -> None:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    with pytest.raises(RowsUnreadable) as refused:
        read_rows(file)
    assert f"{file}" in str(refused.value)
    assert told in str(refused.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("label,review\n1,好\n".encode("gb18030"))
    with pytest.raises(RowsUnreadable, match="not UTF-8"):
        read_rows(tmp_path / "a.csv")
    with pytest.raises(RowsUnreadable, match="cannot be read"):
        read_rows(tmp_path / "none.csv")


@pytest.mark.parametrize("damage", ["empty", "half", "other", "absent", "columns"])
def test_a_broken_model_is_refused(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "model.npz"
    train(OURS, bits=BITS)[0].save(file)
    whole = file.read_bytes()
    if damage == "absent":
        file.unlink()
    elif damage == "columns":
        np.savez(file, weights=np.zeros(3, np.int8), lengths=np.zeros(3, np.uint8))
    else:
        file.write_bytes({"empty": b"", "half": whole[: len(whole) // 2], "other": b"no model"}[damage])
    with pytest.raises(ModelUnreadable, match=r"model\.npz"):
        SentimentModel.load(file)


@pytest.mark.local_data
def test_reviews_of_others_are_told_by_our_own_texts_alone() -> None:
    rows = read_rows(local_data("sentiment/waimai_10k_train.csv"))
    scores = evaluate(SentimentModel.load(), rows)
    assert scores.n == len(rows)
    assert scores.accuracy > 0.80  # SnowNLP 0.12.3: 78.1
