"""Does each file format give back what was written?"""

from __future__ import annotations

import csv
import tempfile
from dataclasses import fields
from datetime import date, time
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from knowledge_base import (
    COLUMNS,
    Attachment,
    Link,
    Menu,
    MiniProgram,
    NotAllKept,
    Picture,
    Script,
    Video,
    Window,
    read_file,
    read_scripts,
    write_scripts,
)
from knowledge_base.words import words
from tests.knowledge_base.samples import SHOP, script

# line ends other than \n are folded by spreadsheets, and no format keeps control characters
character = st.characters(
    codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff"
)
line = st.text(character, min_size=1, max_size=12).map(str.strip).filter(bool)
answer = st.lists(line, min_size=1, max_size=3).map("\n".join)
name = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,9}", fullmatch=True)
names = st.lists(name, max_size=2, unique=True).map(tuple)
lines = st.lists(line, max_size=2).map(tuple)
day = st.none() | st.dates(date(2000, 1, 1), date(2020, 1, 1))
minute = st.times().map(lambda moment: time(moment.hour, moment.minute))
window = st.builds(Window, days=st.frozensets(st.integers(0, 6), min_size=1), opens=minute, closes=minute).filter(
    lambda made: made.opens != made.closes or made.opens == time(0)
)
picture = st.sampled_from(["a.png", "图/b.jpg", "https://example.com/c.jpeg?d=|e"])
short = line.filter(lambda text: len(text.encode()) <= 64)
attachment: st.SearchStrategy[Attachment] = st.one_of(
    st.builds(Picture, picture),
    st.builds(Video, st.just("v.mp4")),
    st.builds(Link, short, short | st.just(""), st.just("https://example.com/?q=%7C"), picture | st.just("")),
    st.builds(MiniProgram, st.just("wx0123456789abcdef"), short, short, picture | st.just("")),
    st.builds(Menu, st.lists(name, min_size=1, max_size=3, unique=True).map(tuple), line | st.just("")),
)
scripts_of_shops = st.lists(
    st.builds(
        Script,
        id=name,
        title=line,
        category=lines,
        stage=st.sampled_from(["before", "during", "after"]),
        questions=st.lists(line, min_size=1, max_size=4).map(tuple),
        answers=st.fixed_dictionaries({"default": answer}, optional={"wecom_kf": answer, "official_account": answer}),
        state=st.sampled_from(["draft", "review", "live", "retired"]),
        owner=line | st.just(""),
        valid_from=day,
        valid_until=st.none() | st.dates(date(2020, 1, 2), date(2030, 1, 1)),
        related=names,
        intent=st.none() | line,
        attachments=st.lists(attachment, max_size=3).map(tuple),
        channels=st.sampled_from([(), ("wecom_kf",), ("official_account", "wecom_kf")]),
        scenes=lines,
        tags=lines,
        regions=st.sampled_from([(), ("广东",), ("浙江杭州", "上海；")]),
        hours=st.lists(window, max_size=2).map(tuple),
    ),
    max_size=3,
    unique_by=lambda script: script.id,
)


def returned(scripts: list[Script], suffix: str) -> tuple[Script, ...]:
    return written(scripts, suffix)[0]


def written(scripts: list[Script], suffix: str) -> tuple[tuple[Script, ...], set[tuple[str, str]]]:
    """What comes back, and which fields of which scripts were said to be left out."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"scripts{suffix}"
        left_out = write_scripts(file, scripts)
        return read_scripts(file), {(each.script_id, each.field) for each in left_out}


def differing(before: Script, after: Script) -> set[tuple[str, str]]:
    return {
        (before.id, each.name) for each in fields(Script) if getattr(before, each.name) != getattr(after, each.name)
    }


@pytest.mark.parametrize("suffix", [".yaml", ".csv"])
@given(scripts=scripts_of_shops)
@settings(max_examples=60, deadline=None)
def test_our_formats_give_back_everything(suffix: str, scripts: list[Script]) -> None:
    assert written(scripts, suffix) == (tuple(scripts), set())


@given(scripts_of_shops)
@settings(max_examples=10, deadline=None)
def test_xlsx_gives_back_everything(scripts: list[Script]) -> None:
    assert written(scripts, ".xlsx") == (tuple(scripts), set())


@pytest.mark.parametrize("suffix", [".json", ".kf.json"])
@given(scripts=scripts_of_shops)
@settings(max_examples=60, deadline=None)
def test_foreign_formats_give_back_all_but_what_they_say(suffix: str, scripts: list[Script]) -> None:
    after, left_out = written(scripts, suffix)
    gone = {script_id for script_id, field in left_out if not field}
    assert gone == {script.id for script in scripts if suffix == ".kf.json" and script.state != "live"}
    stayed = [script for script in scripts if script.id not in gone]
    assert [script.id for script in after] == [script.id for script in stayed]
    lost = {each for one, other in zip(stayed, after, strict=True) for each in differing(one, other)}
    assert lost == {(script_id, field) for script_id, field in left_out if field}
    assert lost.isdisjoint({(script.id, field) for script in scripts for field in ("id", "questions")})
    assert written(list(after), suffix)[0] == after


def test_strictly_a_format_refuses_what_it_cannot_keep(tmp_path: Path) -> None:
    with pytest.raises(NotAllKept, match="answers"):
        write_scripts(tmp_path / "a.json", SHOP, strict=True)
    with pytest.raises(ValueError, match="is not one of"):
        write_scripts(tmp_path / "a.txt", SHOP)
    with pytest.raises(NotAllKept, match="32767"):
        write_scripts(
            tmp_path / "a.xlsx", [script("long", *[f"{number} 问" * 90 for number in range(150)], title="长")]
        )
    assert list(tmp_path.iterdir()) == []
    assert write_scripts(tmp_path / "a.yaml", SHOP, strict=True) == ()


def test_what_is_no_text_in_chatopera_s_replies_is_said(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('[\n{"post": "问", "replies": [{"content": "答"}, {"rtype": "faq"}]}]')
    reading = read_file(file)
    assert reading.scripts[0].answers == {"default": "答"}
    assert [(each.row, each.column) for each in reading.left_out] == [(2, "replies")]


def test_the_knowledge_base_of_the_platform_is_read(tmp_path: Path) -> None:
    file = tmp_path / "kf.json"
    file.write_text(KF, encoding="utf-8")
    reading = read_file(file)
    assert [(each.row, each.column) for each in reading.left_out] == [(19, "attachments"), (19, "attachments")]
    assert reading.scripts == (
        Script(
            "intent-1", "多久发货", ("物流", "发货"), "before", ("多久发货", "几天能发"), {"default": "48 小时内"},
            attachments=(
                Picture("时效.png"),
                Link("时效表", "各地几天到", "https://example.com/t", "https://example.com/t.png"),
                MiniProgram("wx0123456789abcdef", "pages/track.html", "查快递"),
            ),
        ),
        Script("intent-2", "能开发票吗", (), "before", ("能开发票吗",), {"default": "能"}),
    )  # fmt: skip


KF = """{
"errcode": 0, "group_list": [
  {"group_id": "g1", "name": "物流/发货", "is_default": 0}, {"group_id": "g0", "name": "默认分组", "is_default": 1}
],
"intent_list": [
 {"group_id": "g1", "intent_id": "intent-1",
  "question": {"text": {"content": "多久发货"}},
  "similar_questions": {"items": [{"text": {"content": "几天能发"}}]},
  "answers": [{"text": {"content": "48 小时内"}, "attachments": [
    {"msgtype": "image", "image": {"name": "时效.png"}},
    {"msgtype": "link",
     "link": {"title": "时效表", "desc": "各地几天到", "url": "https://example.com/t",
              "picurl": "https://example.com/t.png"}},
    {"msgtype": "miniprogram",
     "miniprogram": {"title": "查快递", "appid": "wx0123456789abcdef", "pagepath": "pages/track.html"}}
  ]}]
 },

 {"group_id": "g0", "intent_id": "intent-2", "question": {"text": {"content": "能开发票吗"}},
  "answers": [{"text": {"content": "能"}, "attachments": [
    {"msgtype": "image", "image": {"name": "发票"}}, {"msgtype": "voice", "voice": {"name": "a"}}
  ]}]
 }
], "has_more": 0}
"""


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@cmd", "'=x"])
def test_no_cell_becomes_a_formula(tmp_path: Path, start: str) -> None:
    risky = Script("a", start, (), "before", (start,), {"default": start})
    write_scripts(tmp_path / "a.csv", [risky])
    write_scripts(tmp_path / "a.xlsx", [risky])
    text = (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
    written = [value for row in csv.reader(StringIO(text)) for value in row]
    assert not [value for value in written if value.startswith(("=", "+", "-", "@", "\t"))]
    sheet = load_workbook(tmp_path / "a.xlsx").active
    assert {value.data_type for row in sheet.iter_rows(min_row=2) for value in row} <= {"s", "n", "inlineStr"}
    assert read_scripts(tmp_path / "a.csv") == read_scripts(tmp_path / "a.xlsx") == (risky,)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_table_of_any_spreadsheet_program_is_read(tmp_path: Path, encoding: str, separator: str) -> None:
    rows = [
        ["答案", "编号", "标准问题", "相似问题", "分类", "阶段", "状态"],
        ["包邮", "fee", "邮费", "包邮吗\n运费；快递费", "订单/运费", "售中", "草稿"],
    ]
    stream = StringIO()
    csv.writer(stream, delimiter=separator).writerows(rows)
    file = tmp_path / "a.csv"
    file.write_bytes(stream.getvalue().encode(encoding))
    (found,) = read_scripts(file)
    assert found == Script(
        "fee", "邮费", ("订单", "运费"), "during", ("邮费", "包邮吗", "运费", "快递费"), {"default": "包邮"}, "draft"
    )


def test_the_template_names_every_column_once() -> None:
    assert len(set(COLUMNS.values())) == len(COLUMNS)


def test_the_workbook_explains_its_columns_and_offers_the_choices(tmp_path: Path) -> None:
    write_scripts(tmp_path / "a.xlsx", SHOP)
    sheet, explained = load_workbook(tmp_path / "a.xlsx").worksheets
    said = {row[0]: row[2] for row in explained.iter_rows(min_row=2, values_only=True)}
    assert said == {heading: words("columns")[heading] for heading in COLUMNS}
    offered = {str(each.sqref): each.formula1 for each in sheet.data_validations.dataValidation}
    assert offered == {"D2:D1048576": '"售前,售中,售后"', "J2:J1048576": '"草稿,待审,上线,下线"'}


def test_a_cell_says_all_kinds_of_attachments_as_operators_write_them(tmp_path: Path) -> None:
    cell = (
        "图片|a.png\n链接 | 尺码表 |  | https://example.com/s | b.jpg\n"
        "小程序｜wx0123456789abcdef｜pages/a｜下单｜c.png\n菜单｜您想问｜fee、time"
    )
    file = tmp_path / "a.csv"
    rows = [["编号", "标准问题", "答案", "附件", "时段"], ["a", "问", "答", cell, "周一到周五 9:00～18:00；周六"]]
    stream = StringIO()
    csv.writer(stream).writerows(rows)
    file.write_text(stream.getvalue(), encoding="utf-8")
    (found,) = read_scripts(file)
    assert found.attachments == (
        Picture("a.png"),
        Link("尺码表", "", "https://example.com/s", "b.jpg"),
        MiniProgram("wx0123456789abcdef", "pages/a", "下单", "c.png"),
        Menu(("fee", "time"), "您想问"),
    )
    assert found.hours == (Window(frozenset(range(5)), time(9), time(18)), Window(frozenset({5})))


def test_a_folder_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    write_scripts(tmp_path / "a.yaml", SHOP[:3])
    write_scripts(tmp_path / "more" / "b.yml", SHOP[3:])
    assert read_scripts(tmp_path) == SHOP


def test_the_guide_s_example_is_a_good_script(tmp_path: Path) -> None:
    guide = Path(__file__).parents[2] / "knowledge_base" / "WRITING_SCRIPTS.md"
    example = guide.read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]
    (tmp_path / "a.yaml").write_text(example, encoding="utf-8")
    (found,) = read_scripts(tmp_path / "a.yaml")
    assert [each.kind for each in found.attachments] == ["picture", "link", "mini_program", "menu"]
    assert {found.channels, found.scenes, found.tags, found.regions} == {
        ("wecom_kf",), ("booth-7",), ("会员",), ("广东", "浙江杭州"),
    }  # fmt: skip


@pytest.mark.parametrize("heading", COLUMNS)
def test_the_guide_names_every_column(heading: str) -> None:
    guide = Path(__file__).parents[2] / "knowledge_base" / "WRITING_SCRIPTS.md"
    assert heading in guide.read_text(encoding="utf-8").partition("## 用表格写")[2]
