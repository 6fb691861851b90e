"""What does the door do with what no platform would send? Refuse it with the right status, and store nothing."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from wechatpy.enterprise.crypto import WeChatCrypto

from bot.simulator.envelope import Letter, render_xml, seal_for_corp, seal_for_official, sign
from bot.store.engine import close_store
from bot.store.tables import addresses, inbox, kf_cursors
from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.packs import SHIPPING
from tests.stage import AES_KEY, AGENT_ID, CORP, KF, SHOP, Options, Stage

pytestmark = ON_SQLITE
BOTH = pytest.mark.parametrize("account", [SHOP, CORP])
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'


def letter(stage: Stage, account: str, *, receiver: str = "", msgid: int = 1) -> Letter:
    """A letter as the platform writes it: a text at the 公众号, a doorbell at the corp."""
    now = str(int(stage.clock.now().timestamp()))
    if account == CORP:
        corp = stage.platforms.corp(CORP)
        doorbell = {
            "ToUserName": corp.corp_id,
            "CreateTime": int(now),
            "MsgType": "event",
            "Event": "kf_msg_or_event",
            "Token": "ENCtoken",
            "OpenKfId": KF,
        }
        sealer = dataclasses.replace(corp, corp_id=receiver or corp.corp_id)
        return seal_for_corp(sealer, doorbell, agent_id=AGENT_ID, timestamp=now, nonce="nonce")
    official = stage.platforms.official(SHOP)
    openid = stage.platforms.customer("xiaolin").openid
    text = {
        "ToUserName": official.receiver,
        "FromUserName": openid,
        "CreateTime": int(now),
        "MsgType": "text",
        "Content": "什么时候发货",
        "MsgId": msgid,
    }
    sealer_oa = dataclasses.replace(official, app_id=receiver or official.app_id)
    return seal_for_official(sealer_oa, text, openid=openid, timestamp=now, nonce="nonce")


async def post(stage: Stage, account: str, sent: Letter) -> int:
    url = f"{stage.url}/callbacks/{account}"
    headers = {"Content-Type": sent.content_type}
    async with stage.http.post(url, params=sent.query, data=sent.body.encode(), headers=headers) as response:
        return response.status


async def answers(stage: Stage, account: str, *spoils: Callable[[Letter], Letter]) -> dict[str, int]:
    """The status for a genuine letter spoiled in each way."""
    return {spoil.__name__: await post(stage, account, spoil(letter(stage, account))) for spoil in spoils}


async def stored(stage: Stage) -> tuple[int, int, int]:
    """Messages, addresses and doorbells that were ever taken in (one reading was registered at the start)."""
    rings = sum(row.rings for row in await stage.rows(select(kf_cursors.c.rings)))
    found = [len(await stage.rows(select(table.c.id))) for table in (inbox, addresses)]
    return found[0], found[1], rings - 1


def forged(sent: Letter) -> Letter:
    return dataclasses.replace(sent, query={**sent.query, "msg_signature": "0" * 40, "signature": "0" * 40})


def unsigned(sent: Letter) -> Letter:
    kept = {name: value for name, value in sent.query.items() if "signature" not in name}
    return dataclasses.replace(sent, query=kept)


def undated(sent: Letter) -> Letter:
    return dataclasses.replace(sent, query={**sent.query, "timestamp": "soon"})


def truncated(sent: Letter) -> Letter:
    return dataclasses.replace(sent, body=sent.body[: len(sent.body) // 2])


def empty(sent: Letter) -> Letter:
    return dataclasses.replace(sent, body="")


def oversized(sent: Letter) -> Letter:
    return dataclasses.replace(sent, body=sent.body.replace("</xml>", f"<Pad>{'x' * 65_536}</Pad></xml>"))


def entity_laden(sent: Letter) -> Letter:
    return dataclasses.replace(sent, body=BOMB + sent.body.replace("</xml>", "<Pad>&b;</Pad></xml>"))


def binary(sent: Letter) -> Letter:
    return dataclasses.replace(sent, body="\x00\x01\x02 <xml")


@BOTH
async def test_a_genuine_letter_is_taken_in(stage: Stage, account: str) -> None:
    assert await post(stage, account, letter(stage, account)) == 200
    assert sum(await stored(stage)) == (2 if account == SHOP else 1)


@BOTH
async def test_who_cannot_prove_himself_is_refused_with_401(stage: Stage, account: str) -> None:
    assert await answers(stage, account, forged, unsigned, undated) == {"forged": 401, "unsigned": 401, "undated": 401}
    assert await stored(stage) == (0, 0, 0)


@BOTH
async def test_a_stale_letter_is_refused_with_401(stage: Stage, account: str) -> None:
    old = letter(stage, account)
    stage.clock.advance(seconds=301)
    assert await post(stage, account, old) == 401
    stage.clock.advance(seconds=-602)
    assert await post(stage, account, old) == 401  # nor one from the future
    assert await stored(stage) == (0, 0, 0)


@BOTH
async def test_a_body_no_platform_sends_is_refused_with_400(stage: Stage, account: str) -> None:
    found = await answers(stage, account, truncated, empty, oversized, entity_laden, binary)
    assert found == dict.fromkeys(["truncated", "empty", "oversized", "entity_laden", "binary"], 400)
    assert await stored(stage) == (0, 0, 0)


@BOTH
async def test_a_letter_to_somebody_else_is_refused_with_400(stage: Stage, account: str) -> None:
    assert await post(stage, account, letter(stage, account, receiver="wx0000000000000000")) == 400
    assert await stored(stage) == (0, 0, 0)


@BOTH
async def test_what_cannot_be_decrypted_is_refused_with_400(stage: Stage, account: str) -> None:
    token = stage.platforms.corp(CORP).token if account == CORP else stage.platforms.official(SHOP).token
    for cipher in (base64.b64encode(b"not encrypted at all!").decode(), "%%%", "QUJD" * 16):
        sent = letter(stage, account)
        signature = sign(token, sent.query["timestamp"], sent.query["nonce"], cipher)
        body = render_xml({"ToUserName": "x", "Encrypt": cipher})
        spoiled = Letter({**sent.query, "msg_signature": signature}, body, "text/xml")
        assert await post(stage, account, spoiled) == 400, cipher
    assert await stored(stage) == (0, 0, 0)


async def test_entities_inside_the_encrypted_part_are_refused_with_400(stage: Stage) -> None:
    corp, now = stage.platforms.corp(CORP), str(int(stage.clock.now().timestamp()))
    sealed = WeChatCrypto(corp.token, AES_KEY, corp.corp_id).encrypt_message(f"{BOMB}<xml><A>&b;</A></xml>", "n", now)
    cipher = sealed.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    query = {"msg_signature": sign(corp.token, now, "n", cipher), "timestamp": now, "nonce": "n"}
    assert await post(stage, CORP, Letter(query, render_xml({"Encrypt": cipher}), "text/xml")) == 400
    assert await stored(stage) == (0, 0, 0)


async def test_a_plain_letter_is_no_way_round_safe_mode(opened: OpenStage) -> None:
    stage = await opened(Options(mode="safe"))
    official, now = stage.platforms.official(SHOP), str(int(stage.clock.now().timestamp()))
    query = {"signature": sign(official.token, now, "n"), "timestamp": now, "nonce": "n"}
    body = {"ToUserName": official.receiver, "FromUserName": "o1", "CreateTime": now, "MsgType": "text", "MsgId": 1}
    assert await post(stage, SHOP, Letter(query, render_xml({**body, "Content": "x"}), "text/xml")) in {400, 401}
    assert await stored(stage) == (0, 0, 0)


async def test_an_unknown_account_is_not_found(stage: Stage) -> None:
    for account in ("nobody", "SHOP", "..%2fshop"):
        assert await post(stage, account, letter(stage, SHOP)) == 404
        async with stage.http.get(f"{stage.url}/callbacks/{account}") as response:
            assert response.status == 404


@BOTH
async def test_a_letter_of_one_account_does_not_open_the_others_door(stage: Stage, account: str) -> None:
    other = CORP if account == SHOP else SHOP
    assert await post(stage, other, letter(stage, account)) in {400, 401}
    assert await stored(stage) == (0, 0, 0)


@BOTH
async def test_the_platform_verifies_the_callback_url(stage: Stage, account: str) -> None:
    assert await stage.platforms.verify_callback(account)


@BOTH
async def test_a_forged_verification_is_refused_with_401(stage: Stage, account: str) -> None:
    sent = forged(letter(stage, account))
    query = {**sent.query, "echostr": "hello"}
    async with stage.http.get(f"{stage.url}/callbacks/{account}", params=query) as response:
        assert response.status == 401
        assert "hello" not in await response.text()


async def test_while_the_database_is_away_nothing_is_acknowledged_and_redelivery_works(
    stage: Stage, database_folder: Path
) -> None:
    sent, file = letter(stage, SHOP), database_folder / "xiaoer.db"
    follower = stage.platforms.official(SHOP).follower(stage.platforms.customer("xiaolin").openid)
    follower.subscribed = True
    follower.wrote(stage.clock.now(), stage.platforms.limits)
    await close_store(stage.product.engine)
    file.rename(database_folder / "away.db")
    assert await post(stage, SHOP, sent) == 503
    async with stage.http.get(f"{stage.url}/readyz") as response:
        assert response.status == 503
        assert "database" in (await response.json())["problems"]
    await close_store(stage.product.engine)
    (database_folder / "away.db").replace(file)

    assert await post(stage, SHOP, sent) == 200
    assert await post(stage, SHOP, sent) == 200
    await stage.settle()
    assert stage.texts("xiaolin") == [SHIPPING]
    assert len(await stage.inbox()) == 1
