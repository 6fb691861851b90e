"""Has everything that can happen its words?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archive import Voice
from bot.console.catalogue import TEXTS, text, text_or
from bot.domain import MediaContent, MessageKind
from bot.phrases import default_phrases
from handoff import AgentStatus, Owner, Refusal

PHRASES = default_phrases()
SOURCES = sorted(Path(__file__).parents[2].joinpath("bot", "console").rglob("*.py"))


def test_every_closed_set_has_words() -> None:
    assert set(TEXTS["statuses"]) == {status.value for status in AgentStatus}
    assert {voice.value for voice in Voice} <= set(TEXTS["voices"])
    assert {owner.value for owner in Owner} <= set(TEXTS["owners"])
    assert {"opened", "assigned", "transferred", "queued", "returned", "closed"} <= set(TEXTS["events"])
    assert {"1", "2", "3", "4"} == set(TEXTS["priorities"])
    media = {kind.value for kind in MessageKind} - {"text", "event", "unknown"}
    assert media | set(MediaContent.__annotations__["media"].split('"')[1::2]) <= set(TEXTS["media"])


@pytest.mark.parametrize("refusal", list(Refusal))
def test_every_refusal_has_words(refusal: Refusal) -> None:
    assert PHRASES.say(f"refusals.{refusal}")


def test_every_text_that_the_code_names_is_there() -> None:
    named = {
        name
        for source in SOURCES
        for name in re.findall(r'\btext\(\s*"(\w+\.\w+)"', source.read_text(encoding="utf-8"))
    }
    assert named
    assert {name for name in named if name.split(".")[1] not in TEXTS[name.split(".")[0]]} == set()


def test_no_words_for_people_stand_in_the_code() -> None:
    chinese = re.compile(r'"[^"\n]*[\u4e00-\u9fff][^"\n]*"')
    for source in SOURCES:
        code = re.sub(r'"""[\s\S]*?"""', "", source.read_text(encoding="utf-8"))
        assert not chinese.search(code), source.name


def test_unknown_names_stand_for_themselves() -> None:
    assert text_or("actors", "wangfang") == "wangfang"
    with pytest.raises(KeyError):
        text("actors.wangfang")
