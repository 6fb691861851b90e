"""Is a small change to a large library found at once, without indexing the rest anew?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge_base import Audience, Judged, KnowledgeBase, Script, revision_of
from knowledge_base.indexing import REBUILD_BELOW, Workshop, changed, is_scattered, updated, whole
from knowledge_base.snapshot import Snapshot
from knowledge_base.vector_index import Vectors
from tests.knowledge_base.samples import script

NOW = Audience("default", datetime(2026, 6, 1, tzinfo=UTC))
COUNT = REBUILD_BELOW + 100
TABLE = np.random.default_rng(3).standard_normal((512, 24)).astype(np.float32)


class Engine:
    """Vectors of the characters a text holds; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        rows = np.stack([TABLE[[ord(letter) % 512 for letter in text]].sum(axis=0) for text in texts])
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def named(number: int) -> str:
    return "".join(chr(0x4E00 + (number * step) % 20_011) for step in (1, 7, 31))


LIBRARY = tuple(script(f"s{number:05d}", f"{named(number)}怎么用") for number in range(COUNT))


@pytest.fixture(scope="module")
def base() -> Snapshot:
    return whole(Workshop(Engine(), "toy"), LIBRARY)


def first(snapshot: Snapshot | KnowledgeBase, query: str) -> str:
    found = snapshot.search(query, Engine()([query])[0], NOW)
    return found[0].script_id if found else ""


def edited() -> tuple[list[Script], str, str]:
    """One script renamed, one given a second question, one retired, one removed, one new."""
    scripts = list(LIBRARY)
    scripts[10] = script("s00010", "蓝鲸徽章如何佩戴")
    scripts[20] = replace(scripts[20], questions=(*scripts[20].questions, "锦鲤吊坠会生锈吗"))
    scripts[30] = replace(scripts[30], state="retired")
    del scripts[40]
    return [*scripts, script("zz-new", "纸鸢套餐包含什么")], LIBRARY[30].questions[0], LIBRARY[40].questions[0]


def test_only_what_changed_is_encoded_and_found_at_once(base: Snapshot) -> None:
    engine = Engine()
    scripts, retired, removed = edited()
    after = changed(Workshop(engine, "toy"), base, scripts)
    assert after is not None
    assert {text for text in engine.asked if "。" not in text} == {
        "蓝鲸徽章如何佩戴",
        "锦鲤吊坠会生锈吗",
        "纸鸢套餐包含什么",
    }
    assert after.revision == revision_of(scripts)
    assert first(after, "蓝鲸徽章如何佩戴") == "s00010"
    assert first(after, "锦鲤吊坠会生锈吗") == first(after, LIBRARY[20].questions[0]) == "s00020"
    assert first(after, "纸鸢套餐包含什么") == "zz-new"
    for gone in (LIBRARY[10].questions[0], retired, removed):
        found = after.search(gone, Engine()([gone])[0], NOW)
        assert {"s00030", "s00040"}.isdisjoint(each.script_id for each in found)
        assert all(each.features["exact"] == 0 for each in found)
    assert [after.script(name) for name in ("s00030", "s00040", "nothing")] == [None, None, None]
    assert after.script("s00010") == scripts[10]
    assert [each.id for each in after.scripts] == sorted(each.id for each in scripts if each.state == "live")
    assert first(base, LIBRARY[10].questions[0]) == "s00010"  # what was before is as it was


def test_parts_rank_like_the_whole(base: Snapshot) -> None:
    scripts, _, _ = edited()
    parts = changed(Workshop(Engine(), "toy"), base, scripts)
    together = whole(Workshop(Engine(), "toy"), scripts)
    assert parts is not None
    assert parts.revision == together.revision
    for number in (0, 10, 20, 99, 1_500, 3_000):
        query = f"请问{scripts[number].questions[0]}呀"
        assert first(parts, query) == first(together, query)


def test_changes_add_up_and_can_be_taken_back(base: Snapshot) -> None:
    workshop = Workshop(Engine(), "toy")
    once = changed(workshop, base, [script("s00000", "蓝鲸徽章如何佩戴"), *LIBRARY[1:]])
    assert once is not None
    twice = changed(workshop, once, [*once.scripts, script("zz-new", "纸鸢套餐包含什么")])
    assert twice is not None
    assert (first(twice, "蓝鲸徽章如何佩戴"), first(twice, "纸鸢套餐包含什么")) == ("s00000", "zz-new")
    back = changed(workshop, twice, LIBRARY)
    assert back is not None
    assert back.revision == base.revision
    assert first(back, LIBRARY[0].questions[0]) == "s00000"
    assert back.scripts == LIBRARY


def test_a_small_library_and_a_large_change_are_indexed_whole(base: Snapshot) -> None:
    workshop = Workshop(Engine(), "toy")
    assert changed(workshop, whole(workshop, LIBRARY[:50]), LIBRARY[:51]) is None
    assert changed(workshop, base, LIBRARY[: COUNT // 100]) is None
    assert changed(workshop, Snapshot("empty"), LIBRARY) is None


async def test_what_grew_is_gathered_in_the_background(tmp_path: Path) -> None:
    knowledge = KnowledgeBase(encode=Engine(), encoder="toy", folder=tmp_path)
    await knowledge.refresh(LIBRARY)
    many = [
        replace(each, questions=(*each.questions, f"{named(9_000 + place)}在哪")) for place, each in enumerate(LIBRARY)
    ]
    scripts = [*many[:1_200], *LIBRARY[1_200:]]
    with structlog.testing.capture_logs() as logs:
        assert await knowledge.refresh(scripts) is True
        assert first(knowledge, many[7].questions[1]) == "s00007"
        await knowledge.settled()
    assert "knowledge_base_gathered" in {entry["event"] for entry in logs}
    assert knowledge.revision == revision_of(scripts)
    assert first(knowledge, many[7].questions[1]) == "s00007"
    assert await knowledge.refresh(scripts) is False


def test_a_part_is_scattered_only_when_it_has_grown(base: Snapshot) -> None:
    few = changed(Workshop(Engine(), "toy"), base, [*LIBRARY, script("zz-new", "纸鸢套餐包含什么")])
    assert few is not None
    assert not is_scattered(base)
    assert not is_scattered(few)


places = st.integers(0, COUNT + 5)
ways = st.sampled_from(("renamed", "asked otherwise too", "retired", "back as it was"))
edits = st.lists(st.dictionaries(places, ways, min_size=1, max_size=4), min_size=1, max_size=4)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits)
def test_told_what_changed_it_searches_what_all_of_it_would_give(base: Snapshot, steps: list[dict[int, str]]) -> None:
    workshop, now = Workshop(Engine(), "toy"), base
    library = {each.id: each for each in LIBRARY}
    for step in steps:
        changes = [_in_another_way(place, way) for place, way in step.items()]
        library |= {each.id: each for each in changes}
        after = updated(workshop, now, changes)
        assert after is not None
        now = after
        live = tuple(each for _, each in sorted(library.items()) if each.state == "live")
        assert now.scripts == live
        assert now.revision == revision_of(live)
        assert list(now.prints) == [each.id for each in live]
        for each in changes:
            assert now.script(each.id) == (each if each.state == "live" else None)
            assert each.state != "live" or first(now, each.questions[-1]) == each.id
        assert updated(workshop, now, changes) is now


def _in_another_way(place: int, way: str) -> Script:
    old = LIBRARY[place] if place < COUNT else script(f"s{place:05d}", f"{named(place)}怎么用")
    match way:
        case "renamed":
            return replace(old, questions=(f"{named(place + 9_000)}如何保养",))
        case "asked otherwise too":
            return replace(old, questions=(*old.questions, f"{named(place + 12_000)}会生锈吗"))
        case "retired":
            return replace(old, state="retired")
        case _:
            return old


async def test_updates_and_lessons_of_people_come_together(tmp_path: Path) -> None:
    knowledge = KnowledgeBase(encode=Engine(), encoder="toy", folder=tmp_path)
    await knowledge.refresh(LIBRARY)
    judged = [Judged(f"{named(number)}咋用", f"s{number:05d}", right=True) for number in range(60)]
    learning = asyncio.create_task(knowledge.learn(judged))
    new = script("zz-new", "纸鸢套餐包含什么")
    assert await knowledge.update([new]) is True
    assert not learning.done()  # whoever changes a script does not wait for it
    assert first(knowledge, "纸鸢套餐包含什么") == "zz-new"
    assert await learning is True
    assert first(knowledge, "纸鸢套餐包含什么") == "zz-new"
    assert knowledge.revision == revision_of([*LIBRARY, new])
    assert await knowledge.learn(judged) is False
    assert await knowledge.update([new]) is False


async def test_a_small_library_is_updated_too() -> None:
    knowledge = KnowledgeBase(encode=Engine(), encoder="toy")
    assert await knowledge.update(LIBRARY[:20]) is True
    assert await knowledge.update([replace(LIBRARY[3], state="retired"), LIBRARY[20]]) is True
    assert [each.id for each in knowledge.scripts] == [each.id for each in LIBRARY[:21] if each.id != "s00003"]


async def test_what_is_indexed_in_part_cannot_be_updated() -> None:
    knowledge = KnowledgeBase(encode=Engine(), encoder="toy")
    await knowledge.refresh(LIBRARY[:20], questions_each=1)
    with pytest.raises(ValueError, match="refresh with all of them first"):
        await knowledge.update([LIBRARY[20]])
