"""Does what an agent picks at her desk reach the customer: suggestions that fit, pictures and files by the real way?"""

from __future__ import annotations

from bot.bootstrap import ARCHIVE_TABLES, HANDOFF_TABLES
from bot.desk_window import DeskWindow, build_desk_window
from bot.domain import ChannelKind
from bot.presences import Presence
from bot.simulator.sample import sample_png
from bot.store.sent_files import SentFile
from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.journeys.test_console_mode import accept
from tests.packs import SHIPPING, VAGUELY
from tests.stage import KF, Options, Stage


def window_of(stage: Stage) -> DeskWindow:
    product = stage.product
    return build_desk_window(
        product.workbench, product.survey, product.tag_side.desk, tables=ARCHIVE_TABLES, handoff=HANDOFF_TABLES,
        limits=product.settings.limits, redis=product.redis,
    )  # fmt: skip


@ON_SQLITE
async def test_scripts_are_suggested_and_a_picture_arrives_as_one(stage: Stage) -> None:
    conversation = await accept(stage)
    window = window_of(stage)
    suggested = await window.scripts.suggest(VAGUELY, ChannelKind.OFFICIAL_ACCOUNT)
    assert suggested[0].text == SHIPPING
    assert await window.scripts.suggest("  ", ChannelKind.OFFICIAL_ACCOUNT) == ()

    elsewhere = window_of(stage)  # as in another process, which knows her through Redis alone
    await window.presences.types(conversation, "wanglei")
    assert await elsewhere.presences.others(conversation, "lina") == (Presence("wanglei", typing=True),)
    stage.clock.advance(seconds=6)
    assert await elsewhere.presences.others(conversation, "lina") == (Presence("wanglei", typing=False),)
    await window.presences.leaves(conversation, "wanglei")
    assert await elsewhere.presences.others(conversation, "lina") == ()

    picture = window.sends.judge(sample_png(), "照片.png", ChannelKind.OFFICIAL_ACCOUNT)
    assert isinstance(picture, SentFile)
    for _ in range(2):  # the same click twice
        assert await window.sends.send_file(conversation, "wanglei", picture, client_id="picture-1") is None
        await stage.settle()
    shown = [line for line in stage.lines("xiaolin") if line.msgtype == "image"]
    assert len(shown) == 1
    item = stage.platforms.media.peek(str(shown[0].body["media_id"]))
    assert item is not None
    assert item.data == sample_png()
    entry = (await stage.transcript())[-1]
    assert (entry.who, entry.kind) == ("wanglei", "media")
    kept = await window.media.of(conversation, entry.id or 0, 0)
    assert kept is not None
    assert kept.data == sample_png()  # type: ignore[union-attr] # what we sent is in memory


async def test_a_file_arrives_with_its_name_where_the_platform_takes_files(opened: OpenStage) -> None:
    stage = await opened(Options(handoff="console"))
    await stage.writes("xiaolin", "转人工", at=KF)
    stage.clock.advance(seconds=2)
    conversation = int((await stage.conversation()).id)
    assert await stage.product.workbench.accept(conversation, "wanglei") is None
    await stage.settle()
    window = window_of(stage)
    file = window.sends.judge(b"%PDF-1.7 ...", "保养说明.pdf", ChannelKind.WECOM_KF)
    assert isinstance(file, SentFile)
    assert await window.sends.send_file(conversation, "wanglei", file, client_id="file-1") is None
    await stage.settle()
    shown = stage.lines("xiaolin")[-1]
    assert shown.msgtype == "file"
    item = stage.platforms.media.peek(str(shown.body["media_id"]))
    assert item is not None
    assert (item.name, item.data) == ("保养说明.pdf", b"%PDF-1.7 ...")
