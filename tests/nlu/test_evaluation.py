"""Are the scores of an intent model what the field means by their names?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nlu import (
    OUT_OF_SCOPE,
    Example,
    IntentModel,
    NothingToMeasure,
    TrainingData,
    TrainingDataError,
    ask_intents,
    evaluate_intents,
    read_examples,
    report_refusal,
)
from nlu.features import TermTfidf
from nlu.heads import Confidence, Head
from nlu.landmarks import Landmarks

INTENTS = ("greet", OUT_OF_SCOPE, "refund")


class Pointing:
    """A text "a b c" means the vector it spells, so a model's answer to it is known beforehand."""

    dim = 3
    fingerprint = "pointing"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([[float(part) for part in text.split()] for text in texts], dtype=np.float32)


def model() -> IntentModel:
    """The nearest coordinate names the intent; spelling counts for nothing."""
    head = Head(
        spelling=np.zeros((0, 3), np.float32),
        meaning=np.eye(3, dtype=np.float32),
        bias=np.zeros(3, np.float32),
        confidence=Confidence(sharpness=10.0, slope=0.0, offset=30.0),
        left_out=np.array([(0.9, 1), (0.8, 1), (0.5, 0), (0.4, 1), (0.3, 0)], np.float32),
    )
    landmarks = Landmarks(np.zeros(3, np.float32), np.eye(3, dtype=np.float32))
    return IntentModel("", INTENTS, TermTfidf([], np.zeros(0, np.float32)), landmarks, head, head)


def examples(*pairs: tuple[str, str]) -> TrainingData:
    return TrainingData(tuple(Example(text, intent) for text, intent in pairs))


def test_accuracy_and_macro_f1_count_known_intents_only() -> None:
    test = examples(
        ("1 0 0", "greet"), ("1 0 0", "greet"), ("0 0 1", "greet"), ("0 0 1", "refund"), ("0 1 0", "refund"),
        ("0 1 0", OUT_OF_SCOPE), ("1 0 0", "never trained"),
    )  # fmt: skip
    scores = evaluate_intents(model(), Pointing(), test)
    assert scores.n == 7
    assert scores.accuracy == pytest.approx(3 / 5)
    assert scores.macro_f1 == pytest.approx((2 * 2 / (3 + 2) + 2 * 1 / (2 + 2)) / 2)
    assert scores.ms_per_text > 0


def test_auroc_is_the_share_of_pairs_in_the_right_order() -> None:
    # best known probability: sure, less sure, and one tie
    inside = [("1 0 0", "greet"), ("0.6 0.6 0.52", "greet")]
    outside = [("0 1 0", OUT_OF_SCOPE), ("0.6 0.6 0.52", "oos")]
    scores = evaluate_intents(model(), Pointing(), examples(*inside, *outside))
    assert scores.oos_auroc == pytest.approx((2 + 1 + 0.5) / 4)
    assert evaluate_intents(model(), Pointing(), examples(*inside)).oos_auroc is None


def test_refusal_is_reported_at_the_threshold_of_its_costs() -> None:
    test = examples(
        ("1 0 0", "greet"), ("0 0 1", "refund"), ("0 0 1", "greet"), ("0.6 0.6 0.52", "greet"), ("0 1 0", "oos")
    )  # fmt: skip
    answers = ask_intents(model(), Pointing(), test)
    report = report_refusal(model(), answers, wrong_cost=3, handover_cost=1)
    assert report.threshold == pytest.approx(0.65, abs=0.001)
    assert report.coverage == pytest.approx(3 / 5)
    assert report.risk == pytest.approx(1 / 3)
    assert report.in_scope_accuracy == pytest.approx(2 / 4)
    assert report.oos_recall == pytest.approx(1)
    assert [point.coverage for point in report.curve][-1] == 1
    careless = report_refusal(model(), answers, wrong_cost=1, handover_cost=5)
    assert careless.threshold == 0
    assert careless.coverage == pytest.approx(4 / 5)  # what is named out of scope stays refused


def test_a_test_of_other_labels_measures_nothing() -> None:
    with pytest.raises(NothingToMeasure, match="labels"):
        evaluate_intents(model(), Pointing(), examples(("1 0 0", "12"), ("0 1 0", OUT_OF_SCOPE)))


def test_json_lines_are_read(tmp_path: Path) -> None:
    file = tmp_path / "test.json"
    lines = '{"id": 1, "sentence": "退钱", "label": 5}\n\n{"sentence": "天气", "label": "oos"}\n'
    file.write_text(lines, encoding="utf-8-sig")
    assert read_examples(file).examples == (Example("退钱", "5"), Example("天气", OUT_OF_SCOPE))


@pytest.mark.parametrize("line", ["[]", "{", '{"sentence": "好"}', '{"sentence": "好", "label": true}', "7"])
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "test.jsonl"
    file.write_text(f'{{"sentence": "好", "label": "a"}}\n{line}\n', encoding="utf-8")
    with pytest.raises(TrainingDataError) as caught:
        read_examples(file)
    assert (caught.value.file, caught.value.line) == (file, 2)


@pytest.mark.parametrize("name", ["none.yml", "none.json"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(TrainingDataError, match=name):
        read_examples(tmp_path / name)
