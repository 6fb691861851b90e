"""Can she take back what she agreed to by saying so, on every channel, and never by mistake?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.bootstrap import ARCHIVE_TABLES
from bot.content.pack import PACK_FILE, read_pack
from bot.phrases import default_phrases
from bot.store.tables import conversations
from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.packs import SHIPPING, write_pack
from tests.stage import KF, SHOP, Options, Prepared, Stage, open_stage
from tests.traces import all_that_is_kept, traces_of

# What the shop understands is learned for this file, within the time of its first test.
pytestmark = pytest.mark.timeout(300)

CANARY = "紫色犀牛"
CONSENT = ARCHIVE_TABLES.consent
INTENTS = Path("examples/cosmetics/intents/privacy.yml")
WISH = "请把我的个人信息都删除"
say = default_phrases().say
ASK, AGAIN, DONE, KEPT = (say(f"withdrawal.{name}") for name in ("ask", "ask_again", "done", "kept"))
YES, NO, ALREADY = (say(f"withdrawal.{name}") for name in ("yes", "no", "already"))


@pytest.fixture(scope="module")
def versed(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Prepared:
    """The shop also knows who wants to be forgotten, by the words of the example pack; it is learned once."""
    room = tmp_path_factory.mktemp("versed")
    folder = write_pack(room / "pack")
    (folder / "intents" / "privacy.yml").write_text(INTENTS.read_text(encoding="utf-8"), encoding="utf-8")
    with (folder / PACK_FILE).open("a", encoding="utf-8") as cover:
        cover.write("privacy: {withdraw: [withdraw_consent]}\n")
    made = replace(prepared, pack=read_pack(folder), models=room / "models")
    (room / "xiaoer.db").write_bytes(sqlite_template.read_bytes())

    async def learn() -> None:
        async with open_stage(made, f"sqlite+aiosqlite:///{room / 'xiaoer.db'}", room, Options(start=False)):
            pass

    asyncio.run(learn())
    return made


@pytest.fixture
async def opened(versed: Prepared, database_url: str, tmp_path: Path) -> AsyncIterator[OpenStage]:
    async with AsyncExitStack() as stack:

        async def open_one(options: Options) -> Stage:
            stage = await stack.enter_async_context(open_stage(versed, database_url, tmp_path, options))
            await stage.settle()
            return stage

        yield open_one


@dataclass(frozen=True)
class Chat:
    """One customer with one door. place: which; passive: answered inside the response, where nothing can be clicked."""

    stage: Stage
    place: str
    passive: bool

    async def writes(self, text: str) -> list[str]:
        self.stage.clock.advance(seconds=2)
        return await self.stage.writes("xiaolin", text, at=self.place)

    async def wishes(self) -> str:
        """She wants to be forgotten; the ids of yes and no are those of the menu she is shown."""
        (shown,) = await self.writes(WISH)
        return shown

    async def picks(self, number: int, *, of: int = -1) -> list[str]:
        """Item 1 or 2 of the last menu, or of an older one."""
        if self.passive:
            return await self.writes(str(number))
        item: Any = self.menus()[of][number - 1]
        self.stage.clock.advance(seconds=2)
        before = len(self.stage.lines("xiaolin"))
        label = YES if number == 1 else NO
        self.stage.platforms.customer_writes("xiaolin", self.place, label, menu_id=item)
        await self.stage.settle()
        return [line.text for line in self.stage.lines("xiaolin")[before:]]

    def menus(self) -> list[list[str]]:
        """The ids of the items of each menu that she was shown."""
        shown = [line for line in self.stage.lines("xiaolin") if line.msgtype == "msgmenu"]
        listed: list[Any] = [line.body["list"] for line in shown]
        return [[str(each.get("click", each)["id"]) for each in items] for items in listed]

    async def said_so(self) -> list[str]:
        """What the ledger has."""
        return [row.status for row in await self.stage.rows(select(CONSENT.consents.c.status))]

    async def purges(self) -> list[str]:
        return [row.state for row in await self.stage.rows(select(CONSENT.purges.c.state))]

    async def traces(self) -> list[str]:
        kept = await all_that_is_kept(self.stage.product.engine, self.stage.product.settings.data_dir)
        return traces_of(self.stage.platforms.customer("xiaolin"), kept, CANARY)


async def chat(opened: OpenStage, place: str, *, passive: bool = False) -> Chat:
    """She has asked something before."""
    stage = await opened(Options(answering="passive", sends=False) if passive else Options())
    if place == SHOP:
        stage.platforms.subscribe("xiaolin", SHOP)
        await stage.settle()
    made = Chat(stage, place, passive)
    await made.writes(f"{CANARY}多久发货")
    return made


@pytest.mark.parametrize(("place", "passive"), [(KF, False), (SHOP, False), (SHOP, True)])
async def test_she_says_so_confirms_and_is_forgotten(
    opened: OpenStage,
    place: str,
    passive: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    made = await chat(opened, place, passive=passive)
    shown = await made.wishes()
    assert ASK in shown
    assert (await made.said_so(), await made.purges()) == ([], [])  # nothing before she confirms
    assert (await made.picks(1), await made.said_so()) == ([DONE], ["Withdrawn"])
    assert await made.stage.rows(select(conversations.c.state).distinct()) == [("closed",)]
    await made.stage.later(seconds=61)
    assert (await made.purges(), await made.traces()) == (["done"], [])
    assert {effect.state for effect in await made.stage.effects()} <= {"sent"}


@ON_SQLITE
@pytest.mark.parametrize("typed", [YES, "1", f" {YES} "])
async def test_what_is_typed_counts_where_it_is_the_reply(opened: OpenStage, typed: str) -> None:
    made = await chat(opened, KF)
    await made.wishes()
    assert (await made.writes(typed), await made.said_so()) == ([DONE], ["Withdrawn"])


@ON_SQLITE
async def test_after_a_no_or_another_question_an_old_menu_asks_again(opened: OpenStage) -> None:
    made = await chat(opened, KF)
    await made.wishes()
    assert await made.picks(2) == [KEPT]
    (shown,) = await made.picks(1)
    assert AGAIN in shown
    assert await made.writes("多久发货") == [SHIPPING]
    for old in (0, 1):
        (shown,) = await made.picks(1, of=old)
        assert AGAIN in shown
    assert DONE not in await made.writes("1 件多少钱")
    assert DONE not in await made.writes(YES)  # said where nothing is asked it is a wish at most
    assert (await made.said_so(), await made.purges()) == ([], [])
    await made.wishes()
    assert (await made.picks(1), await made.said_so()) == ([DONE], ["Withdrawn"])


@ON_SQLITE
async def test_a_second_click_withdraws_nothing_more_and_leaves_nothing(opened: OpenStage) -> None:
    made = await chat(opened, KF)
    await made.wishes()
    stage, (yes, _) = made.stage, made.menus()[-1]
    for _ in range(2):  # before anything is done about the first
        stage.clock.advance(seconds=1)
        stage.platforms.customer_writes("xiaolin", KF, YES, menu_id=yes)
    before = len(stage.lines("xiaolin"))
    await stage.settle()
    assert [line.text for line in stage.lines("xiaolin")[before:]] == [DONE, ALREADY]
    await stage.later(seconds=61)
    assert (await made.said_so(), await made.purges(), await made.traces()) == (["Withdrawn"], ["done"], [])
    assert await made.picks(1) == [ALREADY]  # days later
    assert len(await stage.rows(select(conversations.c.id))) == 1
    await stage.product.consenting.sweep()
    await stage.later(seconds=61)
    assert (await made.said_so(), await made.traces()) == (["Withdrawn"], [])


@ON_SQLITE
async def test_who_is_served_elsewhere_is_served_on_and_her_agent_is_told(opened: OpenStage) -> None:
    stage = await opened(Options(handoff="console"))
    stage.platforms.subscribe("xiaolin", SHOP)
    await stage.settle()
    await stage.writes("xiaolin", "转人工", at=SHOP)
    talk = int((await stage.conversation()).id)
    assert await stage.product.workbench.accept(talk, "wanglei") is None
    await stage.settle()
    made = Chat(stage, KF, passive=False)
    await made.writes("多久发货")
    await made.wishes()
    assert await made.picks(1) == [DONE]
    assert await made.said_so() == ["Withdrawn", "Withdrawn"]  # under each name of hers
    await stage.later(seconds=61)
    assert sorted(await made.purges()) == ["done", "waiting"]
    thread = await stage.product.workbench.thread(talk)
    assert thread is not None
    assert say("transcript.withdrew") in repr(thread)
    assert await stage.product.workbench.say(talk, "wanglei", "好的", client_id="c") is None
    await stage.settle()
    assert stage.texts("xiaolin")[-1] == "好的"
    assert await stage.product.workbench.close(talk, "wanglei", outcome="solved") is None
    await stage.later(seconds=61)
    assert (await made.purges(), await made.traces()) == (["done", "done"], [])


@ON_SQLITE
async def test_where_a_person_serves_nothing_is_asked(opened: OpenStage) -> None:
    made = await chat(opened, KF)
    await made.wishes()
    await made.writes("转人工")
    made.stage.clock.advance(seconds=2)
    await made.stage.clicks("lina")
    assert await made.writes(WISH) == []
    assert await made.picks(1) == []
    assert (await made.said_so(), await made.purges()) == ([], [])
