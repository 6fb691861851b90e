"""What is special to 微信客服: pages, poisoned entries, the msgid rule, codes answered on events."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import BadPayload, BadSignature, Envelope
from bot.channels.kf_messages import UNDATED
from bot.channels.wecom_kf import Page, WeComKfChannel
from bot.domain import (
    Address,
    Choice,
    Content,
    LinkContent,
    MediaContent,
    MenuContent,
    MessageKind,
    MiniProgramContent,
    Sender,
    TextContent,
)
from tests.channels.doors import NOW

CHANNEL = WeComKfChannel("shop")
ADDRESS = Address("shop", "wkAAA", "wmBBB")
MENU = MenuContent("您想问的是？", (Choice("s-1", "怎么退货"),), "都不是请直接说")


def message(msgid: str, send_time: object = 1615478585, **fields: Any) -> dict[str, Any]:
    base = {"msgid": msgid, "open_kfid": "wkAAA", "external_userid": "wmBBB", "send_time": send_time}
    return base | {"origin": 3, "msgtype": "text", "text": {"content": msgid}} | fields


def page(*entries: object, **fields: Any) -> Page:
    known = {"errcode": 0, "errmsg": "ok", "next_cursor": "c1", "has_more": 0, "msg_list": list(entries)}
    return CHANNEL.parse_page(json.dumps(known | fields).encode())


# ── pages ────────────────────────────────────────────────────────────────────────────────────


def test_messages_come_in_the_order_they_were_sent_then_listed() -> None:
    read = page(message("a", 1615478590), message("z"), message("b"), message("d", 1615478590))
    assert [inbound.message_id for inbound in read.inbound] == ["z", "b", "a", "d"]


def test_an_empty_page_may_have_more() -> None:
    assert page(has_more=1) == Page((), "c1", has_more=True)
    assert page(msg_list=[], has_more=0) == Page((), "c1", has_more=False)
    assert CHANNEL.parse_page(b'{"errcode":0,"next_cursor":"c2"}') == Page((), "c2", has_more=False)


def test_parse_reads_the_same_page() -> None:
    body = json.dumps({"errcode": 0, "msg_list": [message("a")]}).encode()
    assert CHANNEL.parse(Envelope({}, body, NOW)).inbound == CHANNEL.parse_page(body).inbound


@pytest.mark.parametrize(
    "fields",
    [{"errcode": 95007}, {"errcode": -1}, {"msg_list": {}}, {"msg_list": None}, {"has_more": 1, "next_cursor": ""}],
)
def test_a_page_that_is_none_is_a_bad_payload(fields: dict[str, Any]) -> None:
    with pytest.raises(BadPayload):
        page(**fields)


def test_a_large_page_is_read() -> None:
    assert len(page(*(message(f"m{number}") for number in range(1000))).inbound) == 1000


def test_this_channel_has_no_door() -> None:
    with pytest.raises(BadSignature):
        CHANNEL.handshake({}, NOW)


# ── poisoned entries ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "odd",
    [
        message("odd", text={"content": 5}),
        message("odd", text="naked"),
        message("odd", msgtype="image", image={}),
        message("odd", msgtype="location"),
        message("odd", msgtype="event", event={}),
        message("odd", msgtype=None),
        message("odd", send_time="soon"),
        message("odd", send_time=10**400),
        message("odd", external_userid=None),
        {"msgid": "odd"},
    ],
)
def test_one_odd_entry_is_kept_raw_and_spoils_nothing(odd: dict[str, Any]) -> None:
    read = page(message("a"), odd, message("b"))
    by_id = {inbound.message_id: inbound for inbound in read.inbound}
    assert set(by_id) == {"a", "odd", "b"}
    assert by_id["odd"].kind == MessageKind.UNKNOWN
    assert dict(by_id["odd"].raw) == odd
    assert by_id["a"].text == "a"


@pytest.mark.parametrize(
    "odd", [{"msgid": True}, None, 7, "text", [], {}, message(""), {"msgtype": "text", "text": {"content": "hi"}}]
)
def test_an_entry_without_id_gets_the_same_one_every_time(odd: object) -> None:
    (first,), (again,) = page(odd).inbound, page(odd).inbound
    assert first == again
    assert first.message_id.startswith("entry-")
    assert len(first.message_id) <= 64
    assert first.kind == MessageKind.UNKNOWN


def test_an_undated_entry_is_dated_before_everything() -> None:
    assert page(message("odd", send_time=None)).inbound[0].sent_at == UNDATED


def test_an_unknown_origin_is_nobody_to_answer() -> None:
    assert page(message("a", origin=9)).inbound[0].sender == Sender.SYSTEM


def test_what_no_database_stores_is_replaced() -> None:
    body = b'{"errcode":0,"msg_list":[' + json.dumps(message("a")).encode()
    body = body.replace(b'"content": "a"', b'"content": "\\ud83d x\\u0000 \\ud83d\\ude00", "f": 1e999') + b"]}"
    (inbound,) = CHANNEL.parse_page(body).inbound
    assert inbound.text == "\ufffd x\ufffd \U0001f600"
    assert inbound.raw["text"] == {"content": inbound.text, "f": None}


def test_depth_beyond_use_is_cut_off() -> None:
    deep: object = "bottom"
    for _ in range(50):
        deep = [deep]
    assert "bottom" not in str(page(message("a", extra=deep)).inbound[0].raw)


@given(
    st.lists(
        st.recursive(
            st.none() | st.integers() | st.text(max_size=8) | st.sampled_from(["text", "event", "image", "location"]),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["msgid", "msgtype", "text", "event", "event_type", "send_time", "origin", "content"]
                    ),
                    inner,
                    max_size=6,
                )
            ),
            max_leaves=12,
        ),
        max_size=5,
    )
)
def test_every_entry_of_any_shape_comes_through(entries: list[object]) -> None:
    assert len(page(*entries).inbound) == len(entries)


# ── sends ────────────────────────────────────────────────────────────────────────────────────

BODIES: list[tuple[Content, dict[str, Any]]] = [
    (TextContent("您好"), {"msgtype": "text", "text": {"content": "您好"}}),
    (
        MENU,
        {
            "msgtype": "msgmenu",
            "msgmenu": {
                "head_content": "您想问的是？",
                "list": [{"type": "click", "click": {"id": "s-1", "content": "怎么退货"}}],
                "tail_content": "都不是请直接说",
            },
        },
    ),
    *[
        (MediaContent(media, "m1"), {"msgtype": media, media: {"media_id": "m1"}})
        for media in ("image", "voice", "video", "file")
    ],
    (
        LinkContent("退货", "七天", "https://example.com/r", "thumb"),
        {
            "msgtype": "link",
            "link": {"title": "退货", "desc": "七天", "url": "https://example.com/r", "thumb_media_id": "thumb"},
        },
    ),
    (
        MiniProgramContent("商城", "wx1", "pages/index", "thumb"),
        {
            "msgtype": "miniprogram",
            "miniprogram": {"title": "商城", "appid": "wx1", "pagepath": "pages/index", "thumb_media_id": "thumb"},
        },
    ),
]


@pytest.mark.parametrize(("content", "body"), BODIES)
def test_each_content_becomes_a_send(content: Content, body: dict[str, Any]) -> None:
    (piece,) = CHANNEL.split(content)
    call = CHANNEL.build_send(ADDRESS, piece, "turn-1_0")
    assert call.path == "/cgi-bin/kf/send_msg"
    assert call.repeatable
    assert call.json == {"touser": "wmBBB", "open_kfid": "wkAAA", "msgid": "turn-1_0"} | body


@pytest.mark.parametrize(("content", "body"), BODIES[:2])
def test_a_code_is_answered_by_text_or_menu(content: Content, body: dict[str, Any]) -> None:
    call = CHANNEL.build_send_on_event("WELCOME", content, "w-1")
    assert call.path == "/cgi-bin/kf/send_msg_on_event"
    assert call.json == {"code": "WELCOME", "msgid": "w-1"} | body


def test_a_code_is_needed_and_answered_by_nothing_else() -> None:
    with pytest.raises(ValueError, match="code"):
        CHANNEL.build_send_on_event("WELCOME", MediaContent("image", "m"), "w-1")
    with pytest.raises(ValueError, match="code"):
        CHANNEL.build_send_on_event("", TextContent("hi"), "w-1")


@pytest.mark.parametrize("msgid", ["", "a" * 33, "a b", "a.b", "消息", "a\n"])
def test_msgid_must_be_what_the_platform_takes(msgid: str) -> None:
    with pytest.raises(ValueError, match="msgid"):
        CHANNEL.build_send(ADDRESS, TextContent("hi"), msgid)


@pytest.mark.parametrize(
    "content",
    [
        LinkContent("t", "d", "https://e", ""),
        LinkContent("题" * 43, "d", "https://e", "m"),
        LinkContent("t", "述" * 171, "https://e", "m"),
        LinkContent("t", "d", "https://" + "e" * 2048, "m"),
        MiniProgramContent("题" * 22, "wx", "p", "m"),
        MiniProgramContent("t", "wx", "p", ""),
    ],
)
def test_cards_over_the_limits_are_value_errors(content: Content) -> None:
    with pytest.raises(ValueError, match=r"bytes|required"):
        CHANNEL.build_send(ADDRESS, content, "m-1")


@pytest.mark.parametrize(
    "content",
    [
        LinkContent("题" * 60, "述" * 300, "https://e", "m"),
        LinkContent("题" * 60, "述" * 900, "https://e"),
        MiniProgramContent("题" * 60, "wx", "p", "m"),
        MenuContent("问" * 900, tuple(Choice(f"c{number}", "选" * 60) for number in range(23)), "尾" * 400),
    ],
)
def test_whatever_was_split_can_be_sent(content: Content) -> None:
    pieces = CHANNEL.split(content)
    assert pieces
    for piece in pieces:
        CHANNEL.build_send(ADDRESS, piece, "m-1")


def test_a_link_without_its_picture_is_sent_as_text() -> None:
    assert CHANNEL.split(LinkContent("退货", "", "https://e")) == (TextContent("退货\nhttps://e"),)
