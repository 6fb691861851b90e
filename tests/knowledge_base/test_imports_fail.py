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
from knowledge_base.kf_format import read_kf
from knowledge_base.xlsx_format import read_xlsx
from knowledge_base.yaml_format import read_yaml

GOOD = "- id: ok\n  title: 好\n  stage: before\n  questions: [问]\n  answers: {default: 答}\n"


def problems(folder: Path, name: str, content: str | bytes) -> list[tuple[int, str]]:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ImportFailed) as caught:
        read_scripts(file)
    assert all(problem.file == file and problem.said("en") for problem in caught.value.problems)
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
        (GOOD + "  hours: [工作时间]\n", [(6, "hours")]),
        (GOOD + "  attachments: [a.png]\n", [(6, "attachments")]),
        (GOOD + "  attachments: [{kind: picture, source: a.bmp}]\n", [(6, "attachments")]),
        (GOOD + "  attachments: [{kind: menu, scripts: [{a: b}]}]\n", [(6, "attachments")]),
        (GOOD + "  tags: 会员\n", [(6, "tags")]),
        (GOOD + "  channels: [fax]\n", [(6, "channels")]),
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


def test_one_row_names_all_its_mistakes(tmp_path: Path) -> None:
    rows = "编号,标准问题,答案,阶段,状态,渠道\na b,问,答,很晚,在线,fax\n"
    assert problems(tmp_path, "a.csv", rows) == [(2, "编号"), (2, "阶段"), (2, "状态"), (2, "渠道")]


def test_the_columns_of_attachments_and_conditions_are_named(tmp_path: Path) -> None:
    rows = (
        "编号,标准问题,答案,附件,时段,渠道,地区\n"
        "a,问,答,图片|a.bmp,,,\nb,问,答,,早上,,\nc,问,答,,,fax,\nd,问,答,海报|a.png,,,省\ne,问,答,图片|a.png|b,,,\n"
    )
    assert problems(tmp_path, "a.csv", rows) == [(2, "附件"), (3, "时段"), (4, "渠道"), (5, "附件"), (6, "附件")]
    assert problems(tmp_path, "a.csv", "编号,标准问题,答案,答案\na,b,c,d\n") == [(1, "答案")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"intent_list": 3}', [(1, "intent_list")]),
        ('{"intent_list": [\n {}]}', [(2, "question")]),
        ('{"intent_list": [\n {"question": {"text": {"content": "问"}}}]}', [(2, "answers")]),
        ('{"intent_list": [{"question": {"text": {"content": "问"}}, "answers": [{}]}]}', [(1, "answers")]),
        (
            '{"intent_list": [\n\n {"question": {"text": {"content": " "}}, "answers": [{"text": {"content": ""}}]}]}',
            [(3, "question"), (3, "question"), (3, "answers")],
        ),
        ('{"intent_list": [] "a"', [(1, "")]),
        ('{"intent_list": [],\n 3}', [(2, "")]),
        ('{"intent_list": [\n{"a": ]}', [(2, "")]),
    ],
)
def test_the_platform_s_lists(tmp_path: Path, text: str, expected: list[tuple[int, str]]) -> None:
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
        "".join(each.column + each.said("en") + each.said("zh") for each in failure.problems).encode()
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
        lambda: read_kf(file, '{"intent_list": [' + text),
        lambda: read_csv(file, content),
    ):
        accepted(read)  # raises nothing but ImportFailed
