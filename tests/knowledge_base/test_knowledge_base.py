"""Does the library swap without stopping, and start quickly where it must?"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from knowledge_base import Audience, KnowledgeBase, revision_of
from nlu import RememberingEncoder
from tests.knowledge_base.samples import SHOP, script

NOW = Audience("wecom_kf", datetime(2026, 6, 1, tzinfo=UTC))


def library(encoder: RememberingEncoder, folder: Path | None = None) -> KnowledgeBase:
    return KnowledgeBase(encode=encoder.encode, encoder=encoder.fingerprint, folder=folder)


async def test_it_starts_empty_and_searches_what_it_is_given(encoder: RememberingEncoder) -> None:
    knowledge = library(encoder)
    vector = encoder.encode(["运费怎么算"])[0]
    assert knowledge.search("运费怎么算", vector, NOW) == []
    assert await knowledge.refresh(SHOP) is True
    assert knowledge.search("运费怎么算", vector, NOW)[0].script_id == "shipping-fee"
    assert knowledge.revision == revision_of(SHOP)
    assert await knowledge.refresh(SHOP[::-1]) is False
    assert await knowledge.refresh(()) is True
    assert knowledge.search("运费怎么算", vector, NOW) == []


async def test_a_quick_first_snapshot_gives_way_to_the_whole(encoder: RememberingEncoder, tmp_path: Path) -> None:
    knowledge = library(encoder, tmp_path)
    await knowledge.refresh(SHOP, questions_each=1)
    assert knowledge.revision != revision_of(SHOP)
    assert {entry.id: len(entry.questions) for entry in knowledge.scripts}["refund"] == 1
    await knowledge.refresh(SHOP)
    assert knowledge.revision == revision_of(SHOP)
    assert {entry.id: len(entry.questions) for entry in knowledge.scripts}["refund"] == 4


async def test_the_old_snapshot_answers_while_the_new_one_is_built(encoder: RememberingEncoder) -> None:
    gate = threading.Event()
    gate.set()

    def slowly(texts: Sequence[str]) -> np.ndarray:
        gate.wait(10)
        return encoder.encode(texts)

    knowledge = KnowledgeBase(encode=slowly, encoder="slow")
    await knowledge.refresh(SHOP)
    vector = encoder.encode(["运费怎么算"])[0]
    gate.clear()
    building = asyncio.create_task(knowledge.refresh([*SHOP, script("new", "全新的问题")]))
    await asyncio.sleep(0)
    assert knowledge.search("运费怎么算", vector, NOW)[0].script_id == "shipping-fee"
    gate.set()
    assert await building is True
    assert len(knowledge.scripts) == len(SHOP)


async def test_a_failing_encoder_leaves_the_old_snapshot(encoder: RememberingEncoder) -> None:
    broken = threading.Event()

    def encode(texts: Sequence[str]) -> np.ndarray:
        if broken.is_set():
            raise OSError("engine gone")
        return encoder.encode(texts)

    knowledge = KnowledgeBase(encode=encode, encoder="one")
    await knowledge.refresh(SHOP)
    broken.set()
    with pytest.raises(OSError, match="engine gone"):
        await knowledge.refresh(SHOP[:2])
    assert knowledge.revision == revision_of(SHOP)


async def test_a_chosen_script_is_said_if_it_may_be(encoder: RememberingEncoder) -> None:
    knowledge = library(encoder)
    await knowledge.refresh(SHOP)
    assert knowledge.script("refund") == next(entry for entry in SHOP if entry.id == "refund")
    assert [knowledge.script(name) for name in ("hidden", "", "zzz")] == [None, None, None]
    chosen = knowledge.passage("shipping-time", NOW)
    assert chosen is not None
    assert (chosen.answer, chosen.probability) == ("两天内发货", 1)
    assert knowledge.passage("hidden", NOW) is None
    assert knowledge.passage("sale", NOW) is None
    assert knowledge.passage("sale", Audience("wecom_kf", datetime(2026, 11, 5, tzinfo=UTC))) is not None
