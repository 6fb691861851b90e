"""What does the router get to know about a message? Facts from understanding, scripts, the customer and the clock."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

import nlu
from bot.content.shop import ADDRESS, Shop, divisions_of
from bot.insight import Question, Thought
from handoff import Facts, Router, is_urgent
from knowledge_base import Script
from nlu import Entity, Mood

PRODUCT: Final = "product"
_REMEMBERED: Final = 2_048  # texts whose mood was read
_HAN: Final = re.compile("[\u4e00-\u9fff]")


def facts_of(question: Question, thought: Thought, *, shop: Shop, script: Script | None, router: Router) -> Facts:
    """The facts of one question, `failures` left open. script: the best found.

    Moods of earlier messages are read only where they count.
    """
    understanding = thought.understanding
    region = region_of(question, understanding.entities, shop)
    facts = Facts(
        text=thought.words,
        intent=understanding.intent,
        confidence=understanding.confidence,
        choice=question.choice,
        best_probability=thought.passages[0].probability if thought.passages else 0.0,
        stage=script.stage if script else None,
        category=script.category if script else (),
        channel=question.channel.value,
        tags=question.tags,
        urgency=understanding.mood.urgency,
        sentiment=understanding.mood.sentiment,
        source=question.scene,
        region=region,
        position=question.position,
        goods=tuple(dict.fromkeys(each.value for each in understanding.entities if each.type == PRODUCT)),
        entities={each.type: each.value for each in understanding.entities},
        open_now=shop.is_open(question.at, region),
        language=language_of(thought.words),
        promises=question.promises,
    )
    # What she wanted when we asked for a fact is taken up again, and stands among her earlier messages: it is one wish.
    earlier = [text for text in question.recent if text != thought.asked]
    if not earlier or not router.needs_history(facts):
        return facts
    felt = [_mood(text) for text in earlier]
    return replace(
        facts, moods=tuple(each.sentiment for each in felt), urged=sum(is_urgent(each.urgency) for each in felt)
    )


def blind_facts(question: Question, shop: Shop) -> Facts:
    """The facts where no engine could be asked."""
    return Facts(
        text=question.words,
        choice=question.choice,
        failures=question.failures,
        channel=question.channel.value,
        tags=question.tags,
        source=question.scene,
        region=question.region,
        position=question.position,
        open_now=shop.is_open(question.at, question.region),
        language=language_of(question.words),
        promises=question.promises,
        engine_failed=True,
    )


def region_of(question: Question, entities: Sequence[Entity], shop: Shop) -> tuple[str, ...]:
    """Province, city, district: as she says now, else as she told when asked, else as her profile says."""
    said = (divisions_of(entity.value) for entity in reversed(entities) if entity.type == ADDRESS)
    return next(filter(None, said), ()) or shop.region_in(question.collected.values) or question.region


def language_of(text: str) -> str:
    """The language by its script: "zh" from the first Chinese character on, else "en" for ASCII letters, "other".

    What has no letters says nothing, and counts as the shop's own "zh".
    """
    if _HAN.search(text) or not (letters := [char for char in text if char.isalpha()]):
        return "zh"
    latin = sum(char.isascii() for char in letters)
    return "en" if latin * 2 > len(letters) else "other"


@lru_cache(_REMEMBERED)
def _mood(text: str) -> Mood:
    return nlu.mood(text)
