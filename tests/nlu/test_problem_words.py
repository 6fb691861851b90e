"""Does every mistake in training data have words in both languages?"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Formatter
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nlu
from nlu import (
    Entity,
    Example,
    NluDocument,
    NotWritable,
    TrainingData,
    TrainingDataError,
    read_examples,
    render_training_data,
    write_json_lines,
    write_training_data,
)
from nlu.problems import WORDS
from nlu.rasa_yaml import parse_training_data
from nlu.yaml_nodes import MAX_BYTES

HAN: Final = re.compile(r"[\u4e00-\u9fff]")
SOURCES: Final = sorted(Path(nlu.__file__).parent.rglob("*.py"))
DEEP, LONG = "[" * 5_000, "9" * 5_000


def names(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


def example(text: str) -> str:
    return f"nlu:\n- intent: a\n  examples: |\n    - {text}\n"


BROKEN: Final[list[tuple[str, str | bytes, str]]] = [
    ("a.yml", "nlu: 中".encode("gb18030"), "not_utf8"),
    ("a.yml", "nlu: [\n", "not_yaml"),
    ("a.yml", "nlu: \x01\n", "not_yaml_at_all"),
    ("a.yml", "- a\n", "no_start"),
    ("a.yml", "version: '2.0'\nnlu: []\n", "no_version"),
    ("a.yml", 'version: "\\ud800"\nnlu: []\n', "no_version"),
    ("a.yml", "nlu: 3\n", "no_list"),
    ("a.yml", "nlu:\n- story: a\n", "no_kind"),
    ("a.yml", "nlu:\n- intent:\n", "no_name"),
    ("a.yml", "nlu:\n- intent: a\n", "no_examples"),
    ("a.yml", "nlu:\n- intent: a\n  examples: |\n    \n", "no_example"),
    ("a.yml", "nlu:\n- intent: a\n  examples: [[a]]\n", "no_text"),
    ("a.yml", example("一\n    二"), "no_dash"),
    ("a.yml", example('[一]{"entity": }'), "mark_not_json"),
    ("a.yml", example(f'[一]{{"entity": {LONG}}}'), "mark_not_json"),
    ("a.yml", example(f'[一]{{"entity": {DEEP}}}'), "mark_not_json"),
    ("a.yml", example('[一]{"role": "x"}'), "mark_without_entity"),
    ("a.jsonl", "{", "no_pair"),
    ("a.jsonl", DEEP, "no_pair"),
    ("a.jsonl", '{"sentence": 3, "label": "a"}', "no_types"),
]


def told(wrong: Any) -> Iterator[str]:
    """The kinds of a mistake and of the one that it tells of."""
    while wrong is not None:
        assert HAN.search(wrong.said("zh"))
        (wrong.said("en") + wrong.said("zh")).encode()
        yield wrong.kind
        wrong = wrong.values.get("mistake")


@pytest.mark.parametrize(
    ("name", "content", "kind"), BROKEN, ids=[f"{kind}-{at}" for at, (*_, kind) in enumerate(BROKEN)]
)
def test_a_broken_file_is_told_in_both_languages(tmp_path: Path, name: str, content: str | bytes, kind: str) -> None:
    file = tmp_path / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(TrainingDataError) as caught:
        read_examples(file)
    assert list(told(caught.value.mistake)) == [kind]
    assert str(caught.value) == f"{file}:{caught.value.line}: {caught.value.said('en')}"
    assert str(tmp_path) not in caught.value.said("zh")


def large(folder: Path) -> None:
    with (folder / "a.yml").open("wb") as file:
        file.truncate(MAX_BYTES + 1)  # a hole: nothing is written
    read_examples(folder / "a.yml")


def blocked(folder: Path) -> Path:
    (folder / "file").touch()
    return folder / "file" / "a.yml"


def without(text: str) -> Callable[[Path], object]:
    return lambda _: NluDocument(Path("a.yml"), text).without_examples("a", {"一"})


def rendered(*examples: Example, words: str = "词") -> Callable[[Path], object]:
    return lambda _: render_training_data(TrainingData(examples, synonyms={"a": (words,)}))


ELSEWHERE: Final[dict[str, Callable[[Path], object]]] = {
    "too_large": large,
    "unreadable": lambda folder: read_examples(folder / "none.yml"),
    "not_allowed": lambda folder: NluDocument(blocked(folder), "").save(),
    "no_place": lambda folder: write_json_lines(TrainingData(), blocked(folder)),
    "not_writable": lambda folder: write_training_data(TrainingData((Example(" ", "a"),)), folder / "a.yml"),
    "in_one_line": without('nlu:\n- intent: a\n  examples: "- 一\\n- 二"\n'),
    "in_braces": without("nlu:\n- intent: a\n  examples: [一, 二]\n"),
    "in_brackets": lambda _: NluDocument(Path("a"), "nlu: [{intent: b, examples: '- 一'}]\n").with_examples(
        "a", [Example("一", "a")]
    ),
    "overlapping": rendered(Example("上海", "a", (Entity("city", 0, 5, "上海"),))),
    "like_a_mark": rendered(Example("看[这](里)", "a")),
    "of_nothing": rendered(Example("一", " ")),
    "no_line": rendered(words="一\n二"),
    "empty_word": rendered(words=" "),
    "empty_example": rendered(Example(" ", "a")),
}


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_what_is_wrong_elsewhere_is_told_in_both_languages(tmp_path: Path, kind: str) -> None:
    with pytest.raises((TrainingDataError, NotWritable)) as caught:
        ELSEWHERE[kind](tmp_path)
    found: Any = caught.value
    assert next(told(found.mistake)) == kind
    assert list(told(found.mistake))[1:] == (["empty_example"] if kind == "not_writable" else [])


@pytest.mark.parametrize("text", ["看[这]{里}", '看[这]{"里": 1}', '[这][{"entity": 3}]'])
def test_what_reads_as_a_broken_mark_is_not_writable(text: str) -> None:
    with pytest.raises(NotWritable, match="brackets"):
        render_training_data(TrainingData((Example(text, "a"),)))


def test_a_number_that_nobody_can_convert_stays_as_written() -> None:
    text = f"nlu:\n- intent: a\n  metadata: {LONG}\n  examples: |\n    - 一\n"
    assert parse_training_data(Path("a.yml"), text).metadata == {"a": LONG}


def test_no_kind_is_without_an_example() -> None:
    assert {kind for *_, kind in BROKEN} | ELSEWHERE.keys() == WORDS["en"].keys()


def test_both_languages_know_the_same_kinds_and_name_the_same_values() -> None:
    assert WORDS["en"].keys() == WORDS["zh"].keys()
    for kind, words in WORDS["zh"].items():
        assert HAN.search(words), kind
        assert names(words) == names(WORDS["en"][kind]), kind


def test_the_sources_name_each_kind_with_the_values_of_its_words() -> None:
    named = set()
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="mistake"), args=[ast.Constant(value=str(kind))], keywords=given):
                    assert {each.arg for each in given} == names(WORDS["en"][kind]), f"{file.name}: {kind}"
                    named.add(kind)
                case ast.Call(func=ast.Name(id="mistake" | "Mistake")):
                    assert file.name == "problems.py", f"{file.name}:{node.lineno}: write the kind there"
                case _:
                    pass
    assert named == WORDS["en"].keys()


@given(st.text(st.sampled_from('nlu:intent- examples|[]{}"(),\n \ud800一'), max_size=60))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    for whole in (text, f"nlu:\n- intent: a\n{text}", example(text)):
        found: list[TrainingDataError] = []
        try:
            parse_training_data(Path("a.yml"), whole)
        except TrainingDataError as error:
            found.append(error)
        assert all(list(told(each.mistake)) for each in found)
