"""Does tags.yaml become the rules it says, and does every mistake get its line and a remedy?"""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import pytest

from archive.tagging import (
    CameFrom,
    Clue,
    Each,
    Figure,
    HasIntent,
    HasKeyword,
    HasMood,
    HasSignal,
    HasTopic,
    SessionShows,
    ShowsOrder,
    Signal,
    WithinHours,
)
from bot.content.pack import read_pack
from bot.content.problems import PackBroken
from tests.packs import write_pack

HEAD = "version: 1\ngroups: {兴趣: {}, 价格: {alternatives: true}}\ntags:\n"
TAG = "  - name: {name}\n    group: {group}\n    clues:\n      - {clue}\n"


def tags(*each: str) -> str:
    return HEAD + "".join(each)


def tag(clue: str = "{keywords: [口红], weight: 0.5}", *, name: str = "美妆", group: str = "兴趣") -> str:
    return TAG.format(name=name, group=group, clue=clue)


def problems(folder: Path, text: str) -> list[str]:
    pack = write_pack(folder / "pack")
    (pack / "tags.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PackBroken) as broken:
        read_pack(pack)
    return [f"{Path(each.file).name}:{each.line}: {each.message}" for each in broken.value.problems]


def test_what_each_clue_becomes(tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "pack")
    clues = (
        "{keywords: [口红, 粉底], intents: [urge], weight: 0.5, within: 7d, count: 2, each: day}",
        "{topics: [彩妆], sources: [live], weight: 0.1}",
        "{mood: {at_most: -0.3}, signals: {urgency: 0.6, complaint: 0.2}, weight: 0.1}",
        '{hours: "22:00-06:00", orders: true, session: {satisfaction: {at_most: 2}}, weight: 0.1}',
    )
    text = tags(tag(clues[0] + "".join(f"\n      - {each}" for each in clues[1:])), tag(name="价廉", group="价格"))
    (pack / "tags.yaml").write_text(text + "    excludes: [美妆]\n    priority: 3\n", encoding="utf-8")
    rules = read_pack(pack).shop.tags
    first, second = rules.rules
    week, season = timedelta(days=7), timedelta(days=90)
    assert first.clues == (
        Clue((HasKeyword(frozenset({"口红", "粉底"})), HasIntent(frozenset({"urge"}))), 0.5, week, 2, Each.DAY),
        Clue((HasTopic(frozenset({"彩妆"})), CameFrom(frozenset({"live"}))), 0.1, season),
        Clue((HasMood(-1, -0.3), HasSignal(Signal.COMPLAINT, 0.2), HasSignal(Signal.URGENCY, 0.6)), 0.1, season),
        Clue((WithinHours(time(22), time(6)), ShowsOrder(), SessionShows(Figure.SATISFACTION, None, 2)), 0.1, season),
    )
    assert (second.excludes, second.priority, rules.alternatives) == (frozenset({"美妆"}), 3, frozenset({"价格"}))
    assert rules.clash("美妆", "价廉")
    assert str(rules.zone) == "Asia/Shanghai"


def test_no_file_is_no_tag(tmp_path: Path) -> None:
    assert read_pack(write_pack(tmp_path / "pack")).shop.tags.rules == ()


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (tags(tag("{weight: 0.5}")), 7, "looks for nothing"),
        (tags("  - {name: 美妆, group: 兴趣, clues: []}\n"), 4, "write at least one clue"),
        (tags(tag("{keywords: [口红]}")), 7, "weight: is missing; add it"),
        (tags(tag("{keywords: [口红], weight: 1.5}")), 7, "less than 1"),
        (tags(tag("{keywords: [口红], weight: 0.5, within: 3}")), 7, "write it as 90s, 10m, 2h or 3d"),
        (tags(tag("{hours: 22-6, weight: 0.5}")), 7, 'write it as "22:00-06:00"'),
        (tags(tag("{mood: {}, weight: 0.5}")), 7, "write at_least, at_most or both"),
        (tags(tag("{mood: {at_least: 1, at_most: 0}, weight: 0.5}")), 7, "exchange them"),
        (tags(tag("{signals: {anger: 0.5}, weight: 0.5}")), 7, "'urgency', 'complaint', 'churn' or 'purchase'"),
        (tags(tag("{intents: [nobody], weight: 0.5}")), 7, "no intent is called 'nobody'"),
        (tags(tag(name="字" * 31)), 4, "at most 30 characters"),
        (tags(tag(group="别的")), 5, "no group is called '别的'"),
        (tags(tag(), tag()), 8, "two tags are called '美妆'"),
        (tags(tag() + "    excludes: [没有]\n"), 8, "no tag is called '没有'"),
        (tags(tag() + "    fades: 0.9\n"), 4, "fades lies above appears"),
        (tags(tag() + "    colour: red\n"), 8, "Extra inputs are not permitted"),
        ("", 1, "is empty"),
        ("tags: [", 1, "not valid YAML"),
    ],
)
def test_a_mistake_gets_its_line_and_a_remedy(tmp_path: Path, text: str, line: int, words: str) -> None:
    [problem] = problems(tmp_path, text)
    assert problem.startswith(f"tags.yaml:{line}: "), problem
    assert words in problem


def test_an_intent_of_a_script_may_be_named(tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "pack")
    (pack / "tags.yaml").write_text(tags(tag("{intents: [faq/shipping], weight: 0.5}")), encoding="utf-8")
    assert read_pack(pack).shop.tags.rules


def test_the_example_names_what_the_issue_asks_for() -> None:
    rules = read_pack(Path("examples/cosmetics")).shop.tags
    assert {"美妆爱好者", "时效敏感", "价格敏感", "夜间活跃", "投诉风险"} <= set(rules.by_name)
