"""What is special to official accounts: three modes, the plain handshake, echoes, sends."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.base import BadPayload, BadSignature, Envelope
from bot.channels.official_account import PLAIN_KEY
from bot.domain import (
    Address,
    Choice,
    Content,
    LinkContent,
    MediaContent,
    MenuContent,
    MiniProgramContent,
    TextContent,
)
from tests.channels.doors import (
    APP_ID,
    GH_ID,
    NEW_KEY,
    NOW,
    OLD_KEY,
    PAYLOADS,
    TOKEN,
    encrypt,
    official_account,
    seal,
    signed_query,
)

FILES = PAYLOADS / "official_account"
TEXT = (FILES / "text.xml").read_bytes()
OPENID = "oia2TjuEGTNoeX76QEjQNrcURxG8"
ADDRESS = Address("shop", "", OPENID)


def plain_request(body: bytes, **query: str) -> Envelope:
    return Envelope(signed_query(name="signature") | query, body, NOW)


def xml_of(**fields: str) -> bytes:
    base = {"ToUserName": GH_ID, "FromUserName": OPENID, "CreateTime": "1395658920", "MsgType": "text", "MsgId": "1"}
    return "".join(["<xml>", *(f"<{k}>{v}</{k}>" for k, v in (base | fields).items()), "</xml>"]).encode()


def parsed(**fields: str) -> Any:
    return official_account("plain", ()).parse(plain_request(xml_of(**fields)))


# ── handshake ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
def test_handshake_echoes_the_plain_word(mode: str) -> None:
    query = signed_query(name="signature") | {"echostr": "5747937405297386405"}
    assert official_account(mode).handshake(query, NOW) == "5747937405297386405"


def test_handshake_refuses_forged_and_stale_signatures() -> None:
    query = signed_query(name="signature") | {"echostr": "1"}
    with pytest.raises(BadSignature):
        official_account().handshake(query | {"signature": "0" * 40}, NOW)
    with pytest.raises(BadSignature):
        official_account().handshake(query, NOW + timedelta(minutes=6))


@pytest.mark.parametrize("echo", ["", "<script>alert(1)</script>", "two words", "1" * 300])
def test_handshake_never_reflects_anything_but_a_word(echo: str) -> None:
    with pytest.raises(BadPayload):
        official_account().handshake(signed_query(name="signature") | {"echostr": echo}, NOW)


# ── modes ────────────────────────────────────────────────────────────────────────────────────


def test_plain_mode_reads_xml_and_json() -> None:
    channel = official_account("plain", ())
    delivery = channel.parse(plain_request(TEXT))
    assert delivery.slot is not None
    assert (delivery.slot.key, delivery.slot.form) == (PLAIN_KEY, "xml")
    delivery = channel.parse(plain_request((FILES / "text_form_json.json").read_bytes(), encrypt_type="raw"))
    assert delivery.slot is not None
    assert (delivery.slot.key, delivery.slot.form) == (PLAIN_KEY, "json")
    assert delivery.inbound[0].text == "有没有小样？"


def test_plain_mode_still_needs_a_signature_before_it_looks_at_the_body() -> None:
    with pytest.raises(BadSignature):
        official_account("plain", ()).parse(Envelope({}, b"garbage", NOW))


@pytest.mark.parametrize("mode", ["compatible", "safe"])
def test_plain_body_is_not_accepted_where_encryption_is_set(mode: str) -> None:
    with pytest.raises(BadSignature):
        official_account(mode).parse(plain_request(TEXT))


def test_encrypted_body_is_not_accepted_where_plain_is_set() -> None:
    envelope = seal(TEXT, receive_id=APP_ID)
    with pytest.raises(BadPayload):
        official_account("plain", ()).parse(
            replace(envelope, query={**envelope.query, **signed_query(name="signature")})
        )


def test_compatible_mode_believes_only_the_encrypted_half() -> None:
    sealed = encrypt(TEXT, receive_id=APP_ID)
    body = xml_of(Content="forged by whoever saw one signature").replace(
        b"</xml>", f"<Encrypt>{sealed}</Encrypt></xml>".encode()
    )
    envelope = Envelope(signed_query(name="msg_signature", sealed=sealed), body, NOW)
    (inbound,) = official_account("compatible").parse(envelope).inbound
    assert inbound.text == "这款面霜  孕妇能用吗？[疑问]"


def test_the_signature_of_the_query_is_no_proof_of_the_body() -> None:
    envelope = seal(TEXT, receive_id=APP_ID)
    query = signed_query(name="signature")
    with pytest.raises(BadSignature):
        official_account().parse(replace(envelope, query=query))


@pytest.mark.parametrize(("key", "index"), [(NEW_KEY, 0), (OLD_KEY, 1)])
def test_both_keys_open_while_a_change_is_on_its_way(key: str, index: int) -> None:
    delivery = official_account().parse(seal(TEXT, key=key, receive_id=APP_ID))
    assert delivery.slot is not None
    assert delivery.slot.key == index


def test_slot_says_who_wrote_to_whom() -> None:
    slot = official_account().parse(seal(TEXT, receive_id=APP_ID)).slot
    assert (slot.sender, slot.receiver) == (GH_ID, OPENID)


@pytest.mark.parametrize(
    "problem",
    [
        {"keys": ()},
        {"token": ""},
        {"keys": ("short",)},
        {"keys": ("x" * 42,)},
        {"keys": ("é" * 43,)},
        {"keys": ("x" * 39,)},
    ],
)
def test_unusable_secrets_are_refused_when_the_channel_is_built(problem: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"token|EncodingAESKey") as refused:
        official_account(**problem)
    assert TOKEN not in str(refused.value)


# ── messages ─────────────────────────────────────────────────────────────────────────────────


def test_echo_of_our_own_words_is_dropped_even_where_our_id_is_not_set() -> None:
    echo = (FILES / "echo.xml").read_bytes()
    assert official_account(original_id="").parse(seal(echo, receive_id=APP_ID)).inbound == ()
    assert official_account(original_id="").parse(seal(TEXT, receive_id=APP_ID)).inbound != ()


@pytest.mark.parametrize(
    "field",
    [
        {"FromUserName": ""},
        {"FromUserName": "o" * 65},
        {"ToUserName": ""},
        {"MsgType": ""},
        {"MsgType": "event"},
        {"CreateTime": ""},
        {"CreateTime": "yesterday"},
        {"CreateTime": "-5"},
        {"CreateTime": "0"},
        {"CreateTime": "１３９５６５８９２０"},
        {"CreateTime": "9" * 30},
    ],
)
def test_nonsense_in_what_every_message_has_is_a_bad_payload(field: dict[str, str]) -> None:
    with pytest.raises(BadPayload):
        parsed(**field)


def test_message_without_or_with_monstrous_id_gets_a_stable_one() -> None:
    ids = {parsed(MsgId=value).inbound[0].message_id for value in ("", "", "9" * 65)}
    assert len(ids) == 2
    assert all(name.startswith("message-") and len(name) <= 64 for name in ids)


def test_media_without_its_id_is_kept_without_media() -> None:
    assert parsed(MsgType="image", MediaId="").inbound[0].media == ()


def test_two_different_events_of_one_second_have_different_ids() -> None:
    events = [
        {"Event": "CLICK", "EventKey": "A"},
        {"Event": "CLICK", "EventKey": "B"},
        {"Event": "VIEW", "EventKey": "A"},
        {"Event": "VIEW", "EventKey": "A", "MenuId": "2"},
        {"Event": "kf_create_session", "KfAccount": "a@shop"},
        {"Event": "kf_create_session", "KfAccount": "b@shop"},
        {"Event": "kf_switch_session", "ToKfAccount": "a@shop"},
        {"Event": "kf_switch_session", "ToKfAccount": "b@shop"},
        {"Event": "TEMPLATESENDJOBFINISH", "MsgID": "1"},
        {"Event": "TEMPLATESENDJOBFINISH", "MsgID": "2"},
        {"Event": "LOCATION", "Latitude": "1"},
        {"Event": "LOCATION", "Latitude": "2"},
        {"Event": "LOCATION", "Latitude": "2", "Longitude": "1"},
    ]
    ids = {parsed(MsgType="event", MsgId="", **event).inbound[0].message_id for event in events}
    assert len(ids) == len(events)
    assert all(len(name) <= 64 for name in ids)


def test_a_control_character_does_not_cost_the_customer_her_message() -> None:
    assert parsed(Content="坏\x08了\x00吗").inbound[0].text == "坏了吗"


def test_subscription_with_a_foreign_key_has_no_scene() -> None:
    key = "last_trade_no_1003740829201407310017540"
    assert parsed(MsgType="event", Event="subscribe", EventKey=key).inbound[0].scene == ""


# ── sends ────────────────────────────────────────────────────────────────────────────────────

MENU = MenuContent("您想问的是？", (Choice("s-1", "怎么退货"), Choice("s-2", "运费谁出")), "都不是请直接说")


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (TextContent("您好"), {"msgtype": "text", "text": {"content": "您好"}}),
        (
            MENU,
            {
                "msgtype": "msgmenu",
                "msgmenu": {
                    "head_content": "您想问的是？",
                    "list": [{"id": "s-1", "content": "怎么退货"}, {"id": "s-2", "content": "运费谁出"}],
                    "tail_content": "都不是请直接说",
                },
            },
        ),
        (MediaContent("image", "m1"), {"msgtype": "image", "image": {"media_id": "m1"}}),
        (MediaContent("voice", "m1"), {"msgtype": "voice", "voice": {"media_id": "m1"}}),
        (MediaContent("video", "m1"), {"msgtype": "video", "video": {"media_id": "m1"}}),
        (
            LinkContent("退货", "七天无理由", "https://example.com/r"),
            {
                "msgtype": "news",
                "news": {
                    "articles": [
                        {"title": "退货", "description": "七天无理由", "url": "https://example.com/r", "picurl": ""}
                    ]
                },
            },
        ),
        (
            MiniProgramContent("商城", "wx1", "pages/index", "thumb"),
            {
                "msgtype": "miniprogrampage",
                "miniprogrampage": {
                    "title": "商城",
                    "appid": "wx1",
                    "pagepath": "pages/index",
                    "thumb_media_id": "thumb",
                },
            },
        ),
    ],
)
def test_each_content_becomes_a_customer_service_message(content: Content, body: dict[str, Any]) -> None:
    channel = official_account()
    (piece,) = channel.split(content)
    call = channel.build_send(ADDRESS, piece, "m-1")
    assert call.path == "/cgi-bin/message/custom/send"
    assert call.method == "POST"
    assert not call.repeatable
    assert call.json == {"touser": OPENID} | body
    json.dumps(call.json)


@pytest.mark.parametrize(
    "content",
    [MediaContent("file", "m"), LinkContent("t", "d", ""), MiniProgramContent("t", "wx1", "p", "")],
)
def test_what_an_official_account_cannot_send_is_a_value_error(content: Content) -> None:
    with pytest.raises(ValueError, match=r"file|required"):
        official_account().build_send(ADDRESS, content, "m-1")


@pytest.mark.parametrize(
    ("source", "picture"),
    [("https://shop.example/a.png", "https://shop.example/a.png"), ("pictures/a.png", ""), ("", "")],
)
def test_a_links_picture_is_named_by_its_address(source: str, picture: str) -> None:
    link = LinkContent("退货", "七天", "https://shop.example/r", source=source)
    call = official_account().build_send(ADDRESS, link, "m-1")
    assert call.json is not None
    assert call.json["news"] == {
        "articles": [{"title": "退货", "description": "七天", "url": link.url, "picurl": picture}]
    }
