"""Does the customer really get what a script sends beside its words, in order, once, and is a failure seen?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.simulator import Fault, FaultKind
from bot.simulator.sample import sample_png
from bot.store.dead_letters import ids_in, retry
from bot.store.pack_files import write_file
from knowledge_base import Attachment, Link, Menu, MiniProgram, Picture
from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.journeys.test_thinking import Failing
from tests.packs import FEE, RETURN, SHIPPING
from tests.stage import KF, SHOP, Options, Stage

UPLOAD, KF_SEND, OA_SEND = "/cgi-bin/media/upload", "/cgi-bin/kf/send_msg", "/cgi-bin/message/custom/send"
BOX, OTHER = "pictures/box.png", "pictures/other.png"
BOX_PICTURE = Picture(BOX)
PAGE = Link("发货说明", "仓库一天的样子", "https://shop.example/shipping", OTHER)
MORE = Menu(("return-policy", "invoice"), "还想了解")
ALL = Options(
    attached={"shipping-time": (BOX_PICTURE, PAGE, MORE), "return-policy": (BOX_PICTURE,)},
    pictures={BOX: sample_png(), OTHER: sample_png() + b"other"},
)
PICTURE_ONLY = replace(ALL, attached={"shipping-time": (BOX_PICTURE,)})
PLACES = pytest.mark.parametrize("place", [KF, SHOP])


async def opened_for(opened: OpenStage, options: Options, *customers: str) -> Stage:
    """A stage where these customers follow the official account; what they were greeted with is old."""
    stage = await opened(options)
    for customer in customers or ("xiaolin",):
        stage.platforms.subscribe(customer, SHOP)
    await stage.settle()
    stage.clock.advance(minutes=2)
    return stage


async def shown(stage: Stage, text: str, place: str, customer: str = "xiaolin") -> list[tuple[str, Any]]:
    """She writes; kind and body of every bubble she is shown for it."""
    before = len(stage.lines(customer))
    await stage.writes(customer, text, at=place)
    return [(line.msgtype, line.body) for line in stage.lines(customer)[before:]]


def uploads(stage: Stage, code: int = 0) -> int:
    return stage.platforms.calls[UPLOAD, code]


@ON_SQLITE
@PLACES
async def test_words_picture_link_and_menu_arrive_in_this_order(opened: OpenStage, place: str) -> None:
    stage = await opened_for(opened, ALL)
    words, picture, link, menu = await shown(stage, "什么时候发货", place)
    assert words == ("text", {"content": SHIPPING})
    assert picture[0] == "image"
    item = stage.platforms.media.peek(picture[1]["media_id"])
    assert item is not None
    assert (item.data, item.name[-4:]) == (sample_png(), ".png")
    assert menu[0] == "msgmenu"
    assert menu[1]["head_content"] == "还想了解"
    if place == KF:
        assert link[0] == "link"
        thumb = stage.platforms.media.peek(link[1]["thumb_media_id"])
        assert thumb is not None
        assert thumb.data.endswith(b"other")
        assert {**link[1], "thumb_media_id": ""} == {
            "title": PAGE.title, "desc": PAGE.description, "url": PAGE.url, "thumb_media_id": "",
        }  # fmt: skip
    else:
        assert link[0] == "news"
        assert link[1]["articles"][0]["url"] == PAGE.url
    assert [entry.kind for entry in await stage.transcript()][-4:] == ["text", "media", "link", "menu"]
    turn = (await stage.turns())[-1]
    assert turn.explanation["attachments"] == {"sent": ["image", "link", "menu"], "left_out": []}


@ON_SQLITE
@PLACES
async def test_a_choice_of_the_menu_is_answered_when_it_is_clicked_or_named(opened: OpenStage, place: str) -> None:
    stage = await opened_for(opened, ALL)
    await shown(stage, "什么时候发货", place)
    stage.platforms.customer_clicks("xiaolin", place, "script:return-policy")
    await stage.settle()
    assert [line.text for line in stage.lines("xiaolin")[-2:]] == [RETURN, ""]
    await shown(stage, "什么时候发货", place)
    assert (await shown(stage, "1", place))[0] == ("text", {"content": RETURN})


@PLACES
async def test_the_second_customer_is_shown_what_was_uploaded_for_the_first(opened: OpenStage, place: str) -> None:
    stage = await opened_for(opened, PICTURE_ONLY, "xiaolin", "ajie")
    first = await shown(stage, "什么时候发货", place)
    second = await shown(stage, "什么时候发货", place, "ajie")
    assert first == second
    assert uploads(stage) == 1
    assert [kind for kind, _ in second] == ["text", "image"]


@ON_SQLITE
@PLACES
async def test_an_upload_that_runs_out_is_made_again(opened: OpenStage, place: str) -> None:
    stage = await opened_for(opened, PICTURE_ONLY)
    ((_, _), (_, first)) = await shown(stage, "什么时候发货", place)
    stage.clock.advance(days=2, hours=23, minutes=30)  # half an hour more, and the platform would not know it
    ((_, _), (_, second)) = await shown(stage, "什么时候发货", place)
    assert uploads(stage) == 2
    assert first["media_id"] != second["media_id"]


@ON_SQLITE
@PLACES
async def test_what_the_platform_forgot_is_uploaded_again_at_once(opened: OpenStage, place: str) -> None:
    stage = await opened_for(opened, PICTURE_ONLY)
    await shown(stage, "什么时候发货", place)
    stage.platforms.media = type(stage.platforms.media)(stage.platforms.ids, stage.platforms.limits)
    before = len(stage.lines("xiaolin"))
    await stage.writes("xiaolin", "什么时候发货", at=place)
    await stage.later(seconds=5)  # it is tried again within the half of a second
    assert [line.msgtype for line in stage.lines("xiaolin")[before:]] == ["text", "image"]
    assert uploads(stage) == 2


@ON_SQLITE
@PLACES
@pytest.mark.parametrize("code", [40004, 45001, 48001])
async def test_words_arrive_where_the_upload_is_refused_and_the_refusal_is_seen(
    opened: OpenStage, place: str, code: int
) -> None:
    stage = await opened_for(opened, PICTURE_ONLY)
    stage.platforms.faults.add(Fault(UPLOAD, FaultKind.ERRCODE, errcode=code))
    assert await shown(stage, "什么时候发货", place) == [("text", {"content": SHIPPING})]
    (letter,) = (await stage.health())["outbox"]["last_dead_letters"]
    assert (letter["kind"], letter["state"]) == ("send", "dead")
    assert str(code) in letter["error"]
    assert letter["advice"]
    stage.clock.advance(seconds=1)
    assert await shown(stage, "运费多少钱", place) == [("text", {"content": FEE})]


@ON_SQLITE
@PLACES
async def test_later_words_do_not_wait_for_a_picture_that_does_not_come(opened: OpenStage, place: str) -> None:
    stage = await opened_for(opened, PICTURE_ONLY)
    stage.platforms.faults.add(Fault(UPLOAD, FaultKind.ERRCODE, errcode=45009))
    assert await shown(stage, "什么时候发货", place) == [("text", {"content": SHIPPING})]
    assert await shown(stage, "运费多少钱", place) == [("text", {"content": FEE})]
    await stage.later(seconds=61)
    assert stage.lines("xiaolin")[-1].msgtype == "image"
    assert uploads(stage) == 1


@PLACES
async def test_who_dies_between_upload_and_send_uploads_once_and_says_it_once(opened: OpenStage, place: str) -> None:
    failing = Failing("after_upload", 1)
    stage = await opened_for(opened, replace(PICTURE_ONLY, reached=failing))
    await shown(stage, "什么时候发货", place)
    await stage.later(seconds=60)
    assert failing.left == 0
    assert [line.msgtype for line in stage.lines("xiaolin")].count("image") == 1
    assert uploads(stage) == 1


@ON_SQLITE
async def test_a_picture_that_may_have_been_shown_is_not_shown_again(opened: OpenStage) -> None:
    stage = await opened_for(opened, PICTURE_ONLY)
    stage.platforms.faults.add(Fault(OA_SEND, FaultKind.TIMEOUT_AFTER_ACCEPTING, seconds=8, count=2))
    await shown(stage, "什么时候发货", SHOP)
    await stage.later(seconds=3600)
    assert [line.msgtype for line in stage.lines("xiaolin")][-2:] == ["text", "image"]
    assert [effect.state for effect in await stage.effects()] == ["sent", "uncertain", "uncertain"]


@ON_SQLITE
@PLACES
async def test_what_exceeds_the_sends_of_a_message_is_left_out_from_the_end_and_told_why(
    opened: OpenStage, place: str
) -> None:
    attached = (BOX_PICTURE, PAGE, MORE, Picture(OTHER))
    stage = await opened_for(opened, replace(ALL, attached={"shipping-time": attached}))
    assert len(await shown(stage, "什么时候发货", place)) == 4  # one is kept for handing over
    told = (await stage.turns())[-1].explanation["attachments"]
    assert told["left_out"] == [{"kind": "image", "why": "send_budget"}]
    assert {effect.state for effect in await stage.effects()} == {"sent"}
    stage.clock.advance(seconds=1)
    (handed,) = await shown(stage, "转人工", place)
    assert handed[0] == "text"


@ON_SQLITE
async def test_a_passive_answer_carries_the_words_and_what_can_be_said_in_words(opened: OpenStage) -> None:
    stage = await opened_for(opened, replace(ALL, answering="passive", sends=False))
    ((kind, body),) = await shown(stage, "什么时候发货", SHOP)
    assert kind == "text"
    assert body["content"] == f"{SHIPPING}\n{PAGE.title}\n{PAGE.url}\n还想了解\n1. 怎么退货\n2. 怎么开发票"
    told = (await stage.turns())[-1].explanation["attachments"]
    assert told["left_out"] == [{"kind": "image", "why": "passive_answer"}]
    stage.clock.advance(seconds=1)
    assert await shown(stage, "2", SHOP) == [("text", {"content": "在订单页点申请开票，填抬头和税号即可。"})]


@ON_SQLITE
async def test_an_account_that_loses_the_sending_api_does_not_bring_pictures_later(opened: OpenStage) -> None:
    stage = await opened_for(opened, replace(ALL, answering="auto"))
    stage.platforms.official(SHOP).custom_send = False
    await shown(stage, "什么时候发货", SHOP)
    await stage.product.worker.refresh()
    stage.clock.advance(seconds=1)
    ((_, body),) = await shown(stage, "运费多少钱", SHOP)
    assert body["content"].startswith(SHIPPING)
    assert body["content"].endswith(FEE)
    assert [effect.state for effect in await stage.effects()].count("dropped") == 2


async def test_another_picture_under_the_same_name_is_another_upload(opened: OpenStage) -> None:
    stage = await opened_for(opened, PICTURE_ONLY)
    await shown(stage, "什么时候发货", KF)
    async with stage.product.engine.begin() as connection:
        await write_file(connection, BOX, sample_png() + b"retouched", stage.clock.now())
    _, (_, body) = await shown(stage, "什么时候发货", KF)
    item = stage.platforms.media.peek(body["media_id"])
    assert item is not None
    assert item.data.endswith(b"retouched")


@PLACES
async def test_what_could_not_be_sent_arrives_once_it_is_put_right_and_retried(opened: OpenStage, place: str) -> None:
    stage = await opened_for(opened, replace(PICTURE_ONLY, pictures={}))
    assert [kind for kind, _ in await shown(stage, "什么时候发货", place)] == ["text"]
    async with stage.product.engine.begin() as connection:
        await write_file(connection, BOX, sample_png(), stage.clock.now())
        assert len((await retry(connection, await ids_in(connection, "dead"), now=stage.clock.now())).retried) == 1
    await stage.settle()
    assert stage.lines("xiaolin")[-1].msgtype == "image"


@ON_SQLITE
@PLACES
async def test_a_mini_program_shows_its_picture(opened: OpenStage, place: str) -> None:
    card = MiniProgram("wx0123456789abcdef", "pages/order", "我的订单", BOX)
    stage = await opened_for(opened, replace(ALL, attached={"shipping-time": (card,)}))
    _, (kind, body) = await shown(stage, "什么时候发货", place)
    assert kind == ("miniprogram" if place == KF else "miniprogrampage")
    assert stage.platforms.media.peek(body["thumb_media_id"]) is not None


@ON_SQLITE
@PLACES
@pytest.mark.parametrize(
    ("source", "said"),
    [("pictures/gone.png", "has no file"), ("https://127.0.0.1/a.png", "private"), ("http://a.example/a.png", "https")],
)
async def test_a_picture_that_cannot_be_had_is_a_dead_letter_behind_the_words(
    opened: OpenStage, place: str, source: str, said: str
) -> None:
    stage = await opened_for(opened, replace(ALL, attached={"shipping-time": (Picture(source), MORE)}))
    assert [kind for kind, _ in await shown(stage, "什么时候发货", place)] == ["text", "msgmenu"]
    (letter,) = (await stage.health())["outbox"]["last_dead_letters"]
    assert said in letter["error"]


@ON_SQLITE
async def test_several_answers_come_before_all_that_belongs_to_them(opened: OpenStage) -> None:
    attached: dict[str, tuple[Attachment, ...]] = {"shipping-time": (BOX_PICTURE,), "shipping-fee": (PAGE,)}
    stage = await opened_for(opened, replace(ALL, attached=attached))
    kinds = [kind for kind, _ in await shown(stage, "什么时候发货？运费多少钱？", KF)]
    assert kinds == ["text", "image", "link"]
