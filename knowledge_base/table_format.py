"""How are scripts laid out in a table (CSV, XLSX) that operators fill in?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from knowledge_base.building import RawScript, build_all
from knowledge_base.cells import IDS, LINES, SLASHES, apart, attachments_cell, attachments_of, joined
from knowledge_base.problems import ImportFailed, Problem, mistake
from knowledge_base.script import Script

COLUMNS: dict[str, str] = {
    "编号": "id",
    "标题": "title",
    "分类": "category",
    "阶段": "stage",
    "标准问题": "standard_question",
    "相似问题": "similar_questions",
    "答案": "answers.default",
    "公众号答案": "answers.official_account",
    "微信客服答案": "answers.wecom_kf",
    "状态": "state",
    "负责人": "owner",
    "意图": "intent",
    "生效日期": "valid_from",
    "失效日期": "valid_until",
    "相关话术": "related",
    "附件": "attachments",
    "渠道": "channels",
    "来源": "scenes",
    "客户标签": "tags",
    "地区": "regions",
    "时段": "hours",
}
REQUIRED = ("编号", "标准问题", "答案")
STAGE_WORDS = {"售前": "before", "售中": "during", "售后": "after"}
STATE_WORDS = {"草稿": "draft", "待审": "review", "上线": "live", "下线": "retired"}
SEPARATORS = {
    "category": SLASHES,
    "related": IDS,
    "channels": IDS,
    "scenes": LINES,
    "tags": LINES,
    "regions": LINES,
    "hours": LINES,
}

_HEADING = {field: heading for heading, field in COLUMNS.items()}
_WHERE = {**_HEADING, "questions": "标准问题", "answers": "答案"}


def read_rows(file: Path, rows: Iterable[Sequence[str]]) -> tuple[Script, ...]:
    """Read a table whose first row holds the headings of `COLUMNS`, in any order; blank rows are skipped.

    Raises:
        ImportFailed: with row and heading of every mistake.
    """
    table = iter(rows)
    headings = [heading.strip() for heading in next(table, ())]
    if problems := _heading_problems(file, headings):
        raise ImportFailed(tuple(problems))
    raw = [
        _entry(number, dict(zip(headings, (_unescaped(cell) for cell in row), strict=False)))
        for number, row in enumerate(table, start=2)
        if any(cell.strip() for cell in row)
    ]
    return build_all(file, raw)


def to_rows(scripts: Iterable[Script]) -> list[list[str]]:
    """The headings and one row a script; cells that a spreadsheet would run as a formula are escaped."""
    return [list(COLUMNS), *([spreadsheet_text(cell) for cell in _row(script)] for script in scripts)]


def _heading_problems(file: Path, headings: list[str]) -> list[Problem]:
    problems = [Problem(file, 1, heading, mistake("column_missing")) for heading in REQUIRED if heading not in headings]
    problems += [
        Problem(file, 1, heading, mistake("no_column", known=tuple(COLUMNS)))
        for heading in headings
        if heading and heading not in COLUMNS
    ]
    twice = {heading for heading in headings if heading and headings.count(heading) > 1}
    return problems + [Problem(file, 1, heading, mistake("column_twice")) for heading in sorted(twice)]


def _entry(number: int, cells: dict[str, str]) -> RawScript:
    def cell(field: str) -> str:
        return cells.get(_HEADING[field], "").strip()

    answers = {
        channel: text for channel in ("default", "official_account", "wecom_kf") if (text := cell(f"answers.{channel}"))
    }
    values: dict[str, Any] = {
        "id": cell("id"),
        "title": cell("title") or cell("standard_question") or cell("id"),
        "stage": STAGE_WORDS.get(cell("stage"), cell("stage") or "before"),
        "questions": [*filter(None, [cell("standard_question")]), *apart(cell("similar_questions"), LINES)],
        "answers": answers,
        "attachments": attachments_of(cell("attachments")),
        "state": STATE_WORDS.get(cell("state"), cell("state") or "live"),
        "owner": cell("owner"),
        "intent": cell("intent"),
        "valid_from": cell("valid_from"),
        "valid_until": cell("valid_until"),
        **{field: apart(cell(field), separators) for field, separators in SEPARATORS.items()},
    }
    return RawScript(number, values, columns=_WHERE)


def _row(script: Script) -> list[str]:
    values = {
        "id": script.id,
        "title": script.title,
        "stage": _word(STAGE_WORDS, script.stage),
        "standard_question": script.questions[0],
        "similar_questions": joined(script.questions[1:], LINES),
        **{f"answers.{channel}": text for channel, text in script.answers.items()},
        "attachments": attachments_cell(script.attachments),
        "state": _word(STATE_WORDS, script.state),
        "owner": script.owner,
        "intent": script.intent or "",
        "valid_from": script.valid_from.isoformat() if script.valid_from else "",
        "valid_until": script.valid_until.isoformat() if script.valid_until else "",
        **{
            field: joined([str(each) for each in getattr(script, field)], separators)
            for field, separators in SEPARATORS.items()
        },
    }
    return [values.get(field, "") for field in COLUMNS.values()]


def _word(words: dict[str, str], value: str) -> str:
    return next(word for word, meaning in words.items() if meaning == value)


def spreadsheet_text(cell: str) -> str:
    """A cell starting like a formula runs in a spreadsheet (CSV injection): a quote in front makes it text."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r", "'")) else cell


def _unescaped(cell: str) -> str:
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in "=+-@\t\r'" else cell
