"""How is the knowledge base of 微信客服's own bot read and written?

A JSON object as the platform's lists give it: `group_list` of kf/knowledge/list_group [W 95971] and `intent_list` of
kf/knowledge/list_intent [W 95972], pages put together.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from knowledge_base.building import RawScript, Reading, build_all
from knowledge_base.chatopera_format import TITLE_CHARACTERS, id_of
from knowledge_base.json_places import list_items, members, skip
from knowledge_base.kept import difference
from knowledge_base.kf_attachments import from_kf, keepable, to_kf
from knowledge_base.problems import ImportFailed, LeftOut, Mistake, Problem, Term, mistake
from knowledge_base.script import DEFAULT_CHANNEL, Script

# [W 95971], [W 95972], in characters
GROUP_CHARACTERS = 12
QUESTION_CHARACTERS = 200
SIMILAR_QUESTIONS = 100
ANSWER_CHARACTERS = 500
DEFAULT_GROUP = "默认分组"  # the platform's name for what lies in no other group

_CHANNEL = "wecom_kf"
_COLUMNS = {
    "id": "intent_id",
    "title": "question",
    "questions": "question",
    "answers": "answers",
    "category": "group_id",
    "attachments": "answers",
}


def is_kf(text: str) -> bool:
    """Whether a JSON file looks like this format."""
    start = skip(text, 0)
    return text[start : start + 1] == "{" and '"intent_list"' in text


def read_kf(file: Path, text: str) -> Reading:
    """Read scripts: a group's name is the category, question and similar questions ask, the one answer answers.

    Raises:
        ImportFailed: with line and key of every mistake.
    """
    top = members(file, text, skip(text, 0))
    start, intents = top.get("intent_list", (0, None))
    if not isinstance(intents, list):
        raise ImportFailed((Problem(file, 1, "intent_list", mistake("no_intents")),))
    groups = _group_names(top.get("group_list", (0, []))[1])
    problems: list[Problem] = []
    left_out: list[Problem] = []
    raw = [
        entry
        for line, item in list_items(file, text, start)
        if (entry := _entry((file, line), item, groups, problems, left_out))
    ]
    return Reading(build_all(file, raw, problems), tuple(left_out))


def write_kf(scripts: Sequence[Script]) -> tuple[str, list[LeftOut]]:
    """The text of the file, and what the format does not know; scripts that are not live stay out."""
    left_out: list[LeftOut] = []
    fitting = [script for script in scripts if _fits(script, left_out)]
    groups: dict[str, str] = {}
    for script in fitting:
        groups.setdefault(_group_name(script.category), f"group-{len(groups) + 1}")
        left_out += difference(script, _kept(script))
    plain = {
        "group_list": [
            {"group_id": group, "name": name, "is_default": int(name == DEFAULT_GROUP)}
            for name, group in groups.items()
        ],
        "intent_list": [_plain(script, groups[_group_name(script.category)]) for script in fitting],
    }
    return json.dumps(plain, ensure_ascii=False, indent=2) + "\n", left_out


def _entry(
    place: tuple[Path, int], item: object, groups: dict[str, str], problems: list[Problem], left_out: list[Problem]
) -> RawScript | None:
    question = _content(item, "question")
    if not isinstance(item, dict) or question is None:
        problems.append(Problem(*place, "question", mistake("no_intent_question")))
        return None
    answers = item.get("answers")
    if not isinstance(answers, list) or not answers or _content(answers[0]) is None:
        problems.append(Problem(*place, "answers", mistake("no_intent_answers")))
        return None
    if len(answers) > 1:
        left_out.append(Problem(*place, "answers", mistake("answers_left_out", count=len(answers))))
    similar = item.get("similar_questions")
    items = (similar.get("items") or []) if isinstance(similar, dict) else []
    attachments, lost = from_kf(answers[0].get("attachments"))
    left_out += [Problem(*place, "attachments", why) for why in lost]
    group = item.get("group_id")
    name = groups.get(group, "") if isinstance(group, str) else ""
    values: dict[str, Any] = {
        "id": id_of(item.get("intent_id"), "kf-", question),
        "title": question.strip()[:TITLE_CHARACTERS],
        "category": _levels(name),
        "stage": "before",
        "questions": [question, *(_content(each) for each in items)],
        "answers": {DEFAULT_CHANNEL: _content(answers[0])},
        "attachments": attachments,
    }
    return RawScript(place[1], values, columns=_COLUMNS)


def _group_names(groups: object) -> dict[str, str]:
    """Names by id; the default group, in which everything lies that was not put elsewhere, has none."""
    if not isinstance(groups, list):
        return {}
    return {
        group["group_id"]: group["name"]
        for group in groups
        if isinstance(group, dict)
        and isinstance(group.get("group_id"), str)
        and isinstance(group.get("name"), str)
        and group.get("is_default") != 1
    }


def _content(item: object, name: str = "") -> str | None:
    """`item[name].text.content`, None where it is no text."""
    node = item.get(name) if name and isinstance(item, dict) else item
    text = node.get("text") if isinstance(node, dict) else None
    content = text.get("content") if isinstance(text, dict) else None
    return content if isinstance(content, str) else None


def _fits(script: Script, left_out: list[LeftOut]) -> bool:
    why: Mistake | None = None
    if script.state != "live":
        why = mistake("not_live", state=Term(script.state))
    elif len(script.questions[0]) > QUESTION_CHARACTERS:
        why = mistake("question_too_long", most=QUESTION_CHARACTERS)
    elif len(script.answer(_CHANNEL)) > ANSWER_CHARACTERS:
        why = mistake("answer_too_long", most=ANSWER_CHARACTERS)
    if why is not None:
        left_out.append(LeftOut(script.id, "", why))
    return why is None


def _group_name(category: Sequence[str]) -> str:
    return "/".join(category)[:GROUP_CHARACTERS].strip() or DEFAULT_GROUP


def _levels(name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in name.split("/") if part.strip())


def _similar(script: Script) -> list[str]:
    return [each for each in script.questions[1:] if len(each) <= QUESTION_CHARACTERS][:SIMILAR_QUESTIONS]


def _plain(script: Script, group: str) -> dict[str, object]:
    answer: dict[str, object] = {"text": {"content": script.answer(_CHANNEL)}}
    if attachments := [plain for each in script.attachments if (plain := to_kf(each))]:
        answer["attachments"] = attachments
    return {
        "group_id": group,
        "intent_id": script.id,
        "question": {"text": {"content": script.questions[0]}},
        "similar_questions": {"items": [{"text": {"content": each}} for each in _similar(script)]},
        "answers": [answer],
    }


def _kept(script: Script) -> Script:
    """What reading the file again would give."""
    name = _group_name(script.category)
    return Script(
        id=script.id,
        title=script.questions[0][:TITLE_CHARACTERS],
        category=() if name == DEFAULT_GROUP else _levels(name),
        stage="before",
        questions=(script.questions[0], *_similar(script)),
        answers={DEFAULT_CHANNEL: script.answer(_CHANNEL)},
        attachments=tuple(kept for each in script.attachments if (kept := keepable(each))),
    )
