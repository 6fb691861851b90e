"""Does every mistake in a file of scripts have words in both languages?"""

from __future__ import annotations

import ast
import copy
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import time
from pathlib import Path
from string import Formatter
from typing import Any, Final
from zipfile import ZipFile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import knowledge_base
from knowledge_base import (
    CHANNELS,
    STAGES,
    STATES,
    TO_BE_WRITTEN,
    ImportFailed,
    LeftOut,
    Link,
    Menu,
    MiniProgram,
    NotAllKept,
    Picture,
    Problem,
    Script,
    ScriptInvalid,
    Video,
    Window,
    evaluate,
    read_file,
    script_of,
    write_scripts,
)
from knowledge_base.problems import WORDS
from tests.knowledge_base.samples import script

HAN: Final = re.compile(r"[\u4e00-\u9fff]")
ENGLISH, CHINESE = WORDS["en"]["problems"], WORDS["zh"]["problems"]
SOURCES: Final = sorted(Path(knowledge_base.__file__).parent.glob("*.py"))
APP: Final = "wx0123456789abcdef"
PLAIN: Final[dict[str, Any]] = {
    "id": "ok",
    "title": "好",
    "category": ["护肤"],
    "stage": "before",
    "intent": "fee",
    "questions": ["问"],
    "answers": {"default": "答"},
    "attachments": [
        {"kind": "picture", "source": "a.png"},
        {"kind": "link", "title": "题", "description": "述", "url": "https://example.com", "thumb": "a.png"},
        {"kind": "mini_program", "app_id": APP, "page": "a", "title": "题", "thumb": "a.png"},
        {"kind": "menu", "head": "选", "scripts": ["a", "b"]},
    ],
    "state": "live",
    "owner": "她",
    "related": ["a"],
    "channels": ["wecom_kf"],
    "scenes": ["1"],
    "tags": ["会员"],
    "regions": ["广东"],
    "hours": ["周一至周五 09:00-18:00"],
    "valid_from": "2026-01-01",
    "valid_until": "2026-01-31",
}
GOOD: Final = "- id: ok\n  title: 好\n  stage: before\n  questions: [问]\n  answers: {default: 答}\n"
HEAD: Final = "编号,标准问题,答案"


def names(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


def unpacking_to(size: int) -> bytes:
    """A zip whose directory says so: bytes 24 to 28 of its entry (APPNOTE.TXT 4.3.12)."""
    stream = io.BytesIO()
    with ZipFile(stream, "w") as archive:
        archive.writestr("a", b"x")
    data = bytearray(stream.getvalue())
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = size.to_bytes(4, "little")
    return bytes(data)


def with_field(name: str, value: object) -> str:
    """A YAML file, as JSON is YAML too."""
    return json.dumps([PLAIN | {name: value}], ensure_ascii=False)


def with_attachment(**plain: object) -> str:
    return with_field("attachments", [plain])


def kf(answer: object, question: object = "问") -> str:
    def said(content: object) -> dict[str, object]:
        return {"text": {"content": content}}

    return json.dumps({"intent_list": [{"question": said(question), "answers": [said(answer)]}]})


BROKEN: Final[list[tuple[str, str | bytes, set[str]]]] = [
    ("a.txt", "x", {"no_format"}),
    ("a", "x", {"no_suffix"}),
    ("a.csv", b"\xff\xff\xff", {"no_encoding"}),
    ("a.csv", f'{HEAD}\n"a,b\n', {"not_csv"}),
    ("a.csv", "编号,答案\na,b\n", {"column_missing"}),
    ("a.csv", f"{HEAD},颜色\n", {"no_column"}),
    ("a.csv", f"{HEAD},答案\n", {"column_twice"}),
    ("a.csv", f"{HEAD},阶段,失效日期,附件\na b,问,,很晚,昨天,海报|a.png\n", {"no_date", "attachment", "no_choice"}),
    ("a.csv", f"{HEAD},渠道\na b,,,fax\n", {"no_id", "no_question", "no_default", "no_choice"}),
    ("a.csv", f"{HEAD}\na,问,答\na,问,答\n", {"id_twice"}),
    ("a.xlsx", b"PK\x03\x04", {"not_xlsx"}),
    ("a.xlsx", unpacking_to(2**28 + 1), {"unpacks_too_large"}),
    ("a.yaml", "- id: [\n", {"not_yaml"}),
    ("a.yaml", "- \x01\n", {"not_yaml_at_all"}),
    ("a.yaml", "a: 1\n", {"no_list"}),
    ("a.yaml", "- 一\n", {"no_mapping"}),
    ("a.yaml", GOOD + "  colour: red\n", {"no_field"}),
    ("a.yaml", GOOD + '  "\\ud800": red\n', {"no_field"}),
    ("a.yaml", GOOD + "  title: 又\n", {"written_twice"}),
    ("a.yaml", "- id: a\n", {"missing"}),
    ("a.yaml", with_field("title", []), {"no_text"}),
    ("a.yaml", with_field("questions", "问"), {"no_texts"}),
    ("a.yaml", with_field("answers", "答"), {"no_answers"}),
    ("a.yaml", with_field("title", " "), {"empty"}),
    ("a.yaml", with_field("title", "长" * 201), {"too_long"}),
    ("a.yaml", '- {id: "\\ud800", title: 好, stage: before, questions: ["\\ud800"], answers: {default: 答}}',
     {"no_id", "half_characters"}),
    ("a.yaml", with_field("questions", ["问"] * 201), {"too_many"}),
    ("a.yaml", with_field("answers", {"default": TO_BE_WRITTEN}), {"to_be_written"}),
    ("a.yaml", with_field("category", [""]), {"empty_level"}),
    ("a.yaml", with_field("valid_until", "2025-01-01"), {"ends_before"}),
    ("a.yaml", with_field("regions", ["省"]), {"no_region"}),
    ("a.yaml", with_field("hours", ["早上"]), {"no_window"}),
    ("a.yaml", with_field("hours", ["09:00-09:00"]), {"closes_at_once"}),
    ("a.yaml", with_field("attachments", [PLAIN["attachments"][0]] * 5), {"too_many_attachments"}),
    ("a.yaml", with_field("attachments", ["a.png"]), {"no_attachments"}),
    ("a.yaml", with_attachment(kind=["a"]), {"attachment", "no_choice"}),
    ("a.yaml", with_attachment(kind="picture", colour="red"), {"attachment", "no_part"}),
    ("a.yaml", with_attachment(kind="picture", source="../a.png"), {"attachment", "no_source"}),
    ("a.yaml", with_attachment(kind="picture", source="a.bmp"), {"attachment", "no_file_kind"}),
    ("a.yaml", with_attachment(kind="menu", scripts="a"), {"attachment", "no_ids"}),
    ("a.yaml", with_attachment(kind="menu", scripts=[]), {"attachment", "no_menu"}),
    ("a.yaml", with_attachment(kind="link", title="题", url="嗯"), {"attachment", "no_address"}),
    ("a.yaml", with_attachment(kind="link", title="长" * 43, url="嗯"), {"attachment", "too_many_bytes"}),
    ("a.yaml", with_attachment(kind="mini_program", app_id="gh"), {"attachment", "no_app_id"}),
    ("a.json", "{}", {"no_posts"}),
    ("a.json", "[5", {"not_json"}),
    ("a.json", f"[{'9' * 5_000}]", {"not_json"}),
    ("a.json", "[5]", {"no_post"}),
    ("a.json", '[{"post": "问"}]', {"no_replies"}),
    ("a.json", '[{"post": "\\ud800", "replies": [{"content": "答"}]}]', {"half_characters"}),
    ("a.json", '{"intent_list": 3}', {"no_intents"}),
    ("a.json", kf("答", 3), {"no_intent_question"}),
    ("a.json", kf(3), {"no_intent_answers"}),
]  # fmt: skip


def nested(problem: Problem | ScriptInvalid | LeftOut) -> Iterator[str]:
    """The kinds of a mistake and of the one that it tells of."""
    wrong: Any = problem.why if isinstance(problem, LeftOut) else problem.mistake
    while wrong is not None:
        assert HAN.search(wrong.said("zh"))
        wrong.said("zh").encode()
        wrong.said("en").encode()
        yield wrong.kind
        wrong = wrong.values.get("mistake")


@pytest.mark.parametrize(("name", "content", "kinds"), BROKEN)
def test_a_broken_file_is_told_in_both_languages(
    tmp_path: Path, name: str, content: str | bytes, kinds: set[str]
) -> None:
    file = tmp_path / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ImportFailed) as caught:
        read_file(file)
    assert {kind for each in caught.value.problems for kind in nested(each)} == kinds
    "".join(each.column for each in caught.value.problems).encode()


def no_file(folder: Path) -> object:
    return read_file(folder / "none.yaml")


def large_file(folder: Path) -> object:
    with (folder / "a.yaml").open("wb") as file:
        file.truncate(64 * 2**20 + 1)  # a hole: nothing is written
    return read_file(folder / "a.yaml")


def id_of_another(folder: Path) -> object:
    for name in ("a.yaml", "b.yaml"):
        (folder / name).write_text(GOOD, encoding="utf-8")
    return read_file(folder)


def asked(folder: Path, queries: str | None) -> object:
    (folder / "a.yaml").write_text(GOOD, encoding="utf-8")
    if queries is not None:
        (folder / "asked").write_text(queries, encoding="utf-8")
    return evaluate([folder / "a.yaml"], folder / "asked", encode=lambda _: np.zeros((0, 2), "f4"), encoder="none")


ELSEWHERE: Final[dict[str, Callable[[Path], object]]] = {
    "unreadable": no_file,
    "too_large": large_file,
    "id_elsewhere": id_of_another,
    "nothing_to_ask": lambda folder: asked(folder, ""),
    "no_queries": lambda folder: asked(folder, None),
    "no_query": lambda folder: asked(folder, "nope\n"),
    "no_days": lambda _: Window(frozenset()),
    "no_minutes": lambda _: Window(opens=time(9, 0, 1)),
}
LOST: Final = {
    "no_place", "replies_left_out", "answers_left_out", "attachment_left_out", "not_live", "question_too_long",
    "answer_too_long",
}  # fmt: skip
NOT_IN_EXCEL: Final = {"cell_too_long", "control_characters"}


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_what_is_wrong_elsewhere_is_told_in_both_languages(tmp_path: Path, kind: str) -> None:
    with pytest.raises((ImportFailed, ScriptInvalid)) as caught:
        ELSEWHERE[kind](tmp_path)
    found: Any = caught.value
    wrong = found.problems if isinstance(found, ImportFailed) else (found,)
    assert {each for problem in wrong for each in nested(problem)} == {kind}
    assert str(tmp_path) not in "".join(each.mistake.said("zh") for each in wrong)


def test_what_a_format_has_no_place_for_is_told_in_both_languages(tmp_path: Path) -> None:
    scripts = [
        script("draft", "问", state="draft"),
        script("long", "问" * 201, title="长"),
        script("wordy", "问", answers={"default": "答" * 501}),
        script("owned", "问", owner="她"),
    ]
    lost = {kind for each in write_scripts(tmp_path / "a.kf.json", scripts) for kind in nested(each)}
    (tmp_path / "b.json").write_text('[{"post": "问", "replies": [{"content": "答"}, {}]}]', encoding="utf-8")
    answer = {"text": {"content": "答"}, "attachments": [{"msgtype": "image", "image": {"name": "a"}}]}
    intent = {"question": {"text": {"content": "问"}}, "answers": [answer, answer]}
    (tmp_path / "c.json").write_text(json.dumps({"intent_list": [intent]}), encoding="utf-8")
    for name in ("b.json", "c.json"):
        lost |= {kind for each in read_file(tmp_path / name).left_out for kind in nested(each)}
    assert lost == LOST | {"no_file_kind"}


def test_what_a_workbook_cannot_hold_is_told_with_the_script_and_the_column(tmp_path: Path) -> None:
    long = [f"{number} 问" * 90 for number in range(150)]
    with pytest.raises(NotAllKept) as caught:
        write_scripts(tmp_path / "a.xlsx", [script("long", *long, title="长"), script("bell", "叮\x07")])
    told = caught.value.left_out
    assert [each.script_id for each in told] == ["long", "bell", "bell"]  # its title is its first question
    assert {kind for each in told for kind in nested(each)} == NOT_IN_EXCEL
    assert all(HAN.search(each.field) for each in told)
    assert list(tmp_path.iterdir()) == []


def test_no_kind_is_without_an_example() -> None:
    shown = {kind for _, _, kinds in BROKEN for kind in kinds} | ELSEWHERE.keys() | LOST | NOT_IN_EXCEL
    assert shown == ENGLISH.keys()


def test_both_languages_know_the_same_kinds_and_name_the_same_values() -> None:
    assert WORDS["en"].keys() == WORDS["zh"].keys()
    assert ENGLISH.keys() == CHINESE.keys()
    for kind, words in CHINESE.items():
        assert HAN.search(words), kind
        assert names(words) == names(ENGLISH[kind]), kind


def test_the_sources_name_each_kind_with_the_values_of_its_words() -> None:
    named = set()
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="mistake"), args=[ast.Constant(value=str(kind))], keywords=given):
                    assert {each.arg for each in given} == names(ENGLISH[kind]), f"{file.name}: {kind}"
                    named.add(kind)
                case ast.Call(func=ast.Name(id="mistake" | "Mistake")):
                    assert file.name == "problems.py", f"{file.name}:{node.lineno}: write the kind there"
                case _:
                    pass
    assert named == ENGLISH.keys()


def test_every_word_of_our_files_is_explained_and_no_other() -> None:
    kinds = (Picture, Video, Link, MiniProgram, Menu)
    known = {*STAGES, *STATES, *CHANNELS, *(str(each.__dataclass_fields__["kind"].default) for each in kinds)}
    known |= {field.name for each in kinds for field in fields(each)}
    assert WORDS["zh"]["terms"].keys() == known
    assert all(name in words and HAN.search(words) for name, words in WORDS["zh"]["terms"].items())
    assert WORDS["en"]["terms"] == {}


STRANGE: Final[tuple[Any, ...]] = (
    None, True, 0, 1.5, "", " ", "嗯", "x" * 5000, "\ud800", "\0", "{value}", "2026-13-01", "https://例", "a.bmp", [],
    [None], ["嗯"] * 300, {}, {"嗯": 1}, {"kind": []},
)  # fmt: skip


def places(data: object, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if at:
        yield at
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, part in parts:
        yield from places(part, (*at, name))


@given(st.sampled_from(list(places(PLAIN))), st.sampled_from(STRANGE), st.sampled_from(("", "colour", "\ud800")))
def test_whatever_stands_anywhere_is_refused_in_words(at: tuple[Any, ...], value: object, beside: str) -> None:
    assert isinstance(script_of(PLAIN), Script)
    data: Any = copy.deepcopy(PLAIN)
    part = data
    for name in at[:-1]:
        part = part[name]
    part[beside if beside and isinstance(part, dict) and part is not data else at[-1]] = value
    found: tuple[Problem, ...] = ()
    try:
        script_of(data)
    except ImportFailed as error:
        found = error.problems
    assert all(list(nested(each)) for each in found)
