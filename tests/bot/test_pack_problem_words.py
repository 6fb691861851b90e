"""Does everything that can be wrong with a file of a pack have words in both languages?"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

import bot.content
import bot.phrases
from bot.content.problems import WORDS, shape_problems
from bot.content.quality_shape import QualityShape
from bot.content.sheets_shape import SheetsShape
from bot.content.tags_shape import TagsShape, tag_problems

HAN: Final = re.compile(r"[\u4e00-\u9fff]")
TAGS: Final = {
    "groups": {"兴趣": {"alternatives": False}},
    "tags": [
        {
            "name": "夜猫子",
            "group": "兴趣",
            "clues": [{"hours": "22:00-06:00", "weight": 0.5, "within": "30d", "mood": {"at_least": 0.1}}],
            "half_life": "60d",
            "priority": 1,
        }
    ],
}
QUALITY: Final = {
    "rules": [
        {"name": "太慢", "severity": "major", "slow_answer": {"over": "3m", "by": "person", "first": True}},
        {"name": "不该说", "forbidden": {"phrases": ["退一赔十"], "stages": ["before"]}},
        {"name": "没兑现", "broken_promise": {"phrases": ["稍后"], "within": "24h", "not_before": "10m"}},
        {"name": "没答上来", "caused_handover": {"reasons": ["nothing_found"]}},
    ]
}
SHEETS: Final = {"sheets": [{"name": "人工接待", "pass": 80, "nodes": [{"name": "问候", "weight": 40, "points": 2}]}]}
SHAPES: Final[dict[str, tuple[type[BaseModel], dict[str, Any]]]] = {
    "tags.yaml": (TagsShape, TAGS),
    "quality.yaml": (QualityShape, QUALITY),
    "scoresheet.yaml": (SheetsShape, SHEETS),
}
STRANGE: Final[tuple[Any, ...]] = (
    None,
    True,
    0,
    -1,
    10**6,
    1.5,
    "",
    "嗯",
    "x" * 300,
    [],
    {},
    ["嗯"],
    {"嗯": 1},
    {"at_least": 1, "at_most": 0},
)


def names(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


def test_both_languages_know_the_same_kinds_and_name_the_same_values() -> None:
    assert WORDS["en"].keys() == WORDS["zh"].keys()
    for kind, words in WORDS["zh"].items():
        assert HAN.search(words), kind
        assert names(words) == names(WORDS["en"][kind]), kind


def test_no_words_are_left_over() -> None:
    files = [*Path(bot.content.__file__).parent.glob("*.py"), Path(bot.phrases.__file__)]
    sources = "".join(each.read_text(encoding="utf-8") for each in files)
    assert [kind for kind in WORDS["en"] if f'"{kind}"' not in sources] == []


def places(data: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield at
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, part in parts:
        yield from places(part, (*at, name))


def put(data: dict[str, Any], at: tuple[str | int, ...], value: object) -> dict[str, Any]:
    changed = copy.deepcopy(data)
    part: Any = changed
    for name in at[:-1]:
        part = part[name]
    part[at[-1]] = value
    return changed


@given(st.data())
@pytest.mark.parametrize("file", SHAPES)
def test_whatever_stands_anywhere_is_refused_in_chinese_too(file: str, data: st.DataObject) -> None:
    shape, right = SHAPES[file]
    shape.model_validate(right)
    at = data.draw(st.sampled_from([each for each in places(right) if each]))
    if data.draw(st.booleans()):
        at = (*at[:-1], data.draw(st.sampled_from(["嗯", at[-1]])) if isinstance(at[-1], str) else at[-1])
    changed = put(right, at, data.draw(st.sampled_from(STRANGE)))
    try:
        shape.model_validate(changed)
    except ValidationError as error:
        found = shape_problems(file, changed, error)
        assert found
        assert [each for each in found if not HAN.search(each.chinese)] == []
        assert [each for each in found if "写法不对" in each.chinese] == []  # pydantic's own English in brackets


def test_what_parts_may_not_say_beside_each_other_is_told_in_both() -> None:
    changed = put(TAGS, ("tags", 0, "group"), "没有")
    (found,) = tag_problems("tags.yaml", changed, TagsShape.model_validate(changed), ())
    assert found.message == "tags.0.group: no group is called '没有'; add it under groups"
    assert found.chinese == "tags.0.group：没有分组“没有”，请在 groups 下加上它"
