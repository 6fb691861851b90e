"""Do JSON lines hold what an example holds?"""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu import OUT_OF_SCOPE, Entity, Example, TrainingData, TrainingDataError, read_examples, write_json_lines
from nlu.json_lines import read_json_lines


def test_examples_come_back_as_they_were(tmp_path: Path) -> None:
    data = TrainingData(
        (
            Example("退\n钱\u2028 ", "refund"),
            Example("去沪", "ask", (Entity("city", 1, 2, "上海", "to", "1"),), {"source": "kf"}),
            Example("天气", OUT_OF_SCOPE),
            Example("再退", "refund"),
        )
    )
    file = tmp_path / "deep" / "train.jsonl"
    write_json_lines(data, file)
    assert read_json_lines(file) == read_examples(file) == data
    assert file.read_text(encoding="utf-8").split("\n")[2] == '{"sentence": "天气", "label": "out_of_scope"}'


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "3",
        "null",
        '{"sentence": "a"}',
        '{"sentence": 3, "label": "a"}',
        '{"sentence": "a", "label": true}',
        '{"sentence": "a", "label": "b", "entities": [{"entity": "c", "start": 0, "end": 9}]}',
        '{"sentence": "a", "label": "b", "entities": 3}',
    ],
)
def test_a_broken_line_is_named_with_a_remedy(line: str, tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl"
    file.write_text(f'{{"sentence": "好", "label": 1}}\n\n{line}\n', encoding="utf-8")
    with pytest.raises(TrainingDataError, match="sentence") as caught:
        read_json_lines(file)
    assert caught.value.line == 3


def test_a_shuffled_set_is_grouped_by_intent() -> None:
    data = TrainingData(tuple(Example(str(number), "ab"[number % 2]) for number in range(4)))
    assert [each.text for each in data.grouped().examples] == ["0", "2", "1", "3"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TrainingDataError, match="name another file"):
        write_json_lines(TrainingData(), tmp_path / "file" / "a.jsonl")
