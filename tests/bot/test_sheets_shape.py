"""Is a scoresheet.yaml checked as the rest of a pack is: file, line, remedy?"""

from __future__ import annotations

from pathlib import Path

from bot.content.pack import read_shop
from bot.content.problems import PackProblem
from tests.packs import write_pack


def test_score_sheets_are_checked_with_file_and_line(tmp_path: Path) -> None:
    pack, problems = write_pack(tmp_path), list[PackProblem]()
    sheets = pack / "scoresheet.yaml"
    sheets.write_text(
        "sheets:\n- name: 接待\n  pass: 80\n  nodes:\n"
        "  - {name: 问候, weight: 1}\n  - {name: 回答, weight: 2, points: 2, fatal: true, rules: [没有这条]}\n",
        encoding="utf-8",
    )
    shop, _ = read_shop(pack, problems)
    assert [(each.line, "没有这条" in each.message) for each in problems] == [(6, True)]
    assert shop is not None
    assert [(node.name, node.weight, node.points, node.fatal) for node in shop.sheets[0].nodes] == [
        ("问候", 1.0, 1, False),
        ("回答", 2.0, 2, True),
    ]
    sheets.write_text("sheets:\n- name: 接待\n  pass: 180\n  nodes: []\n", encoding="utf-8")
    problems.clear()
    read_shop(pack, problems)
    assert sorted(each.line for each in problems) == [3, 4]
