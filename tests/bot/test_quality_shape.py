"""Is a quality.yaml checked as the rest of a pack is: file, line, remedy; and do its rules mean what they say?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from archive.analysis import BrokenPromise, Node, QualityRule, Severity, Side, SlowAnswer
from bot.content.pack import read_pack, read_shop
from bot.content.problems import PackProblem
from tests.packs import write_pack

EXAMPLE = Path(__file__).parents[2] / "examples" / "cosmetics"


def _read(folder: Path, text: str) -> tuple[tuple[QualityRule, ...], list[PackProblem]]:
    pack = write_pack(folder)
    (pack / "quality.yaml").write_text(text, encoding="utf-8")
    problems: list[PackProblem] = []
    shop, _ = read_shop(pack, problems)
    return (shop.quality if shop else ()), problems


def test_the_example_shop_has_rules_of_each_kind() -> None:
    rules = read_pack(EXAMPLE).shop.quality
    assert len({type(rule.check) for rule in rules}) == 7


def test_rules_become_values(tmp_path: Path) -> None:
    rules, problems = _read(
        tmp_path,
        "rules:\n"
        "- {name: 慢, severity: minor, slow_answer: {over: 90s, by: shop, hours: always}, advice: 快点}\n"
        "- {name: 食言, broken_promise: {phrases: [稍后], within: 24h, not_before: 10m}}\n"
        "- {name: 没问候, missing: {at: opening, phrases: [您好], stages: [after]}}\n",
    )
    assert problems == []
    slow, broken, missing = rules
    assert slow == QualityRule(
        "慢", Severity.MINOR, SlowAnswer(timedelta(seconds=90), Side.SHOP, business=False), "快点"
    )
    assert broken.check == BrokenPromise(("稍后",), timedelta(days=1), timedelta(minutes=10))
    assert (missing.check.node, missing.check.stages) == (Node.OPENING, frozenset({"after"}))  # type: ignore[union-attr]


def test_a_pack_without_rules_has_none(tmp_path: Path) -> None:
    problems: list[PackProblem] = []
    pack = write_pack(tmp_path)
    (pack / "quality.yaml").unlink()
    shop, _ = read_shop(pack, problems)
    assert shop is not None
    assert (shop.quality, problems) == ((), [])


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{name: 慢, slow_answer: {over: 90}}", "write it as 90s"),
        ("{name: 慢}", "exactly one check"),
        ("{name: 慢, drift: {below: 0.3}, unanswered: {after: 1m}}", "exactly one check"),
        ("{name: 慢, drift: {below: 3}}", "less than or equal to 1"),
        ("{name: 慢, forbidden: {phrases: []}}", "at least 1 item"),
        ("{name: 慢, forbidden: {phrases: [滚], stages: [later]}}", "no stage is called 'later'"),
        ("{name: 慢, caused_handover: {reasons: [bored]}}", "no reason is called 'bored'"),
        ("{name: 慢, broken_promise: {phrases: [稍后], within: 5m, not_before: 9m}}", "not_before must be shorter"),
        ("{name: 慢, severity: fatal, drift: {below: 0.3}}", "'minor', 'major' or 'critical'"),
    ],
)
def test_mistakes_are_told_with_file_line_and_remedy(tmp_path: Path, rule: str, said: str) -> None:
    _, problems = _read(tmp_path, f"rules:\n- {{name: 好, drift: {{below: 0.3}}}}\n- {rule}\n")
    [problem] = problems
    assert problem.file.endswith("quality.yaml")
    assert problem.line == 3
    assert said in problem.message


def test_two_rules_of_one_name_are_refused(tmp_path: Path) -> None:
    rule = "- {name: 好, drift: {below: 0.3}}\n"
    _, [problem] = _read(tmp_path, f"rules:\n{rule}{rule}")
    assert "two rules are called '好'" in problem.message
