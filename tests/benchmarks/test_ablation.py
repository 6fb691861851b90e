"""Does the ablation measure every step beside its peer, on the sets that are there, and say where none is?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from benchmarks.ablation import STEPS, SVM, run
from benchmarks.children import BenchImpossible
from nlu import RememberingEncoder
from nlu.encoder import Vectors, normalised


class Letters:
    dim = 4
    fingerprint = "letters"

    def encode(self, texts: Sequence[str]) -> Vectors:
        return normalised(np.array([[1 + text.count(each) for each in "abcd"] for text in texts], dtype=np.float32))


def write_clinc(folder: Path) -> None:
    parts = {
        "train": [[f"{letter * 2} {number}", letter] for letter in "abc" for number in range(30)],
        "oos_train": [["dd 1", "oos"], ["dd 2", "oos"]],
        "test": [[f"{letter * 3} {number}", letter] for letter in "abc" for number in range(5)],
        "oos_test": [["dd 9", "oos"]],
    }
    (folder / "intent" / "clinc150").mkdir(parents=True)
    (folder / "intent" / "clinc150" / "data_full.json").write_text(json.dumps(parts), encoding="utf-8")


def test_every_step_is_measured_beside_the_linear_svm(tmp_path: Path) -> None:
    write_clinc(tmp_path)
    results = {each.name: each for each in run(tmp_path, encoder=RememberingEncoder(Letters()))}
    for step in STEPS:
        accuracy = results[f"CLINC150 test, 1/3 of train: {step}: accuracy"]
        assert accuracy.value == 1
        assert (accuracy.peer, accuracy.peer_value) == (SVM, 1)
        assert results[f"CLINC150 test, 1/3 of train: {step}: AUROC"].value > 0.9


def test_without_data_it_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(BenchImpossible, match="XIAOER_DATA"):
        run(tmp_path)
