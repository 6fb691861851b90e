"""Are Rasa's answers and ours scored alike?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks.ablation import Split
from benchmarks.diet import PEER, ask_rasa, compare
from nlu import OUT_OF_SCOPE, Example, TrainingData


def data(*pairs: tuple[str, str]) -> TrainingData:
    return TrainingData(tuple(Example(text, intent) for text, intent in pairs))


LEARNED = (("几时发货", "ship"), ("怎么退", "refund"))
ASKED = (("发货没", "ship"), ("退货", "refund"), ("天气", OUT_OF_SCOPE), ("开发票", "invoice"))
SAID = {
    "发货没": [("nlu_fallback", 0.4), ("ship", 0.39), ("refund", 0.1)],
    "退货": [("ship", 0.6), ("refund", 0.4)],
    "天气": [(OUT_OF_SCOPE, 0.8), ("ship", 0.1)],
    "开发票": [("refund", 0.9), ("ship", 0.1)],
}


def said(text: str) -> dict[str, Any]:
    ranking = [{"name": name, "confidence": confidence} for name, confidence in SAID[text]]
    return {"text": text, "intent": ranking[0], "intent_ranking": ranking}


def test_where_nothing_out_of_scope_was_learned_the_fallback_costs_nothing() -> None:
    answers = ask_rasa(Split("shop", data(*LEARNED), data(*ASKED)), said)
    assert answers.predicted == ("ship", "ship", "ship", "refund")
    assert answers.inside.tolist() == [True, True, False, False]
    assert answers.best.tolist() == [0.39, 0.6, 0.1, 0.9]
    assert answers.right.tolist() == [True, False, False, False]


def test_where_it_was_the_fallback_says_so() -> None:
    split = Split("shop", data(*LEARNED, ("讲个笑话", OUT_OF_SCOPE)), data(*ASKED))
    assert ask_rasa(split, said).predicted == (OUT_OF_SCOPE, "ship", OUT_OF_SCOPE, "refund")


def test_who_answers_nothing_is_right_of_nothing() -> None:
    nobody = ask_rasa(Split("shop", data(*LEARNED), data(*ASKED)), lambda _: {"intent": {}, "intent_ranking": []})
    assert not nobody.right.any()
    assert set(nobody.predicted) == {""}


def test_each_figure_stands_beside_rasas() -> None:
    split = Split("shop", data(*LEARNED, ("讲个笑话", OUT_OF_SCOPE)), data(*ASKED))
    theirs = ask_rasa(split, said)
    found = {each.name: each for each in compare(split, theirs, theirs)}
    assert list(found) == [f"shop: {name}" for name in ("accuracy", "macro-F1", "AUROC", "OOS recall", "ECE")]
    assert {each.peer for each in found.values()} == {PEER}
    assert (found["shop: accuracy"].value, found["shop: OOS recall"].value) == (0.0, 0.5)
    assert found["shop: AUROC"].value == 0.5
    assert found["shop: ECE"].ratio == pytest.approx(1)
    assert np.isfinite([each.value for each in found.values()]).all()
