"""Callbacks: signed, encrypted, repeated at 5 s up to three times, and unruly on demand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Literal

import pytest
import xmltodict
from aiohttp import web
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from bot.simulator import Customer, Fault, FaultKind, World
from tests.simulator.doubles import AES_KEY, KF, Clock, Received, Shop


def _refuse(_: Received) -> web.Response:
    return web.Response(status=500)


@pytest.mark.usefixtures("talking")
async def test_a_doorbell_carries_no_content(world: World, shop: Shop, clock: Clock) -> None:
    await world.settled()
    assert shop.opened(world) == [
        {
            "ToUserName": "ww0123456789abcdef",
            "CreateTime": str(int(clock.now().timestamp())),
            "MsgType": "event",
            "Event": "kf_msg_or_event",
            "Token": shop.opened(world)[0]["Token"],
            "OpenKfId": KF,
        }
    ]
    assert set(shop.received[0].query) == {"msg_signature", "timestamp", "nonce"}
    assert set(xmltodict.parse(shop.received[0].body)["xml"]) == {"ToUserName", "Encrypt", "AgentID"}


def _open(got: Received, form: str) -> dict[str, Any]:
    sealed = json.loads(got.body) if form == "json" else xmltodict.parse(got.body)["xml"]
    crypto = WeChatCrypto("oatoken", AES_KEY, "wx0123456789abcdef")
    text = crypto.decrypt_message(sealed, got.query["msg_signature"], got.query["timestamp"], got.query["nonce"])
    fields: dict[str, Any] = json.loads(text) if form == "json" else xmltodict.parse(text)["xml"]
    return fields


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("mode", ["compatible", "safe"])
async def test_official_accounts_encrypt(
    world: World, shop: Shop, mode: Literal["compatible", "safe"], form: Literal["xml", "json"]
) -> None:
    account = world.officials["shop"]
    account.mode, account.form = mode, form
    world.subscribe("xiaolin", "shop")
    world.customer_writes("xiaolin", "shop", "]]> & 你好")
    await world.settled()
    by_type = {_open(got, form)["MsgType"]: (got, _open(got, form)) for got in shop.received}
    got, fields = by_type["text"]
    assert (fields["Content"], fields["ToUserName"]) == ("]]> & 你好", account.receiver)
    assert (fields["FromUserName"], got.query["openid"]) == (world.customer("xiaolin").openid,) * 2
    assert len(str(fields["MsgId"])) == 17
    assert got.query["encrypt_type"] == "aes"
    check_signature("oatoken", got.query["signature"], got.query["timestamp"], got.query["nonce"])
    assert ("Content" in got.body) == (mode == "compatible")
    assert got.content_type == ("application/json" if form == "json" else "text/xml")


@pytest.mark.usefixtures("client")
async def test_plain_mode_is_not_encrypted(world: World, shop: Shop) -> None:
    world.officials["shop"].mode = "plain"
    world.subscribe("xiaolin", "shop", scene="poster")
    await world.settled()
    fields = xmltodict.parse(shop.received[0].body)["xml"]
    assert (fields["Event"], fields["EventKey"]) == ("subscribe", "qrscene_poster")
    assert fields["Ticket"]
    assert "msg_signature" not in shop.received[0].query


@pytest.mark.usefixtures("talking")
async def test_repeated_until_200(world: World, shop: Shop, clock: Clock) -> None:
    shop.answers = [_refuse, _refuse]
    await world.settled()
    assert [list(sent.statuses) for sent in world.postman.sent] == [[500, 500, 200]]
    assert clock.slept == [world.limits.answer_within_s] * 2
    first, *repeats = shop.opened(world)
    assert repeats == [first, first]


@pytest.mark.usefixtures("talking")
async def test_given_up_after_three_attempts(world: World, shop: Shop) -> None:
    shop.answers = [_refuse] * 5
    await world.settled()
    assert len(shop.received) == 3
    assert world.postman.counts["given_up"] == 1


@pytest.mark.usefixtures("talking")
async def test_no_answer_in_time_is_repeated_at_once(world: World, shop: Shop, clock: Clock) -> None:
    postman, patient = world.postman, world.postman.limits
    postman.limits = replace(patient, answer_within_s=0.2)  # real seconds, of the first attempt

    def be_patient() -> None:
        postman.limits = patient

    shop.hang, shop.on_hang = 1, be_patient
    await world.settled()
    shop.patience.set()
    assert [list(sent.statuses) for sent in world.postman.sent] == [[0, 200]]
    assert clock.slept == []


@pytest.mark.usefixtures("client")
async def test_no_callback_url_no_callback(world: World, shop: Shop) -> None:
    world.corps["corp"].callback_url = ""
    world.customer_writes("xiaolin", KF, "在吗")
    await world.settled()
    assert shop.received == []


@pytest.mark.usefixtures("client")
async def test_duplicated_dropped_and_reordered(world: World, shop: Shop) -> None:
    world.officials["shop"].mode = "plain"
    world.subscribe("xiaolin", "shop")
    await world.settled()
    shop.received.clear()
    world.faults.add(
        Fault("callback:shop", FaultKind.DUPLICATE, copies=3),
        Fault("callback:shop", FaultKind.DROP),
        Fault("callback:*", FaultKind.REORDER),
    )
    for text in ("thrice", "never", "late", "early"):
        world.customer_writes("xiaolin", "shop", text)
        await world.settled()
    contents = [xmltodict.parse(got.body)["xml"]["Content"] for got in shop.received]
    assert contents == ["thrice", "thrice", "thrice", "early", "late"]
    ids = {xmltodict.parse(got.body)["xml"]["MsgId"] for got in shop.received[:3]}
    assert len(ids) == 1
    world.faults.add(Fault("callback:shop", FaultKind.REORDER))
    world.customer_writes("xiaolin", "shop", "held")
    await world.settled()
    world.postman.release()
    await world.settled()
    assert "held" in shop.received[-1].body


async def test_a_lost_event_is_in_no_page(world: World, shop: Shop, talking: Customer) -> None:
    await world.settled()
    world.faults.add(Fault("event:session_status_change", FaultKind.LOSE_EVENT))
    session = world.kf(KF)[1].sessions[talking.external_userid]
    session.serve("lina")
    world.servicer_ends_session("lina", talking, KF)
    await world.settled()
    assert len(shop.received) == 1
    assert session.state == 4
