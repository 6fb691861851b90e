"""Is training data written so that reading it gives the same again, whatever it holds?"""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu import Entity, Example, NotWritable, TrainingData, TrainingDataError, read_training_data, write_training_data
from nlu.entity_markup import annotate, parse_example
from nlu.rasa_writer import render
from nlu.rasa_yaml import parse_training_data

TOP = Path(__file__).resolve().parents[2]
VARIANTS = sorted((TOP / "tests/nlu/rasa_variants").glob("*.yml"))
EVERYTHING = [TOP / "tests/nlu/rasa_variants/project", TOP / "examples/cosmetics/intents", *VARIANTS]


def again(data: TrainingData) -> TrainingData:
    return parse_training_data(Path("again.yml"), render(data))


@pytest.mark.parametrize("path", EVERYTHING, ids=lambda path: path.name)
def test_what_is_written_reads_as_the_same(path: Path, tmp_path: Path) -> None:
    data = read_training_data(path)
    assert data.examples or data.lookups
    target = tmp_path / "new" / "nlu.yml"
    write_training_data(data, target)
    assert read_training_data(target) == data
    assert render(read_training_data(target)) == render(data)


def test_all_that_an_example_carries_is_read() -> None:
    data = read_training_data(TOP / "tests/nlu/rasa_variants/list_and_metadata.yml")
    assert data.metadata == {"rate": {"sentiment": "neutral", "weight": 0.5, "tags": ["售后", "2", 3, None, True]}}
    assert [(each.text, each.metadata) for each in data.examples] == [
        ("还不错", {"sentiment": "positive", "source": {"channel": "kf", "turns": [1, 2]}}),
        ("一般\n不过包装好", None),
        ("差评\t不会再买", "negative"),
        ("折叠的 一句话", None),
        ("你好", None),
    ]


def test_every_notation_of_entities_is_read() -> None:
    data = read_training_data(TOP / "tests/nlu/rasa_variants/entities.yml")
    read = {each.text: each.entities for each in data.examples}
    assert read["从北京到魔都"] == (
        Entity("city", 1, 3, "北京", role="from"),
        Entity("city", 4, 6, "上海", role="to", group="1"),
    )
    assert read["明天去沪"] == (Entity("date", 0, 2, "2026-05-21"), Entity("city", 3, 4, "上海"))
    assert read["帮我查 苹果"] == (Entity("brand", 4, 6, "Apple"), Entity("fruit", 4, 6, "苹果", role="2"))
    assert read["3 件"] == (Entity("count", 0, 1, "3"),)
    assert read["我在北京 朝阳区，[微笑]好的[微笑]"] == (Entity("address", 2, 8, "北京 朝阳区"),)
    assert read["数组 a[0] 和 {花括号} 不是标记"] == ()


@pytest.mark.parametrize(
    ("example", "says"),
    [
        (Example("看[这](里)", "a"), "brackets"),
        (Example("上海市", "a", (Entity("city", 0, 2, "上海"), Entity("city", 1, 3, "海市"))), "overlap"),
        (Example("上海", "a", (Entity("city", 0, 5, "上海"),)), "overlap"),
        (Example("  ", "a"), "no text"),
        (Example("你好", " "), "name"),
    ],
)
def test_what_the_notation_cannot_hold_is_refused(example: Example, says: str, tmp_path: Path) -> None:
    with pytest.raises(NotWritable, match=says):
        render(TrainingData((example,)))
    with pytest.raises(TrainingDataError, match="cannot be written"):
        write_training_data(TrainingData((example,)), tmp_path / "nlu.yml")
    assert not (tmp_path / "nlu.yml").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TrainingDataError, match="name another file"):
        write_training_data(TrainingData(), tmp_path / "file" / "nlu.yml")


def test_nothing_is_written_as_nothing() -> None:
    assert again(TrainingData()) == TrainingData()


characters = st.characters(exclude_categories=["Cs"])
free = st.text(characters, min_size=1, max_size=12).map(str.strip).filter(bool)
lines = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cn"], exclude_characters="\ufeff"), min_size=1
)
words = lines.map(str.strip).filter(bool)
names = st.one_of(
    st.text(string.ascii_lowercase + "_/.-0123 :#'\"", min_size=1), st.sampled_from(["null", "退款", "1.0"])
)
names = names.map(str.strip).filter(bool)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(characters),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(characters), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def annotated(draw: st.DrawFn) -> Example:
    pieces = draw(st.lists(st.tuples(free, st.booleans()), min_size=1, max_size=5))
    text, entities = "", list[Entity]()
    for piece, is_entity in pieces:
        if is_entity:
            value = draw(st.one_of(st.just(piece), st.text(characters, max_size=6)))
            role, group = draw(st.sampled_from(["", "to"])), draw(st.sampled_from(["", "1", "}]"]))
            entities.append(Entity(draw(names), len(text), len(text) + len(piece), value, role, group))
        text += piece
    return Example(text, draw(names), tuple(entities), draw(st.none() | json_values))


@given(annotated())
def test_marks_give_back_text_and_entities_or_are_refused(example: Example) -> None:
    try:
        written = annotate(example)
    except NotWritable:
        assert set("[]") & set(example.text) or any(each.type != each.type.strip() for each in example.entities)
        return
    assert parse_example(written) == (example.text, example.entities)


groups = st.dictionaries(names, st.lists(words, min_size=1, max_size=3, unique=True).map(tuple), max_size=2)


@given(st.lists(annotated(), max_size=3), groups, groups, groups)
def test_any_data_is_written_without_loss_or_refused(
    examples: list[Example],
    synonyms: dict[str, tuple[str, ...]],
    regexes: dict[str, tuple[str, ...]],
    lookups: dict[str, tuple[str, ...]],
) -> None:
    data = TrainingData(tuple(examples), synonyms, regexes, lookups)
    try:
        assert again(data) == data
    except NotWritable:
        assert any(set("[]") & set(each.text) for each in examples)


@given(st.dictionaries(names, json_values, min_size=1, max_size=2))
def test_metadata_of_intents_is_kept(metadata: dict[str, object]) -> None:
    data = TrainingData(
        tuple(Example("你好", name) for name in metadata),
        metadata={name: value for name, value in metadata.items() if value is not None},
    )
    assert again(data) == data
