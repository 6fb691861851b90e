"""What do the platforms' other events, pictures and profiles leave behind?"""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.simulator import Fault, FaultKind
from bot.store.tables import customers, kf_cursors, media
from tests.databases import ON_SQLITE
from tests.packs import SHIPPING
from tests.stage import CORP, KF, SHOP, Stage

pytestmark = ON_SQLITE

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
AMR = b"#!AMR\n" + b"\0" * 64
MP4 = b"\0\0\0\x18ftypmp42" + b"\0" * 64
PDF = b"%PDF-1.7" + b"\0" * 64


def send_file(stage: Stage, place: str, kind: str, data: bytes) -> None:
    stage.platforms.customer_sends_file("xiaolin", place, kind, data, name="f", content_type="application/any")


async def test_a_send_that_the_platform_reports_as_failed_is_a_dead_letter(stage: Stage) -> None:
    stage.platforms.faults.add(Fault("/cgi-bin/kf/send_msg", FaultKind.FAIL_DELIVERY, errcode=4))
    assert await stage.writes("xiaolin", "什么时候发货") == []
    (send,) = await stage.effects()
    assert (send.state, send.error) == ("dead", "msg_send_fail type 4")
    assert (await stage.health())["outbox"]["last_dead_letters"][0]["advice"]


async def test_a_customer_who_refuses_messages_is_seen_to_refuse_them(stage: Stage) -> None:
    await stage.writes("xiaolin", "什么时候发货")
    stage.platforms.customer_rejects("xiaolin", KF)
    await stage.settle()
    assert await stage.writes("xiaolin", "什么时候发货") == []
    assert [effect.state for effect in await stage.effects()] == ["sent", "dead"]


async def test_what_a_customer_takes_back_is_marked_in_the_transcript(stage: Stage) -> None:
    line = stage.platforms.customer_writes("xiaolin", KF, "什么时候发货")
    await stage.settle()
    stage.platforms.customer_recalls("xiaolin", KF, line.id)
    await stage.settle()
    assert [(entry.text, entry.recalled) for entry in await stage.transcript()] == [
        ("什么时候发货", True),
        (SHIPPING, False),
    ]


async def test_what_a_servicer_takes_back_is_marked_too(stage: Stage) -> None:
    await stage.writes("xiaolin", "转人工")
    await stage.clicks("lina")
    stage.clock.advance(seconds=1)
    line = stage.platforms.servicer_answers("lina", "xiaolin", KF, "说错了")
    await stage.settle()
    stage.platforms.servicer_recalls("lina", "xiaolin", KF, line.id)
    await stage.settle()
    assert [entry.recalled for entry in await stage.transcript() if entry.text == "说错了"] == [True]


async def test_a_corp_event_nobody_knows_is_stored_as_it_came(stage: Stage) -> None:
    stage.platforms.raise_corp_event(CORP, {"Event": "brand_new_event", "Strange": "值"})
    stage.platforms.raise_corp_event(CORP, {"Event": "another_new_event"}, agent_id=0)
    await stage.settle()
    assert [sent.statuses for sent in stage.platforms.postman.sent] == [[200], [200]]
    raw = [row.body["raw"] for row in await stage.inbox()]
    assert {each["Event"] for each in raw} == {"brand_new_event", "another_new_event"}
    assert [each["Strange"] for each in raw if "Strange" in each] == ["值"]
    assert set(await stage.decisions()) == {"silent"}


async def test_a_kf_event_nobody_knows_is_stored_and_does_not_disturb(stage: Stage) -> None:
    await stage.writes("xiaolin", "什么时候发货")
    stage.platforms.customer_rejects("xiaolin", KF, rejects=False)
    await stage.settle()
    assert (await stage.inbox())[-1].body["event"] == "reject_customer_msg_switch_change"
    assert (await stage.turns())[-1].decision == "silent"
    assert (await stage.conversation()).state == "open"


async def test_a_kf_account_that_we_are_given_is_read_from_then_on(stage: Stage) -> None:
    new = "wkJourney0000000000000002"
    stage.platforms.raise_corp_event(CORP, {"Event": "kf_account_auth_change", "AuthAddOpenKfId": [new]})
    await stage.settle()
    assert new in {row.open_kfid for row in await stage.rows(select(kf_cursors.c.open_kfid))}


@pytest.mark.parametrize(
    ("kind", "data", "content_type"),
    [
        ("image", PNG, "image/png"),
        ("voice", AMR, "audio/amr"),
        ("video", MP4, "video/mp4"),
        ("file", PDF, "application/pdf"),
    ],
    ids=["image", "voice", "video", "file"],
)
async def test_what_a_customer_sends_is_fetched_to_our_own_store(
    stage: Stage, kind: str, data: bytes, content_type: str
) -> None:
    send_file(stage, KF, kind, data)
    await stage.settle()
    (row,) = await stage.rows(select(media))
    assert (row.state, row.kind, row.content_type, row.bytes) == ("fetched", kind, content_type, len(data))
    assert row.sha256 == hashlib.sha256(data).hexdigest()
    assert await asyncio.to_thread(Path(row.path).read_bytes) == data


async def test_a_picture_at_the_official_account_is_fetched_too(stage: Stage) -> None:
    stage.platforms.subscribe("xiaolin", SHOP)
    await stage.settle()
    send_file(stage, SHOP, "image", PNG)
    await stage.settle()
    (row,) = await stage.rows(select(media))
    assert (row.state, row.account) == ("fetched", SHOP)


@pytest.mark.parametrize(
    ("kind", "data"), [("image", PDF), ("voice", PNG), ("video", b"<html>")], ids=["image", "voice", "video"]
)
async def test_a_file_that_is_not_what_it_claims_is_refused_and_recorded(
    stage: Stage, tmp_path: Path, kind: str, data: bytes
) -> None:
    send_file(stage, KF, kind, data)
    await stage.settle()
    (row,) = await stage.rows(select(media))
    assert (row.state, row.problem, row.path) == ("refused", "wrong_type", None)
    kept = await asyncio.to_thread(lambda: [each for each in (tmp_path / "media").rglob("*") if each.is_file()])
    assert kept == []


async def test_media_that_cannot_be_fetched_now_is_fetched_later(stage: Stage) -> None:
    stage.platforms.faults.add(Fault("/cgi-bin/media/get", FaultKind.ERRCODE, count=5, errcode=-1))
    send_file(stage, KF, "image", PNG)
    await stage.settle()
    await stage.later(seconds=60)
    assert [row.state for row in await stage.rows(select(media))] == ["fetched"]


async def test_one_person_at_two_accounts_is_joined_by_her_unionid(stage: Stage) -> None:
    stage.platforms.customer_enters("xiaolin", KF)
    stage.platforms.subscribe("xiaolin", SHOP)
    stage.platforms.subscribe("ajie", SHOP)
    await stage.settle()
    known = await stage.rows(select(customers).order_by(customers.c.id))
    persons = {(row.account, row.customer): row.person_id for row in known}
    xiaolin, ajie = stage.platforms.customer("xiaolin"), stage.platforms.customer("ajie")
    assert persons[CORP, xiaolin.external_userid] == persons[SHOP, xiaolin.openid] is not None
    assert persons[SHOP, ajie.openid] not in {None, persons[SHOP, xiaolin.openid]}
    assert {row.nickname for row in known if row.customer == xiaolin.external_userid} == {"小林"}


async def test_a_kf_scene_is_kept_on_the_conversation(stage: Stage) -> None:
    stage.platforms.customer_enters("xiaolin", KF, scene="shelf", scene_param="7")
    await stage.settle()
    assert "shelf" in (await stage.conversation()).scene
