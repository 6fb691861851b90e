"""What is an approved thing to say, and when is it well formed?"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, get_args

from knowledge_base.attachments import MAX_ATTACHMENTS, Attachment, attachment_to_plain
from knowledge_base.checks import check_choice, check_id, check_text
from knowledge_base.hours import Window
from knowledge_base.problems import ScriptInvalid, Term, mistake
from knowledge_base.unwritten import is_written

Stage = Literal["before", "during", "after"]
State = Literal["draft", "review", "live", "retired"]

DEFAULT_CHANNEL = "default"
CHANNELS = (DEFAULT_CHANNEL, "official_account", "wecom_kf")
STAGES: tuple[str, ...] = get_args(Stage)
STATES: tuple[str, ...] = get_args(State)
MAX_QUESTIONS = 200
MAX_QUESTION_CHARACTERS = 500
MAX_ANSWER_CHARACTERS = 4_000  # about six text messages of 2048 bytes; more is an article, send a link
MAX_CONDITIONS = 100
MAX_CONDITION_CHARACTERS = 64  # a QR scene has 64 [OA qrcode/create], a tag's name 30 [W 92117]

_REGION_NOISE = re.compile(r"[\s/／>、-]|省|市|自治区|特别行政区")


@dataclass(frozen=True, slots=True)
class Script:
    """One question customers ask, with what the shop has approved to say.

    questions: the standard question first, then other ways to ask it. answers: text by channel; the key "default"
    serves every channel without its own. attachments: sent after the answer, in this order. Only `live` scripts are
    found, from `valid_from` to `valid_until`, both included, counted in the shop's own days.

    Conditions of use, each empty for everyone: channels: only on these. scenes: where the customer came from (QR
    scene, 微信客服 scene). tags: she has one of these. regions: hers begins with one of these ("广东", "广东深圳").
    hours: one of these windows holds.
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
    attachments: tuple[Attachment, ...] = ()
    channels: tuple[str, ...] = ()
    scenes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    hours: tuple[Window, ...] = ()

    def __post_init__(self) -> None:
        broken = [error for check in _CHECKS if (error := _broken(check, self)) is not None]
        if broken:
            broken[0].more = tuple(broken[1:])
            raise broken[0]

    def answer(self, channel: str) -> str:
        """What to say on this channel."""
        return self.answers.get(channel) or self.answers[DEFAULT_CHANNEL]

    def valid_on(self, day: date) -> bool:
        """Whether the script may be said on that day."""
        return not ((self.valid_from and day < self.valid_from) or (self.valid_until and day > self.valid_until))

    def serves(
        self, *, channel: str, at: datetime, region: str = "", tags: Collection[str] = (), scene: str = ""
    ) -> bool:
        """Whether it may be said to this customer now; at: aware, in the shop's time zone.

        What is not known of her ("", no tags) meets no condition that asks for it.
        """
        return (
            self.valid_on(at.date())
            and (not self.channels or channel in self.channels)
            and (not self.scenes or scene in self.scenes)
            and (not self.tags or any(tag in tags for tag in self.tags))
            and (not self.regions or _lies_in(region, self.regions))
            and (not self.hours or any(window.holds(at) for window in self.hours))
        )


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
        "attachments": [attachment_to_plain(each) for each in script.attachments],
        "state": script.state,
        "owner": script.owner,
        "related": list(script.related),
        "channels": list(script.channels),
        "scenes": list(script.scenes),
        "tags": list(script.tags),
        "regions": list(script.regions),
        "hours": [str(window) for window in script.hours],
        "valid_from": script.valid_from and script.valid_from.isoformat(),
        "valid_until": script.valid_until and script.valid_until.isoformat(),
    }
    return {key: value for key, value in plain.items() if value not in (None, "", [])}


def fingerprint(script: Script) -> str:
    """Changes with any change of the script's content."""
    plain = json.dumps(to_plain(script), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:32]


def _lies_in(region: str, regions: tuple[str, ...]) -> bool:
    """`广东省深圳市` lies in `广东` and `广东深圳`: the words of the administration do not count."""
    hers = _REGION_NOISE.sub("", region)
    return bool(hers) and any(hers.startswith(_REGION_NOISE.sub("", each)) for each in regions)


def _broken(check: Callable[[Script], None], script: Script) -> ScriptInvalid | None:
    try:
        check(script)
    except ScriptInvalid as error:
        return error
    return None


def _check_labels(script: Script) -> None:
    check_id(script.id)
    check_text("title", script.title, 200)


def _check_stage(script: Script) -> None:
    check_choice("stage", script.stage, STAGES)


def _check_state(script: Script) -> None:
    check_choice("state", script.state, STATES)


def _check_questions(script: Script) -> None:
    questions = script.questions
    if not questions:
        raise ScriptInvalid("questions", mistake("no_question"))
    if len(questions) > MAX_QUESTIONS:
        raise ScriptInvalid("questions", mistake("too_many", count=len(questions), most=MAX_QUESTIONS))
    for question in questions:
        check_text("questions", question, MAX_QUESTION_CHARACTERS)


def _check_answers(script: Script) -> None:
    if DEFAULT_CHANNEL not in script.answers:
        raise ScriptInvalid("answers", mistake("no_default"))
    for channel, text in script.answers.items():
        check_choice("answers", channel, CHANNELS)
        check_text(f"answers.{channel}", text, MAX_ANSWER_CHARACTERS)
    if script.state in ("review", "live") and not is_written(script.answers):
        raise ScriptInvalid("answers", mistake("to_be_written", state=Term(script.state)))


def _check_category(script: Script) -> None:
    if any(not part.strip() for part in script.category):
        raise ScriptInvalid("category", mistake("empty_level"))


def _check_related(script: Script) -> None:
    for other in script.related:
        check_id(other, "related")


def _check_validity(script: Script) -> None:
    first, last = script.valid_from, script.valid_until
    if first and last and last < first:
        raise ScriptInvalid("valid_until", mistake("ends_before", first=first, last=last))


def _check_attachments(script: Script) -> None:
    if len(script.attachments) > MAX_ATTACHMENTS:
        raise ScriptInvalid("attachments", mistake("too_many_attachments", most=MAX_ATTACHMENTS))


def _check_channels(script: Script) -> None:
    for channel in script.channels:
        check_choice("channels", channel, CHANNELS[1:])


def _check_conditions(script: Script) -> None:
    for name in ("scenes", "tags", "regions"):
        wanted: tuple[str, ...] = getattr(script, name)
        if len(wanted) > MAX_CONDITIONS:
            raise ScriptInvalid(name, mistake("too_many", count=len(wanted), most=MAX_CONDITIONS))
        for each in wanted:
            check_text(name, each, MAX_CONDITION_CHARACTERS)
    if any(not _REGION_NOISE.sub("", region) for region in script.regions):
        raise ScriptInvalid("regions", mistake("no_region"))


_CHECKS = (
    _check_labels,
    _check_stage,
    _check_state,
    _check_questions,
    _check_answers,
    _check_category,
    _check_related,
    _check_validity,
    _check_attachments,
    _check_channels,
    _check_conditions,
)
