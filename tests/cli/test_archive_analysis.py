"""Do past conversations come in, get analysed, and come out as findings and one page that asks nobody for anything?"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.bootstrap import utc_now
from tests.cli.shop import CommandShop

QUALITY = """\
rules:
- {name: 没人答, severity: critical, unanswered: {after: 1m}}
- {name: 不该说, severity: critical, forbidden: {phrases: [自己看]}}
"""

TAGS = """\
version: 1
groups: {习惯: {}}
tags:
- {name: 催退款, group: 习惯, clues: [{keywords: [退款], weight: 0.9}]}
"""


def _history(folder: Path) -> Path:
    """Twenty sessions of yesterday; the last has a question that nobody answers."""
    began, rows = utc_now() - timedelta(days=1), []
    for number in range(20):
        at = began + timedelta(minutes=number)
        said = [("customer", f"第{number}单退款多久到账？电话 1380013{number:04}"), ("agent", "三天内，您自己看页面")]
        said += [("customer", "好的谢谢" if number < 19 else "发票怎么开？")]
        for place, (role, text) in enumerate(said):
            who = {"who": "wanglei"} if role == "agent" else {}
            moment = (at + timedelta(seconds=20 * place)).isoformat()
            rows.append({"customer": f"c{number}", "role": role, "at": moment, "text": text, **who})
    file = folder / "history.jsonl"
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return file


@pytest.fixture
def analysed(shop: CommandShop, tmp_path: Path) -> CommandShop:
    (shop.pack / "quality.yaml").write_text(QUALITY, encoding="utf-8")
    (shop.pack / "tags.yaml").write_text(TAGS, encoding="utf-8")
    file = _history(tmp_path)
    imported = shop.run("archive", "import", file, "--format", "jsonl", "--account", "shop", "--json")
    assert imported.json == {"added": 60, "known": 0, "refused": 0, "withheld": 0, "problems": []}
    done = shop.run("archive", "analyze", "--until-done", "--json")
    assert done.code == 0
    assert (done.json["waiting"], done.json["sessions_due"], done.json["failed"]) == (0, 0, [])
    return shop


def test_from_a_file_to_findings_and_a_page(analysed: CommandShop, tmp_path: Path) -> None:
    again = analysed.run(
        "archive", "import", tmp_path / "history.jsonl", "--format", "jsonl", "--account", "shop", "--json"
    )
    assert (again.json["added"], again.json["known"]) == (0, 60)

    found = analysed.run("archive", "findings", "--json").json
    assert sorted(each["rule"] for each in found) == ["不该说"] * 20 + ["没人答"]
    [unanswered] = [each for each in found if each["rule"] == "没人答"]
    assert analysed.run("archive", "review", unanswered["id"], "dismissed").code == 0
    assert analysed.run("archive", "findings", "--rule", "没人答", "--state", "open", "--json").json == []
    assert "没人答" in analysed.run("archive", "findings").out

    sample = analysed.run("archive", "sample", "--each", 2, "--json").json
    assert {each["agent"] for each in sample} == {"wanglei"}
    assert sample == analysed.run("archive", "sample", "--each", 2, "--json").json

    told = analysed.run("archive", "report", "--html", tmp_path / "r.html", "--json")
    assert (told.json["totals"]["sessions"], told.json["totals"]["messages"]) == (20, 60)
    assert told.json["first_response"]["median"] == 20
    assert [each["rule"] for each in told.json["findings"]] == ["不该说"]  # what was dismissed is no news
    assert told.json["tags"] == [["催退款", 20]]
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "催退款" in page
    assert "不该说" in page
    assert "退款" in page
    assert not re.search(r"1380013\d{4}", page + told.out)
    assert not re.search(r"<script|https?://|url\(|@import", page)


def test_a_report_on_nothing_says_so(shop: CommandShop, tmp_path: Path) -> None:
    assert shop.run("archive", "report", "--html", tmp_path / "r.html").code == 0
    assert "没有会话" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_bad_rows_are_named_and_the_others_kept(shop: CommandShop, tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    file.write_text("customer,role,at,text\nc1,buyer,2026-03-01 10:00,您好\nc1,boss,2026-03-01 10:00,您好\n", "utf-8")
    ran = shop.run("archive", "import", file, "--format", "csv", "--account", "shop")
    assert ran.code == 1
    assert "row 3: role 'boss' is unknown" in ran.err
    assert "1 added, 0 known already, 1 left out" in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("import", "FILE", "--format", "xls"), "there are csv, jddc, jsonl"),
        (("import", "FILE", "--format", "jddc"), "give --account"),
        (("import", "FILE", "--format", "csv", "--name", "A B"), "is no name"),
        (("findings", "--since", "gestern"), "write it as 2026-03-02"),
        (("findings", "--since", "2026-03-02", "--until", "2026-03-01"), "exchange them"),
    ],
)
def test_wrong_options_say_what_to_do(shop: CommandShop, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    file = tmp_path / "history.csv"
    file.write_text("customer,role,at,text\n", encoding="utf-8")
    assert shop.run("migrate").code == 0
    ran = shop.run("archive", *(str(file) if each == "FILE" else each for each in arguments))
    assert ran.code == 1
    assert said in ran.err


def test_days_and_times_are_those_of_the_shop(shop: CommandShop, tmp_path: Path) -> None:
    (shop.pack / "pack.yaml").write_text("name: tiny\nshop: 小店\ntimezone: America/Los_Angeles\n", encoding="utf-8")
    (shop.pack / "quality.yaml").write_text(QUALITY, encoding="utf-8")
    shop.ok("content", "apply", shop.pack)
    row = {"customer": "c1", "role": "customer", "at": "2026-03-02 23:30:00", "text": "退款多久到账？"}
    file = tmp_path / "late.jsonl"
    file.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    shop.ok("archive", "import", file, "--format", "jsonl", "--account", "shop")
    shop.ok("archive", "analyze", "--until-done")

    def within(day: str, *command: str) -> int:
        return len(shop.ok("archive", *command, "--since", day, "--until", day, "--json").json)

    commands = (("findings",), ("sample",), ("search", "退款"))
    assert [within("2026-03-02", *command) for command in commands] == [1, 1, 1]
    assert [within("2026-03-03", *command) for command in commands] == [0, 0, 0]
    [found] = shop.ok("archive", "search", "退款", "--json").json
    assert found["at"] == "2026-03-03T07:30:00+00:00"
