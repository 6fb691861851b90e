"""How are question–answer bases of Chatopera (JSON: post, replies, similarQuestions) read and written?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from knowledge_base.building import RawScript, Reading, build_all
from knowledge_base.checks import check_id
from knowledge_base.json_places import list_items, skip
from knowledge_base.kept import difference
from knowledge_base.problems import ImportFailed, LeftOut, Problem, ScriptInvalid, mistake
from knowledge_base.script import DEFAULT_CHANNEL, Script

TITLE_CHARACTERS = 60
_COLUMNS = {"id": "docId", "questions": "post", "title": "post", "answers": "replies", "category": "categories"}


def read_chatopera(file: Path, text: str) -> Reading:
    """Read scripts: `post` asks, `similarQuestions` ask too, the plain `replies` answer, in their order.

    Raises:
        ImportFailed: with line and key of every mistake.
    """
    start = skip(text, 0)
    if text[start : start + 1] != "[":
        raise ImportFailed((Problem(file, 1, "", mistake("no_posts")),))
    problems: list[Problem] = []
    left_out: list[Problem] = []
    raw = [
        entry for line, item in list_items(file, text, start) if (entry := _entry(file, line, item, problems, left_out))
    ]
    return Reading(build_all(file, raw, problems), tuple(left_out))


def write_chatopera(scripts: Sequence[Script]) -> tuple[str, list[LeftOut]]:
    """The text of the file, and what the format does not know (stage, channels, validity, conditions…)."""
    text = json.dumps([_plain(script) for script in scripts], ensure_ascii=False, indent=2) + "\n"
    return text, [each for script in scripts for each in difference(script, _kept(script))]


def id_of(given: object, prefix: str, question: str) -> str:
    """The file's own id where it fits ours, else one that follows from the question."""
    if isinstance(given, str):
        try:
            check_id(given)
        except ScriptInvalid:
            pass
        else:
            return given
    return prefix + hashlib.sha256(question.encode("utf-8", "replace")).hexdigest()[:16]


def _entry(file: Path, line: int, item: object, problems: list[Problem], left_out: list[Problem]) -> RawScript | None:
    if not isinstance(item, dict) or not isinstance(item.get("post"), str):
        problems.append(Problem(file, line, "post", mistake("no_post")))
        return None
    similar, replies = item.get("similarQuestions") or [], item.get("replies")
    if not isinstance(similar, list) or not isinstance(replies, list):
        problems.append(Problem(file, line, "replies", mistake("no_replies")))
        return None
    said = [reply["content"] for reply in replies if isinstance(reply, dict) and isinstance(reply.get("content"), str)]
    if len(said) < len(replies):
        left_out.append(Problem(file, line, "replies", mistake("replies_left_out", count=len(replies) - len(said))))
    post = item["post"].strip()
    questions = [post, *(question for question in similar if not isinstance(question, str) or question.strip())]
    values: dict[str, Any] = {
        "id": id_of(item.get("docId"), "faq-", post),
        "title": post[:TITLE_CHARACTERS],
        "category": [entry for entry in item.get("categories") or [] if isinstance(entry, str) and entry.strip()],
        "stage": "before",
        "questions": questions,
        "answers": {DEFAULT_CHANNEL: "\n".join(text.strip() for text in said)},
        "state": "live" if item.get("enabled", True) else "draft",
    }
    return RawScript(line, values, columns=_COLUMNS)


def _plain(script: Script) -> dict[str, object]:
    return {
        "docId": script.id,
        "categories": list(script.category),
        "enabled": script.state == "live",
        "post": script.questions[0],
        "replies": [{"rtype": "plain", "content": script.answers[DEFAULT_CHANNEL]}],
        "similarQuestions": list(script.questions[1:]),
    }


def _kept(script: Script) -> Script:
    """What reading the file again would give."""
    return Script(
        id=script.id,
        title=script.questions[0][:TITLE_CHARACTERS],
        category=script.category,
        stage="before",
        questions=script.questions,
        answers={DEFAULT_CHANNEL: script.answers[DEFAULT_CHANNEL]},
        state="live" if script.state == "live" else "draft",
    )
