"""Can a pack change what is said, and is a mistake named?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.phrases import PhraseError, default_phrases
from handoff import SIGNALS, Danger, Refusal

SOURCES = [path for path in Path("bot").rglob("*.py") if not {"simulator", "console"} & set(path.parts)]


def test_a_phrase_is_filled_in() -> None:
    assert "花颜美妆" in default_phrases().say("customer.followed", shop="花颜美妆")


def test_a_pack_may_say_it_differently() -> None:
    mine = default_phrases().with_overrides({"customer.followed": "欢迎光临{shop}"})
    assert mine.say("customer.followed", shop="小店") == "欢迎光临小店"


@pytest.mark.parametrize(
    ("overrides", "kind", "values"),
    [
        ({"customer.folowed": "x"}, "no_phrase", {"name": "customer.folowed"}),
        ({"customer.followed": "{sohp}"}, "no_placeholder", {"name": "customer.followed", "field": "sohp"}),
        ({"customer.followed": "{shop"}, "unbalanced_braces", {"name": "customer.followed"}),
    ],
)
def test_a_mistake_is_named(overrides: dict[str, str], kind: str, values: dict[str, str]) -> None:
    with pytest.raises(PhraseError) as caught:
        default_phrases().with_overrides(overrides)
    assert (caught.value.kind, caught.value.values) == (kind, values)


def test_every_refusal_and_every_reason_has_words() -> None:
    sentences = default_phrases().sentences
    assert {f"refusals.{reason}" for reason in Refusal} <= set(sentences)
    assert {f"reasons.{signal}" for signal in SIGNALS} <= set(sentences)


CHECKED = {"customer", "moments", "agent", "advice", "transcript", "withdrawal"}
BY_VALUE = {
    "refusals",
    "reasons",
    "channels",
    "content",
    "sla",
    "survey",
}  # named by a value that the code only passes on


def test_every_phrase_that_the_code_names_exists_and_none_is_left_over() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    code = re.sub(r"_log\.\w+\(\s*\"[a-z_.]+\"", "", code)  # what is logged is no phrase
    sections = {name.split(".")[0] for name in default_phrases().sentences}
    named = set(re.findall(rf'"((?:{"|".join(CHECKED)})\.[a-z_]+)"', code))
    named |= {f"agent.sla_{danger}" for danger in Danger}  # by value
    ours = {name for name in default_phrases().sentences if name.split(".")[0] in CHECKED}
    assert sections == CHECKED | BY_VALUE
    assert named == ours
