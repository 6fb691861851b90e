"""Is what one process changes said by another at once, and does nobody notice that it was learned?"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import shutil
from collections.abc import AsyncIterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from bot.bootstrap import Product, World, assemble
from bot.content.minds import TRY_AGAIN
from bot.content.pack import PACK_FILE, Pack
from bot.content.problems import PackBroken
from bot.domain import ChannelKind
from bot.insight import Question
from bot.store.tables import content
from bot.wakeups import Wakeups
from knowledge_base import Script
from nlu import Context
from tests.databases import ON_SQLITE
from tests.packs import FEE, SHIPPING
from tests.stage import Prepared, Stage, starting

ASKED = "什么时候发货"
INTENTS = "intents/all.yml"
NEW_WORDS = "锦鲤吊坠会生锈吗"


@dataclass(slots=True)
class Patience:
    """Waiting that ends when the test says so."""

    asked: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, seconds: float) -> None:
        self.asked += 1
        await self.over.wait()


@dataclass(frozen=True, slots=True)
class Two:
    """Two processes of one shop: one changes, the other answers. folder: the other's own."""

    here: Product
    there: Product
    stage: Stage
    patience: Patience
    folder: Path

    async def change(self, *scripts: Script) -> None:
        """What `kb import` does, without the wake-up."""
        async with self.here.engine.begin() as connection:
            await self.here.content.library.apply(connection, scripts, at=self.stage.clock.now(), by="the test")

    async def apply(self, pack: Pack, files: Mapping[str, str]) -> None:
        """What `content apply` does with these files of the pack otherwise, without the wake-up."""
        changed = replace(pack, files={**pack.files, **files})
        async with self.here.engine.begin() as connection:
            await self.here.content.apply(connection, changed, at=self.stage.clock.now(), by="the test")

    async def said(self, text: str = ASKED) -> str:
        """What the other process would answer."""
        question = Question(text, text, ChannelKind.WECOM_KF, self.stage.clock.now())
        insight = await self.there.minds.current().consider(
            question, key="k", timeout_s=30, clock=self.stage.clock.monotonic
        )
        assert "engine_failed" not in insight.explanation
        return insight.whole.candidates[0].answer if insight.whole.candidates else ""

    def script(self, script_id: str) -> Script:
        """As the other process has it."""
        found = self.there.minds.knowledge.script(script_id)
        assert found is not None
        return found


@pytest.fixture
async def two(stage: Stage, prepared: Prepared, tmp_path: Path) -> AsyncIterator[Two]:
    folder, patience = tmp_path / "second", Patience()
    await asyncio.to_thread(shutil.copytree, prepared.models, folder / "models")
    settings = stage.product.settings.model_copy(update={"data_dir": folder})
    world = World(stage.clock.now, stage.clock.monotonic, patience, lambda _: prepared.encoder)
    async with contextlib.AsyncExitStack() as stack:
        with starting(prepared.guard):
            there = await stack.enter_async_context(assemble(settings, world))
            await there.minds.start()
            await there.minds.refresh()
        yield Two(stage.product, there, stage, patience, folder)


async def follow(product: Product, heard: asyncio.Event) -> None:
    """What a worker does about content, but for the timer: only a wake-up makes it look."""
    async with product.wakeups.listening(Wakeups.CONTENT) as rung:
        while True:
            await rung.wait()
            rung.clear()
            heard.set()
            await product.minds.follow()


async def test_a_change_is_said_by_the_other_process_as_soon_as_it_is_told(two: Two) -> None:
    heard = asyncio.Event()
    following = asyncio.create_task(follow(two.there, heard))
    answers: list[str] = []
    async with asyncio.timeout(40):
        while not heard.is_set():  # Redis does not tell when somebody began to listen
            two.here.wakeups.ring(Wakeups.CONTENT)
            await asyncio.sleep(0)
        before = two.script("shipping-time")
        after = replace(before, answers={"default": "明天就发。"})
        assert await two.said() == SHIPPING
        await two.change(after)
        two.here.wakeups.ring(Wakeups.CONTENT)
        while not answers or answers[-1] != "明天就发。":
            answers += await asyncio.gather(*(two.said() for _ in range(4)))
            await asyncio.to_thread(
                gc.get_count
            )  # what is asked here needs no thread; those that follow need their turn
    following.cancel()
    assert set(answers) <= {SHIPPING, "明天就发。"}  # nothing in between
    assert [each for each in answers if each == SHIPPING] == answers[: answers.index("明天就发。")]  # and never back
    assert two.script("shipping-time") == after
    assert two.script("invoice") is not None


async def test_an_unheard_wake_up_costs_time_only(two: Two) -> None:
    await two.change(replace(two.script("shipping-fee"), state="retired"))
    assert await two.said("运费多少钱") == FEE
    await two.there.worker.refresh()  # what the timer does
    assert await two.said("运费多少钱") != FEE
    async with two.here.engine.begin() as connection:
        library = two.here.content.library
        await library.restore(connection, "shipping-fee", 1, at=two.stage.clock.now(), by="the test")
        await library.move(connection, ["shipping-fee"], "review", at=two.stage.clock.now(), by="the test")
        await library.move(connection, ["shipping-fee"], "live", at=two.stage.clock.now(), by="the test")
    await two.there.worker.refresh()
    assert await two.said("运费多少钱") == FEE


@ON_SQLITE
async def test_a_burst_of_edits_is_found_at_once_and_learned_once(two: Two) -> None:
    shipping = two.script("shipping-time")
    with capture_logs() as logs:
        for number in range(4):
            questions = (*shipping.questions, *(f"第{each}批锦鲤吊坠几号到" for each in range(number + 1)))
            await two.change(replace(shipping, questions=questions))
            await two.there.minds.follow()
            assert await two.said(questions[-1]) == SHIPPING
        assert _named(logs, "mind.learned") == []
        reader = two.there.minds.current().understander
        two.patience.over.set()
        await two.there.minds.settled()
    assert len(_named(logs, "mind.learned")) == 1
    assert two.there.minds.current().understander is not reader


@ON_SQLITE
async def test_what_teaches_nothing_is_not_learned(two: Two) -> None:
    with capture_logs() as logs:
        await two.change(replace(two.script("shipping-time"), answers={"default": "后天发。"}))
        await two.there.minds.follow()
        await two.there.minds.follow()
    assert await two.said() == "后天发。"
    assert two.patience.asked == 0  # nobody waits to learn
    assert len(_named(logs, "content.taken_over")) == 1


@ON_SQLITE
async def test_what_cannot_be_learned_can_be_found_and_is_tried_again(two: Two) -> None:
    model = two.folder / "models" / "intents.npz"
    model.unlink()
    model.mkdir()  # nothing can be written there
    two.patience.over.set()
    shipping = two.script("shipping-time")
    await two.change(replace(shipping, questions=(*shipping.questions, NEW_WORDS)))
    with capture_logs() as logs:
        await two.there.minds.follow()
        await two.there.minds.settled()
        assert await two.said(NEW_WORDS) == SHIPPING
        await two.there.minds.follow()  # too soon to try again
        await two.there.minds.settled()
        assert [each["failures"] for each in _named(logs, "mind.not_learned")] == [1]
        model.rmdir()
        two.stage.clock.advance(seconds=TRY_AGAIN.total_seconds())
        await two.there.minds.follow()
        await two.there.minds.settled()
    assert len(_named(logs, "mind.learned")) == 1


@ON_SQLITE
async def test_another_shop_answers_at_once_unless_there_are_intents_to_learn(two: Two, prepared: Prepared) -> None:
    renamed = prepared.pack.files[PACK_FILE].replace("小小店", "大大店")
    await two.apply(prepared.pack, {PACK_FILE: renamed})
    await two.there.minds.follow()
    assert two.there.minds.current().shop.name == "大大店"
    assert two.patience.asked == 0
    intents = prepared.pack.files[INTENTS] + "- intent: praise\n  examples: |\n    - 你们真好\n    - 太棒了\n"
    await two.apply(prepared.pack, {PACK_FILE: renamed.replace("大大店", "新店"), INTENTS: intents})
    await two.there.minds.follow()
    assert two.there.minds.current().shop.name == "大大店"  # rules and slots of the new one name what nobody reads yet
    two.patience.over.set()
    await two.there.minds.settled()
    assert two.there.minds.current().shop.name == "新店"
    read = await two.there.minds.current().understander.understand("太棒了", Context())
    assert "praise" in dict(read.ranking)


@ON_SQLITE
async def test_files_that_cannot_be_read_hold_no_script_back(two: Two) -> None:
    set_name = update(content).where(content.c.name == PACK_FILE)
    async with two.here.engine.begin() as connection:
        good = (await two.here.content.files(connection))[PACK_FILE]
        await connection.execute(set_name.values(body={"text": "shop: ["}, fingerprint="broken"))
    await two.change(replace(two.script("shipping-time"), answers={"default": "后天发。"}))
    for _ in range(2):
        with pytest.raises(PackBroken):
            await two.there.minds.follow()
        assert await two.said() == "后天发。"
    async with two.here.engine.begin() as connection:
        await connection.execute(set_name.values(body={"text": good}, fingerprint="good again"))
    await two.there.minds.follow()
    assert await two.said() == "后天发。"


@ON_SQLITE
async def test_a_restored_database_is_read_as_a_whole(two: Two) -> None:
    """Its numbers go back, so what came after them says nothing about what is known here."""
    await two.change(replace(two.script("shipping-time"), answers={"default": "后天发。"}))
    await two.there.minds.refresh()
    library = two.here.content.library
    async with two.here.engine.begin() as connection:
        await library.restore(connection, "shipping-time", 1, at=two.stage.clock.now(), by="the test")
        await connection.exec_driver_sql("UPDATE script_changes SET last = 0")
        await connection.exec_driver_sql("UPDATE scripts SET changed_in = 0")
    await two.there.minds.follow()
    assert await two.said() == SHIPPING


def _named(logs: Sequence[MutableMapping[str, Any]], event: str) -> list[MutableMapping[str, Any]]:
    return [each for each in logs if each["event"] == event]
