"""What is in a content pack? A folder of YAML, read and checked as a whole before anything is applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from archive.analysis import QualityRule
from archive.reviews import ScoreSheet
from bot.content.pack_shape import HoursShape, PackShape, slots_of, tariff_of
from bot.content.pictures import read_pictures
from bot.content.problems import PackBroken, PackProblem, problem, shape_problems
from bot.content.quality_shape import QualityShape, rules_of
from bot.content.sheets_shape import SheetsShape, sheet_problems, sheets_of
from bot.content.shop import Shop
from bot.content.tags_shape import TagsShape, tag_problems, tag_rules_of
from bot.phrases import PhraseError, default_phrases
from handoff import Calendar, Policy, PolicyError, parse_policy
from knowledge_base import ImportFailed, Script, read_scripts
from nlu import TrainingData, TrainingDataError, read_training_data

PACK_FILE, REPLIES_FILE, HANDOFF_FILE = "pack.yaml", "replies.yaml", "handoff.yaml"
QUALITY_FILE, TAGS_FILE, SHEETS_FILE = "quality.yaml", "tags.yaml", "scoresheet.yaml"
SCRIPTS_FOLDER, INTENTS_FOLDER = "scripts", "intents"
KEPT = frozenset({".yaml", ".yml", ".md", ".csv"})


@dataclass(frozen=True, slots=True)
class Pack:
    """A checked pack.

    files: name within the pack → text, scripts excepted (they are kept one by one). pictures: name → bytes of every
    picture and video.
    """

    name: str
    files: Mapping[str, str]
    scripts: tuple[Script, ...]
    training: TrainingData
    shop: Shop
    pictures: Mapping[str, bytes]


def read_pack(folder: Path) -> Pack:
    """Read and check a pack. Raises PackBroken with every mistake: file, line and remedy."""
    if not (folder / PACK_FILE).is_file():
        raise PackBroken([problem(str(folder / PACK_FILE), 0, "no_pack")])
    problems: list[PackProblem] = []
    scripts = _scripts(folder / SCRIPTS_FOLDER, problems)
    pictures = read_pictures(folder, scripts, problems)
    shop, training = read_shop(folder, problems)
    if problems or shop is None or training is None:
        raise PackBroken(problems)
    files = {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in KEPT and path.relative_to(folder).parts[0] != SCRIPTS_FOLDER
    }
    return Pack(name=shop.name, files=files, scripts=scripts, training=training, shop=shop, pictures=pictures)


def read_shop(folder: Path, problems: list[PackProblem]) -> tuple[Shop | None, TrainingData | None]:
    """Everything of a pack but its scripts; what is wrong is added to `problems`."""
    shape = _pack_shape(folder / PACK_FILE, problems)
    policy = _policy(folder / HANDOFF_FILE, problems)
    replies = _replies(folder / REPLIES_FILE, problems)
    quality = _quality(folder / QUALITY_FILE, problems)
    sheets = _sheets(folder / SHEETS_FILE, quality, problems)
    training = _training(folder / INTENTS_FOLDER, problems)
    tags = _tags(folder / TAGS_FILE, training, problems)
    if shape is None or policy is None:
        return None, training
    if training is not None:
        problems.extend(_strangers(shape, policy, training))
    shop = _shop(shape, policy, replies, problems)
    if shop is not None and tags is not None:
        shop = replace(shop, tags=tag_rules_of(tags, shop.timezone))
    if shop is not None:
        shop = replace(shop, quality=quality, sheets=sheets, words=_words(training))
    return shop, training


def _words(training: TrainingData | None) -> tuple[str, ...]:
    """What the shop's lists of words name, in whatever way it is called."""
    if training is None:
        return ()
    listed = (word for words in training.lookups.values() for word in words)
    called = (word for value, words in training.synonyms.items() for word in (value, *words))
    return tuple(sorted({*listed, *called}))


def _shop(
    shape: PackShape, policy: Policy, replies: Mapping[str, tuple[str, ...]], problems: list[PackProblem]
) -> Shop | None:
    greetings = {"customer.followed": shape.greetings.follow, "customer.entered": shape.greetings.enter_session}
    overrides = {**shape.phrases, **{name: text for name, text in greetings.items() if text}}
    try:
        timezone = ZoneInfo(shape.timezone)
        return Shop(
            name=shape.shop,
            timezone=timezone,
            phrases=default_phrases().with_overrides(overrides),
            small_talk=replies,
            policy=_with_hours(policy, timezone, shape.hours),
            tariff=tariff_of(shape.decision),
            slots=slots_of(shape.slots),
            withdrawals=frozenset(shape.privacy.withdraw),
        )
    except PhraseError as error:
        problems.append(problem(PACK_FILE, 0, error.kind, **error.values))
    except (ZoneInfoNotFoundError, ValueError):
        problems.append(problem(PACK_FILE, 0, "no_timezone", name=shape.timezone))
    return None


def _with_hours(policy: Policy, timezone: ZoneInfo, hours: HoursShape) -> Policy:
    """The cover's hours are the shop's calendar where handoff.yaml gives none. opens == closes: around the clock."""
    if "" in policy.calendars:
        return policy
    daily = Calendar("", timezone, (((hours.opens, hours.closes),),) * 7)
    return replace(policy, calendars={**policy.calendars, "": daily})


def _strangers(shape: PackShape, policy: Policy, training: TrainingData) -> list[PackProblem]:
    """What names an intent or a rule that is not there would never happen."""
    intents, rules = set(training.intents), {rule.name for rule in policy.rules}
    named = [
        (kind, f"slots.{name}.{field}", stranger)
        for name, slot in shape.slots.items()
        for field, kind, wanted, known in (
            ("intents", "no_intent", slot.intents, intents),
            ("rules", "no_rule", slot.rules, rules),
        )
        for stranger in wanted
        if stranger not in known
    ]
    named += [("no_intent", "privacy.withdraw", each) for each in shape.privacy.withdraw if each not in intents]
    return [problem(PACK_FILE, 0, kind, where=where, name=stranger) for kind, where, stranger in named]


def _pack_shape(file: Path, problems: list[PackProblem]) -> PackShape | None:
    data = load_yaml(file, problems)
    if data is None:
        return None
    try:
        return PackShape.model_validate(data)
    except ValidationError as error:
        problems.extend(shape_problems(str(file), data, error))
        return None


def read_policy(file: Path) -> Policy:
    """The rules of a handoff.yaml alone. Raises PackBroken with every mistake."""
    problems: list[PackProblem] = []
    policy = _policy(file, problems)
    if policy is None:
        raise PackBroken(problems)
    return policy


def _policy(file: Path, problems: list[PackProblem]) -> Policy | None:
    data = load_yaml(file, problems)
    if data is None:
        return None
    try:
        return parse_policy(data, str(file))
    except PolicyError as error:
        problems.extend(
            PackProblem(
                str(file), each.line or 0, f"{each.field}: {each.remedy}", f"{each.place('zh')}：{each.said('zh')}"
            )
            for each in error.problems
        )
        return None


def _quality(file: Path, problems: list[PackProblem]) -> tuple[QualityRule, ...]:
    """The rules of service; none where there is no such file."""
    data = load_yaml(file, problems) if file.exists() else None
    if data is None:
        return ()
    try:
        return rules_of(QualityShape.model_validate(data))
    except ValidationError as error:
        problems.extend(shape_problems(str(file), data, error))
        return ()


def _sheets(file: Path, rules: tuple[QualityRule, ...], problems: list[PackProblem]) -> tuple[ScoreSheet, ...]:
    """The score sheets; none where there is no such file."""
    data = load_yaml(file, problems) if file.exists() else None
    if data is None:
        return ()
    try:
        shape = SheetsShape.model_validate(data)
    except ValidationError as error:
        problems.extend(shape_problems(str(file), data, error))
        return ()
    problems.extend(sheet_problems(str(file), data, shape, {rule.name for rule in rules}))
    return sheets_of(shape)


def _tags(file: Path, training: TrainingData | None, problems: list[PackProblem]) -> TagsShape | None:
    """Customers' tags; none where there is no such file."""
    data = load_yaml(file, problems) if file.exists() else None
    if data is None:
        return None
    try:
        shape = TagsShape.model_validate(data)
    except ValidationError as error:
        problems.extend(shape_problems(str(file), data, error))
        return None
    if training is not None:
        problems.extend(tag_problems(str(file), data, shape, training.intents))
    return shape


def _replies(file: Path, problems: list[PackProblem]) -> Mapping[str, tuple[str, ...]]:
    if not file.exists():
        return {}
    data = load_yaml(file, problems)
    if not isinstance(data, dict):
        return {}
    replies: dict[str, tuple[str, ...]] = {}
    for intent, said in data.items():
        if not isinstance(said, list) or not all(isinstance(each, str) and each for each in said):
            problems.append(problem(str(file), 0, "no_replies", where=intent))
            continue
        replies[str(intent)] = tuple(str(each) for each in said)
    return replies


def _training(folder: Path, problems: list[PackProblem]) -> TrainingData | None:
    try:
        return read_training_data(folder)
    except TrainingDataError as error:
        problems.append(PackProblem(str(error.file), error.line, error.said("en"), error.said("zh")))
    except OSError as error:
        problems.append(problem(str(folder), 0, "no_folder", error=error.strerror))
    return None


def _scripts(folder: Path, problems: list[PackProblem]) -> tuple[Script, ...]:
    try:
        return read_scripts(folder)
    except ImportFailed as failure:
        for each in failure.problems:
            english, chinese = each.said("en"), each.said("zh")
            if each.column:
                english, chinese = f"{each.column}: {english}", f"{each.column}：{chinese}"
            problems.append(PackProblem(str(each.file), each.row, english, chinese))
        return ()


def load_yaml(file: Path, problems: list[PackProblem]) -> Any:
    """A YAML file with its line numbers, None (and a problem) where it cannot be read."""
    try:
        data = YAML(typ="rt").load(file.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark
        problems.append(problem(str(file), mark.line + 1 if mark else 0, "not_yaml", problem=error.problem))
        return None
    except (OSError, UnicodeDecodeError) as error:
        problems.append(problem(str(file), 0, "unreadable", error=type(error).__name__))
        return None
    if data is None:
        problems.append(problem(str(file), 1, "empty"))
    return data
