"""What is an approved thing to say, and when is it well formed?"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, get_args

from knowledge_base.problems import ScriptInvalid

Stage = Literal["before", "during", "after"]
State = Literal["draft", "review", "live", "retired"]

DEFAULT_CHANNEL = "default"
CHANNELS = (DEFAULT_CHANNEL, "official_account", "wecom_kf")
STAGES: tuple[str, ...] = get_args(Stage)
STATES: tuple[str, ...] = get_args(State)
MAX_QUESTIONS = 200
MAX_QUESTION_CHARACTERS = 500
MAX_ANSWER_CHARACTERS = 4_000  # about six text messages of 2048 bytes; more is an article, send a link

_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character: no encoding can write it
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")  # fits a menu item's id, 64 bytes


@dataclass(frozen=True, slots=True)
class Script:
    """One question customers ask, with what the shop has approved to say.

    questions: the standard question first, then other ways to ask it. answers: text by channel; the key "default"
    serves every channel without its own. Only `live` scripts are found, from `valid_from` to `valid_until`, both
    included, counted in the shop's own days.
    """

    id: str
    title: str
    category: tuple[str, ...]
    stage: Stage
    questions: tuple[str, ...]
    answers: Mapping[str, str] = field(hash=False)
    state: State = "live"
    owner: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    related: tuple[str, ...] = ()
    intent: str | None = None

    def __post_init__(self) -> None:
        check_id(self.id)
        _check_text("title", self.title, 200)
        _check_choice("stage", self.stage, STAGES)
        _check_choice("state", self.state, STATES)
        _check_questions(self.questions)
        _check_answers(self.answers)
        if any(not part.strip() for part in self.category):
            raise ScriptInvalid("category", "a part is empty; remove it")
        for other in self.related:
            check_id(other, "related")
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ScriptInvalid(
                "valid_until", f"{self.valid_until} lies before valid_from {self.valid_from}; swap them"
            )

    def answer(self, channel: str) -> str:
        """What to say on this channel."""
        return self.answers.get(channel) or self.answers[DEFAULT_CHANNEL]

    def valid_on(self, day: date) -> bool:
        """Whether the script may be said on that day."""
        return not ((self.valid_from and day < self.valid_from) or (self.valid_until and day > self.valid_until))


def to_plain(script: Script) -> dict[str, Any]:
    """The script as JSON values, in the words of the YAML format, without what is default."""
    plain: dict[str, Any] = {
        "id": script.id,
        "title": script.title,
        "category": list(script.category),
        "stage": script.stage,
        "intent": script.intent,
        "questions": list(script.questions),
        "answers": dict(script.answers),
        "state": script.state,
        "owner": script.owner,
        "related": list(script.related),
        "valid_from": script.valid_from and script.valid_from.isoformat(),
        "valid_until": script.valid_until and script.valid_until.isoformat(),
    }
    return {key: value for key, value in plain.items() if value not in (None, "", [])}


def fingerprint(script: Script) -> str:
    """Changes with any change of the script's content."""
    plain = json.dumps(to_plain(script), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:32]


def check_id(value: str, field_name: str = "id") -> None:
    """Raise ScriptInvalid where the id is not of the allowed form."""
    if not _ID.fullmatch(value):
        raise ScriptInvalid(
            field_name,
            f"{value[:40]!r} is no id; use up to 64 letters, digits, '-', '_', '.', starting with none of the last",
        )


def _check_text(name: str, value: str, longest: int) -> None:
    if not value.strip():
        raise ScriptInvalid(name, "is empty; write it")
    if len(value) > longest:
        raise ScriptInvalid(name, f"has {len(value)} characters, at most {longest} are allowed; shorten it")
    if "\0" in value or _SURROGATE.search(value):
        raise ScriptInvalid(name, "holds a character that is no text; type it again")


def _check_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ScriptInvalid(name, f"{value[:40]!r} is not one of {', '.join(allowed)}")


def _check_questions(questions: tuple[str, ...]) -> None:
    if not questions:
        raise ScriptInvalid("questions", "there is none; write how customers ask")
    if len(questions) > MAX_QUESTIONS:
        raise ScriptInvalid("questions", f"{len(questions)} are too many, at most {MAX_QUESTIONS}; split the script")
    for question in questions:
        _check_text("questions", question, MAX_QUESTION_CHARACTERS)


def _check_answers(answers: Mapping[str, str]) -> None:
    if DEFAULT_CHANNEL not in answers:
        raise ScriptInvalid("answers", "there is no default; every script needs one answer for all channels")
    for channel, text in answers.items():
        _check_choice("answers", channel, CHANNELS)
        _check_text(f"answers.{channel}", text, MAX_ANSWER_CHARACTERS)
