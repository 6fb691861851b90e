"""Are past conversations read row by row, the same ones each time, and is every bad row named with its remedy?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import Entry, Voice
from archive.history import HistoryUnreadable, Origin, RowProblem, read_history
from archive.history.jsonl import read_jsonl
from archive.history.table import read_csv

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ORIGIN = Origin("old", "shop", ZoneInfo("Asia/Shanghai"), NOW)
GOOD = {"customer": "xiaolin", "role": "客户", "at": "2026-03-01 18:00:05", "text": "多久发货？"}


def _file(folder: Path, text: str, name: str = "old.txt") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_json_lines(tmp_path: Path) -> None:
    rows = [
        GOOD,
        {**GOOD, "role": "agent", "who": "chenjing", "text": "48 小时内", "at": 1_772_359_300_000, "id": "m2"},
    ]
    file = _file(tmp_path, "\n".join(["", *(json.dumps(row, ensure_ascii=False) for row in rows)]))
    first, second = read_history(file, "jsonl", ORIGIN)
    assert isinstance(first, Entry)
    assert isinstance(second, Entry)
    assert (first.source, first.account, first.customer, first.voice) == (
        "import:old",
        "shop",
        "xiaolin",
        Voice.CUSTOMER,
    )
    assert first.at == datetime(2026, 3, 1, 10, 0, 5, tzinfo=UTC)
    assert (second.source_id, second.voice, second.who) == ("m2", Voice.AGENT, "chenjing")
    assert second.at == datetime(2026, 3, 1, 10, 1, 40, tzinfo=UTC)
    assert list(read_history(file, "jsonl", ORIGIN)) == [first, second]


def test_csv_with_quotes_and_a_mark_before_it(tmp_path: Path) -> None:
    rows = ["\ufeffcustomer,role,at,text,who", 'xiaolin,买家,2026/03/01 18:00,"多久发货？\n急, 谢谢",']
    text = "\r\n".join((*rows, "xiaolin,客服,2026-03-01T18:01:00+08:00,两天,li", ""))
    file = tmp_path / "old.csv"
    file.write_text(text, encoding="utf-8", newline="")
    first, second = read_history(file, "csv", ORIGIN)
    assert isinstance(first, Entry)
    assert isinstance(second, Entry)
    assert first.text == "多久发货？\n急, 谢谢"
    assert (second.voice, second.who) == (Voice.AGENT, "li")


def test_jddc_sessions_have_an_order_and_no_times(tmp_path: Path) -> None:
    rows = [
        "s1\tu1\t0\t0\t0\tnan\t多久发货",
        "s1\tu1\t1\t0\t0\tnan\t两天",
        "s2\tu1\t0\t0\t0\tnan\t退货",
        "s2\tu1\t7\t0\t0\tnan\t?",
        "s2",
    ]
    read = list(read_history(_file(tmp_path, "\n".join(rows)), "jddc", ORIGIN))
    entries = [each for each in read if isinstance(each, Entry)]
    assert [each.source_id for each in entries] == ["s1:1", "s1:2", "s2:1"]
    assert all(each.body["untimed"] for each in entries)
    assert entries[0].at < entries[1].at
    assert (entries[0].at - entries[2].at).days >= 1  # another session of the same customer
    assert [each.row for each in read if isinstance(each, RowProblem)] == [4, 5]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"customer": ""}, "customer is missing"),
        ({"customer": "x" * 129}, "at most 128"),
        ({"customer": ["x"]}, "must be text"),
        ({"role": "boss"}, "role 'boss' is unknown"),
        ({"text": " "}, "text is missing"),
        ({"at": ""}, "at is missing"),
        ({"at": "gestern"}, "at cannot be read"),
        ({"at": 10**30}, "at cannot be read"),
        ({"at": "2036-03-01 18:00"}, "lies in the future"),
        ({"mood": "bad"}, "no field is called 'mood'"),
    ],
)
def test_bad_rows_say_what_to_do(change: dict[str, object], said: str) -> None:
    [problem] = read_jsonl([json.dumps({**GOOD, **change})], ORIGIN)
    assert isinstance(problem, RowProblem)
    assert said in problem.message


def test_rows_without_an_account_need_one() -> None:
    [problem] = read_jsonl([json.dumps(GOOD)], Origin("old", "", ORIGIN.zone, NOW))
    assert "give --account" in str(problem)


def test_a_bad_line_does_not_hide_the_next() -> None:
    bad, listed, good = read_jsonl(["{", "[1]", json.dumps(GOOD)], ORIGIN)
    assert (str(bad)[:6], str(listed)[:6]) == ("row 1:", "row 2:")
    assert isinstance(good, Entry)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["customer,role,text\n"], "lacks 'at'"),
        (["customer,role,at,text\n", "a,b\n"], "has 2 cells"),
        (["customer,role,at,text\n", 'a,b,"c\n'], "is not CSV"),
        ([], "lacks 'customer'"),
    ],
)
def test_bad_tables_say_what_to_do(lines: list[str], said: str) -> None:
    *_, problem = read_csv(lines, ORIGIN)
    assert isinstance(problem, RowProblem)
    assert said in problem.message


def test_another_encoding_is_named(tmp_path: Path) -> None:
    file = tmp_path / "old.jsonl"
    file.write_bytes(json.dumps(GOOD, ensure_ascii=False).encode("gb18030"))
    with pytest.raises(HistoryUnreadable, match="--encoding gb18030"):
        list(read_history(file, "jsonl", ORIGIN))
    [read] = read_history(file, "jsonl", ORIGIN, encoding="gb18030")
    assert isinstance(read, Entry)


@given(lines=st.lists(st.text(max_size=80), max_size=6))
def test_anything_may_stand_in_a_line(lines: list[str]) -> None:
    for read in (read_jsonl, read_csv):
        for each in read(iter(lines), ORIGIN):
            assert isinstance(each, Entry | RowProblem)
