"""How are question–answer bases of Chatopera (JSON: post, replies, similarQuestions) read and written?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from knowledge_base.building import RawScript, build_all
from knowledge_base.problems import ImportFailed, Problem, ScriptInvalid
from knowledge_base.script import DEFAULT_CHANNEL, Script, check_id

_TITLE_CHARACTERS = 60
_COLUMNS = {"id": "docId", "questions": "post", "title": "post", "answers": "replies", "category": "categories"}


def read_chatopera(file: Path, text: str) -> tuple[Script, ...]:
    """Read scripts: `post` asks, `similarQuestions` ask too, the plain `replies` answer, in their order.

    Raises:
        ImportFailed: with line and key of every mistake.
    """
    problems: list[Problem] = []
    raw = [entry for line, item in _items(file, text) if (entry := _entry(file, line, item, problems))]
    return build_all(file, raw, problems)


def write_chatopera(scripts: Sequence[Script]) -> str:
    """Write scripts; what the format does not know (stage, channels, validity, intent) is left out."""
    return json.dumps([_plain(script) for script in scripts], ensure_ascii=False, indent=2) + "\n"


def _items(file: Path, text: str) -> Iterator[tuple[int, object]]:
    """The items of the top list with the lines they start on."""
    decoder = json.JSONDecoder()
    position = _skip(text, 0)
    if text[position : position + 1] != "[":
        raise ImportFailed((Problem(file, 1, "", "must be a list of {post, replies, similarQuestions}"),))
    position = _skip(text, position + 1)
    try:
        while text[position : position + 1] != "]":
            item, end = decoder.raw_decode(text, position)
            yield text.count("\n", 0, position) + 1, item
            position = _skip(text, end)
            if text[position : position + 1] == ",":
                position = _skip(text, position + 1)
            elif text[position : position + 1] != "]":
                raise _broken(file, text.count("\n", 0, position) + 1)
    except (json.JSONDecodeError, RecursionError) as error:
        raise _broken(file, error.lineno if isinstance(error, json.JSONDecodeError) else 1) from error


def _broken(file: Path, line: int) -> ImportFailed:
    return ImportFailed((Problem(file, line, "", "not valid JSON; check commas, quotes and brackets there"),))


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def _entry(file: Path, line: int, item: object, problems: list[Problem]) -> RawScript | None:
    if not isinstance(item, dict) or not isinstance(item.get("post"), str):
        problems.append(Problem(file, line, "post", 'is missing; each item needs "post": "question"'))
        return None
    similar, replies = item.get("similarQuestions") or [], item.get("replies")
    if not isinstance(similar, list) or not isinstance(replies, list):
        problems.append(Problem(file, line, "replies", 'must be a list of {"rtype": "plain", "content": "…"}'))
        return None
    said = [reply["content"] for reply in replies if isinstance(reply, dict) and isinstance(reply.get("content"), str)]
    post = item["post"].strip()
    questions = [post, *(question for question in similar if not isinstance(question, str) or question.strip())]
    values: dict[str, Any] = {
        "id": _id(item.get("docId"), post),
        "title": post[:_TITLE_CHARACTERS],
        "category": [entry for entry in item.get("categories") or [] if isinstance(entry, str) and entry.strip()],
        "stage": "before",
        "questions": questions,
        "answers": {DEFAULT_CHANNEL: "\n".join(text.strip() for text in said)},
        "state": "live" if item.get("enabled", True) else "draft",
    }
    return RawScript(line, values, columns=_COLUMNS)


def _id(given: object, post: str) -> str:
    if isinstance(given, str):
        try:
            check_id(given)
        except ScriptInvalid:
            pass
        else:
            return given
    return "faq-" + hashlib.sha256(post.encode("utf-8", "replace")).hexdigest()[:16]


def _plain(script: Script) -> dict[str, object]:
    return {
        "docId": script.id,
        "categories": list(script.category),
        "enabled": script.state == "live",
        "post": script.questions[0],
        "replies": [{"rtype": "plain", "content": script.answers[DEFAULT_CHANNEL]}],
        "similarQuestions": list(script.questions[1:]),
    }
