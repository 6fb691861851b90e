"""Does Rasa learn what `xiaoer bench diet` gives it, once?"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.ablation import Split
from benchmarks.diet import trained
from nlu import Example, TrainingData

pytestmark = [pytest.mark.timeout(240), pytest.mark.usefixtures("rasa_is_here")]
SAID = {"118": ("几时发货", "发货了吗", "什么时候发货"), "7": ("怎么退", "想退货", "退款[多久]")}


def test_a_set_is_learned_once(tmp_path: Path) -> None:
    data = TrainingData(tuple(Example(text, intent) for intent, texts in SAID.items() for text in texts))
    split = Split("Shop dev, 1/3", data, data)
    model, seconds = trained(split, tmp_path)
    assert model == tmp_path / "shop-dev-1-3" / "models" / "xiaoer.tar.gz"
    made = model.stat().st_mtime_ns
    assert seconds > 0
    assert trained(split, tmp_path) == (model, seconds)
    assert model.stat().st_mtime_ns == made
