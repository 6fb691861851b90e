"""Does each file format give back what was written?"""

from __future__ import annotations

import csv
import tempfile
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from knowledge_base import COLUMNS, Script, read_scripts, write_scripts
from tests.knowledge_base.samples import SHOP

# line ends other than \n are folded by spreadsheets, and no format keeps control characters
character = st.characters(
    codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff"
)
line = st.text(character, min_size=1, max_size=12).map(str.strip).filter(bool)
cell = line.filter(lambda text: not set(text) & set(";；/／>、,，"))
answer = st.lists(line, min_size=1, max_size=3).map("\n".join)
name = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,9}", fullmatch=True)
day = st.none() | st.dates(date(2000, 1, 1), date(2020, 1, 1))


def scripts_of(text: st.SearchStrategy[str]) -> st.SearchStrategy[list[Script]]:
    return st.lists(
        st.builds(
            Script,
            id=name,
            title=text,
            category=st.lists(cell, max_size=2).map(tuple),
            stage=st.sampled_from(["before", "during", "after"]),
            questions=st.lists(text, min_size=1, max_size=4).map(tuple),
            answers=st.fixed_dictionaries(
                {"default": answer}, optional={"wecom_kf": answer, "official_account": answer}
            ),
            state=st.sampled_from(["draft", "review", "live", "retired"]),
            owner=cell | st.just(""),
            valid_from=day,
            valid_until=st.none() | st.dates(date(2020, 1, 2), date(2030, 1, 1)),
            related=st.lists(name, max_size=2, unique=True).map(tuple),
            intent=st.none() | cell,
        ),
        max_size=3,
        unique_by=lambda script: script.id,
    )


def returned(scripts: list[Script], suffix: str) -> tuple[Script, ...]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"scripts{suffix}"
        write_scripts(file, scripts)
        return read_scripts(file)


@given(scripts_of(line))
@settings(max_examples=60, deadline=None)
def test_yaml_gives_back_everything(scripts: list[Script]) -> None:
    assert list(returned(scripts, ".yaml")) == scripts


@given(scripts_of(cell))
@settings(max_examples=60, deadline=None)
def test_csv_gives_back_everything(scripts: list[Script]) -> None:
    assert list(returned(scripts, ".csv")) == scripts


@given(scripts_of(cell))
@settings(max_examples=10, deadline=None)
def test_xlsx_gives_back_everything(scripts: list[Script]) -> None:
    assert list(returned(scripts, ".xlsx")) == scripts


@given(scripts_of(line))
@settings(max_examples=60, deadline=None)
def test_chatopera_json_gives_back_questions_and_answers(scripts: list[Script]) -> None:
    again = returned(scripts, ".json")
    assert [(script.id, script.questions, script.answers["default"], script.category) for script in again] == [
        (script.id, script.questions, script.answers["default"], script.category) for script in scripts
    ]
    assert [script.state == "live" for script in again] == [script.state == "live" for script in scripts]


def test_a_table_refuses_what_it_cannot_keep(tmp_path: Path) -> None:
    torn = Script("a", "题", (), "before", ("问", "一；二"), {"default": "答"})
    with pytest.raises(ValueError, match="use YAML"):
        write_scripts(tmp_path / "a.csv", [torn])
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="is not one of"):
        write_scripts(tmp_path / "a.txt", SHOP)


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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
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


def test_a_folder_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    write_scripts(tmp_path / "a.yaml", SHOP[:3])
    write_scripts(tmp_path / "more" / "b.yml", SHOP[3:])
    assert read_scripts(tmp_path) == SHOP
