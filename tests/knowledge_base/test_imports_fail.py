"""Does a broken file name every mistake with its place and remedy, and give out nothing?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base import ImportFailed, read_scripts
from knowledge_base.chatopera_format import read_chatopera
from knowledge_base.csv_format import read_csv
from knowledge_base.xlsx_format import read_xlsx
from knowledge_base.yaml_format import read_yaml

GOOD = "- id: ok\n  title: 好\n  stage: before\n  questions: [问]\n  answers: {default: 答}\n"


def problems(folder: Path, name: str, content: str | bytes) -> list[tuple[int, str]]:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ImportFailed) as caught:
        read_scripts(file)
    assert all(problem.file == file and problem.message for problem in caught.value.problems)
    return [(problem.row, problem.column) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD.replace("before", "sometime"), [(3, "stage")]),
        (GOOD.replace("id: ok", "id: 两"), [(1, "id")]),
        (GOOD.replace("[问]", "问"), [(4, "questions")]),
        (GOOD.replace("[问]", "[{a: b}]"), [(4, "questions")]),
        (GOOD.replace("[问]", "[]"), [(4, "questions")]),
        (GOOD.replace("default", "douyin"), [(5, "answers")]),
        (GOOD.replace("{default: 答}", "答"), [(5, "answers")]),
        (GOOD + "  colour: red\n", [(6, "colour")]),
        (GOOD + "  title: 又\n", [(6, "title")]),
        (GOOD + "  valid_from: 明天\n", [(6, "valid_from")]),
        (GOOD.replace("  title: 好\n", ""), [(1, "title")]),
        (GOOD + GOOD, [(6, "id")]),
        ("- 一\n", [(1, "")]),
        ("a: 1\n", [(1, "")]),
        ("- id: [\n", [(2, "")]),
        (GOOD + "- title: 题\n", [(6, "answers"), (6, "id"), (6, "questions"), (6, "stage")]),
    ],
)
def test_yaml(tmp_path: Path, text: str, expected: list[tuple[int, str]]) -> None:
    assert sorted(problems(tmp_path, "a.yaml", text)) == expected


def test_all_mistakes_of_a_table_are_named_at_once(tmp_path: Path) -> None:
    rows = (
        "编号,标准问题,答案,阶段,生效日期\na b,问,答,售前,\nb,,答,售前,\nc,问,,很晚,昨天\n\nd,问,答,售后,2026/01/02\n"
    )
    assert problems(tmp_path, "a.csv", rows) == [(2, "编号"), (3, "标准问题"), (4, "生效日期")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("编号,答案\na,b\n", [(1, "标准问题")]),
        ("编号,标准问题,答案,颜色\na,b,c,d\n", [(1, "颜色")]),
        ("", [(1, "编号"), (1, "标准问题"), (1, "答案")]),
        ('编号,标准问题,答案\n"a,b\n', [(1, "")]),
    ],
)
def test_csv(tmp_path: Path, text: str, expected: list[tuple[int, str]]) -> None:
    assert problems(tmp_path, "a.csv", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", [(1, "")]),
        ("[\n 1,\n {}]", [(2, "post"), (3, "post")]),
        ('[\n{"post": "问", "replies": []}]', [(2, "replies")]),
        ('[\n{"post": "问"}]', [(2, "replies")]),
        ('[{"post": "问", "replies": [{"content": "答"}]}\n 5]', [(2, "")]),
        ('[\n{"post": "问",\n}]', [(3, "")]),
        ('[{"post": "问", "replies": [{"content": "答"}], "similarQuestions": [3]}]', [(1, "post")]),
    ],
)
def test_chatopera(tmp_path: Path, text: str, expected: list[tuple[int, str]]) -> None:
    assert problems(tmp_path, "a.json", text) == expected


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", "编号".encode()])
def test_xlsx(tmp_path: Path, content: bytes) -> None:
    assert problems(tmp_path, "a.xlsx", content) == [(1, "")]


def test_other_files(tmp_path: Path) -> None:
    assert problems(tmp_path, "a.txt", "x") == [(1, "")]
    assert problems(tmp_path, "a.csv", b"\xff\xff\xff") == [(1, "")]
    with pytest.raises(ImportFailed, match="cannot be read"):
        read_scripts(tmp_path / "none.yaml")


def test_an_id_of_two_files_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "c.yaml").write_text("- 1\n", encoding="utf-8")
    with pytest.raises(ImportFailed) as caught:
        read_scripts(tmp_path)
    assert [problem.file.name for problem in caught.value.problems] == ["b.yaml", "c.yaml"]


def test_no_tag_builds_an_object(tmp_path: Path) -> None:
    text = GOOD.replace("title: 好", "title: !!python/object/apply:os.system [echo]")
    assert problems(tmp_path, "a.yaml", text) == [(2, "title")]


def accepted(read: Callable[[], object]) -> bool:
    try:
        read()
    except ImportFailed as failure:
        return not failure.problems
    return True


@given(st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_or_refused_with_problems(text: str) -> None:
    file = Path("any")
    content = text.encode("utf-8", "replace")
    assert accepted(lambda: read_csv(file, b"\xe7\xbc\x96" + text.encode("utf-16", "replace"))) is False
    assert accepted(lambda: read_xlsx(file, content)) is False
    for read in (
        lambda: read_yaml(file, text),
        lambda: read_chatopera(file, "[" + text),
        lambda: read_csv(file, content),
    ):
        accepted(read)  # raises nothing but ImportFailed
