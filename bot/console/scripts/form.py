"""What stands in the form of a script, and which script does it make? Texts in, a script or its mistakes out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web
from multidict import MultiMapping

from knowledge_base import CHANNELS, TO_BE_WRITTEN, ImportFailed, Script, script_of, to_plain

MOST_ATTACHMENTS: Final = 4
LINES: Final = ("scenes", "tags", "regions", "hours")
PARTS: Final = ("kind", "source", "title", "description", "url", "thumb", "app_id", "page", "head", "scripts")
_APART = re.compile(r"[\s,，、;；]+")
_PLAIN: Final = ("id", "title", "stage", "intent", "owner", "valid_from", "valid_until")


@dataclass(frozen=True, slots=True)
class Form:
    """As it was typed. attachments: their fields, as many as may be sent. mistakes: by field, in words."""

    texts: Mapping[str, str]
    channels: Sequence[str] = ()
    attachments: Sequence[Mapping[str, str]] = ()
    mistakes: Mapping[str, str] = field(default_factory=dict)


def form_of(script: Script) -> Form:
    """The form that makes this script."""
    plain = to_plain(script)
    texts = {name: str(plain.get(name) or "") for name in _PLAIN}
    texts |= {name: "\n".join(plain.get(name, ())) for name in LINES}
    texts |= {f"answer_{channel}": script.answers.get(channel, "") for channel in CHANNELS}
    if texts["answer_default"] == TO_BE_WRITTEN:
        texts["answer_default"] = ""
    texts |= {
        "category": "/".join(script.category),
        "related": " ".join(script.related),
        "question": script.questions[0],
        "similar": "\n".join(script.questions[1:]),
    }
    attachments = [
        {name: " ".join(value) if isinstance(value, list) else str(value) for name, value in each.items()}
        for each in plain.get("attachments", [])
    ]
    return Form(texts, script.channels, _filled(attachments))


def empty_form() -> Form:
    """The form of a new script."""
    return Form({"stage": "before"}, (), _filled([]))


def posted_form(fields: MultiMapping[Any]) -> Form:
    """The form as it came. Raises HTTPBadRequest for a file."""
    if any(isinstance(value, web.FileField) for value in fields.values()):
        raise web.HTTPBadRequest
    texts = {name: str(value).replace("\r\n", "\n") for name, value in fields.items()}
    attachments = [
        {part: texts.get(f"a{number}_{part}", "").strip() for part in PARTS} for number in range(MOST_ATTACHMENTS)
    ]
    return Form(texts, tuple(map(str, fields.getall("channels", []))), attachments)


def script_in(form: Form, script_id: str = "") -> Script | Form:
    """The draft that it makes, or the form with its mistakes. script_id: of the script being changed."""
    try:
        return script_of(_values(form, script_id))
    except ImportFailed as failed:
        mistakes = {each.column.partition(".")[0]: each.said("zh") for each in reversed(failed.problems)}
        mistakes |= {each.column: each.said("zh") for each in failed.problems}
        return Form(form.texts, form.channels, form.attachments, mistakes)


def _values(form: Form, script_id: str) -> dict[str, Any]:
    texts = {name: text.strip() for name, text in form.texts.items()}
    question = texts.get("question", "")
    answers = {channel: text for channel in CHANNELS if (text := texts.get(f"answer_{channel}", ""))}
    return {
        **{name: texts.get(name, "") for name in _PLAIN},
        "id": script_id or texts.get("id") or _new_id(question),
        "title": texts.get("title") or question,
        "category": [part.strip() for part in texts.get("category", "").split("/") if part.strip()],
        "questions": [each for each in (question, *_lines(texts.get("similar", ""))) if each],
        "answers": {"default": TO_BE_WRITTEN} | answers,
        "related": [each for each in _APART.split(texts.get("related", "")) if each],
        "channels": list(form.channels),
        "state": "draft",
        "attachments": [_attachment(each) for each in form.attachments if each.get("kind")],
        **{name: _lines(texts.get(name, "")) for name in LINES},
    }


def _attachment(parts: Mapping[str, str]) -> dict[str, Any]:
    kind = parts["kind"]
    wanted = {
        "picture": ("source",),
        "video": ("source",),
        "link": ("title", "description", "url", "thumb"),
        "mini_program": ("app_id", "page", "title", "thumb"),
        "menu": ("head", "scripts"),
    }.get(kind, ())
    values: dict[str, Any] = {"kind": kind, **{name: parts.get(name, "") for name in wanted}}
    if kind == "menu":
        values["scripts"] = [each for each in _APART.split(values["scripts"]) if each]
    return values


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _filled(attachments: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    return [*attachments, *({} for _ in range(MOST_ATTACHMENTS - len(attachments)))]


def _new_id(question: str) -> str:
    """The same for the same question, so that saving twice makes one script."""
    return f"s-{hashlib.sha256(question.encode('utf-8', 'replace')).hexdigest()[:10]}"
