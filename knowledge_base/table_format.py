"""How are scripts laid out in a table (CSV, XLSX) that operators fill in?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from knowledge_base.building import RawScript, build_all
from knowledge_base.problems import ImportFailed, Problem
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
}
REQUIRED = ("编号", "标准问题", "答案")
STAGE_WORDS = {"售前": "before", "售中": "during", "售后": "after"}
STATE_WORDS = {"草稿": "draft", "待审": "review", "上线": "live", "下线": "retired"}

_BETWEEN_QUESTIONS = re.compile(r"[；;\n\r]+")
_BETWEEN_CATEGORIES = re.compile(r"[/／>、]")
_BETWEEN_IDS = re.compile(r"[；;,，\s]+")
_HEADING = {field: heading for heading, field in COLUMNS.items()}
_WHERE = {
    **_HEADING,
    "questions": "标准问题",
    "answers": "答案",
}


def read_rows(file: Path, rows: Iterable[Sequence[str]]) -> tuple[Script, ...]:
    """Read a table whose first row holds the headings of `COLUMNS`, in any order; blank rows are skipped.

    Raises:
        ImportFailed: with row and heading of every mistake.
    """
    table = iter(rows)
    headings = [heading.strip() for heading in next(table, ())]
    problems = [
        Problem(file, 1, heading, "this column is missing; the first row must hold the headings of the template")
        for heading in REQUIRED
        if heading not in headings
    ]
    problems += [
        Problem(file, 1, heading, f"no such column; known are {'、'.join(COLUMNS)}")
        for heading in headings
        if heading and heading not in COLUMNS
    ]
    if problems:
        raise ImportFailed(tuple(problems))
    raw = [
        _entry(number, dict(zip(headings, (_unescaped(cell) for cell in row), strict=False)))
        for number, row in enumerate(table, start=2)
        if any(cell.strip() for cell in row)
    ]
    return build_all(file, raw)


def to_rows(scripts: Iterable[Script]) -> list[list[str]]:
    """The headings and one row a script; cells that a spreadsheet would run as a formula are escaped.

    Raises:
        ValueError: a question or category holds what separates them in a cell, so it would come back as two.
    """
    return [list(COLUMNS), *([_escaped(cell) for cell in _row(script)] for script in scripts)]


def _entry(number: int, cells: dict[str, str]) -> RawScript:
    def cell(field: str) -> str:
        return cells.get(_HEADING[field], "").strip()

    questions = [cell("standard_question"), *_BETWEEN_QUESTIONS.split(cell("similar_questions"))]
    answers = {
        channel: text for channel in ("default", "official_account", "wecom_kf") if (text := cell(f"answers.{channel}"))
    }
    values: dict[str, Any] = {
        "id": cell("id"),
        "title": cell("title") or cell("standard_question") or cell("id"),
        "category": _parts(_BETWEEN_CATEGORIES, cell("category")),
        "stage": STAGE_WORDS.get(cell("stage"), cell("stage") or "before"),
        "questions": [question for question in questions if question.strip()],
        "answers": answers,
        "state": STATE_WORDS.get(cell("state"), cell("state") or "live"),
        "owner": cell("owner"),
        "intent": cell("intent"),
        "valid_from": cell("valid_from"),
        "valid_until": cell("valid_until"),
        "related": _parts(_BETWEEN_IDS, cell("related")),
    }
    return RawScript(number, values, columns=_WHERE)


def _row(script: Script) -> list[str]:
    values = {
        "id": script.id,
        "title": script.title,
        "category": _joined(script, "category", "/", _BETWEEN_CATEGORIES, script.category),
        "stage": _word(STAGE_WORDS, script.stage),
        "standard_question": script.questions[0],
        "similar_questions": _joined(script, "questions", "\n", _BETWEEN_QUESTIONS, script.questions[1:]),
        **{f"answers.{channel}": text for channel, text in script.answers.items()},
        "state": _word(STATE_WORDS, script.state),
        "owner": script.owner,
        "intent": script.intent or "",
        "valid_from": script.valid_from.isoformat() if script.valid_from else "",
        "valid_until": script.valid_until.isoformat() if script.valid_until else "",
        "related": "；".join(script.related),
    }
    return [values.get(field, "") for field in COLUMNS.values()]


def _parts(separator: re.Pattern[str], text: str) -> list[str]:
    return [part.strip() for part in separator.split(text) if part.strip()]


def _joined(script: Script, field: str, glue: str, separator: re.Pattern[str], parts: Sequence[str]) -> str:
    if torn := next((part for part in parts if separator.search(part)), None):
        raise ValueError(f"script {script.id}: {field}: a table cannot keep {torn[:40]!r} in one piece; use YAML")
    return glue.join(parts)


def _word(words: dict[str, str], value: str) -> str:
    return next(word for word, meaning in words.items() if meaning == value)


def _escaped(cell: str) -> str:
    """A cell starting like a formula runs in a spreadsheet (CSV injection): a quote in front makes it text."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r", "'")) else cell


def _unescaped(cell: str) -> str:
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in "=+-@\t\r'" else cell
