"""Answers inside the response are read back with wechatpy, as the platform would."""

from __future__ import annotations

import json
from typing import Any

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.exceptions import InvalidSignatureException

from bot.channels.base import ReplySlot
from bot.channels.passive import numbered, passive_fields, render_fields
from bot.domain import Choice, Content, LinkContent, MediaContent, MenuContent, MiniProgramContent, TextContent
from tests.channels.doors import (
    APP_ID,
    GH_ID,
    NEW_KEY,
    NOW,
    OLD_KEY,
    PAYLOADS,
    official_account,
    opened_by_wechatpy,
    seal,
)

FILES = PAYLOADS / "official_account"
CHANNEL = official_account()
CUSTOMER = "oia2TjuEGTNoeX76QEjQNrcURxG8"
PLAIN = ReplySlot(key=-1, form="xml", sender=GH_ID, receiver=CUSTOMER)
MENU = MenuContent("您想问的是？", (Choice("a", "怎么退货"), Choice("b", "运费谁出")), "都不是请直接说")


def fields_of(reply: str, form: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(reply) if form == "json" else xmltodict.parse(reply)["xml"]
    return fields


@pytest.mark.parametrize(("key", "other"), [(NEW_KEY, OLD_KEY), (OLD_KEY, NEW_KEY)])
@pytest.mark.parametrize(("form", "name"), [("xml", "text.xml"), ("json", "text_form_json.json")])
def test_answer_is_sealed_with_the_key_that_opened_the_request(key: str, other: str, form: str, name: str) -> None:
    delivery = CHANNEL.parse(seal((FILES / name).read_bytes(), key=key, receive_id=APP_ID, form=form))
    reply = CHANNEL.render_passive(delivery.slot, TextContent("您好，可以的 ]]> <a>&"), NOW)
    answer = fields_of(opened_by_wechatpy(reply, key), form)
    assert answer["ToUserName"] == CUSTOMER
    assert answer["FromUserName"] == GH_ID
    assert int(answer["CreateTime"]) == int(NOW.timestamp())
    assert answer["MsgType"] == "text"
    assert answer["Content"] == "您好，可以的 ]]> <a>&"
    outer = fields_of(reply, form)
    assert set(outer) == {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}
    with pytest.raises(Exception):  # noqa: B017, PT011 - wechatpy meets garbage under the wrong key in many ways
        opened_by_wechatpy(reply, other)


def test_a_changed_answer_would_be_noticed() -> None:
    delivery = CHANNEL.parse(seal((FILES / "text.xml").read_bytes(), receive_id=APP_ID))
    reply = CHANNEL.render_passive(delivery.slot, TextContent("您好"), NOW)
    with pytest.raises(InvalidSignatureException):
        opened_by_wechatpy(reply.replace("<Nonce><![CDATA[", "<Nonce><![CDATA[x"), NEW_KEY)


def test_two_answers_never_look_alike() -> None:
    delivery = CHANNEL.parse(seal((FILES / "text.xml").read_bytes(), receive_id=APP_ID))
    replies = {CHANNEL.render_passive(delivery.slot, TextContent("您好"), NOW) for _ in range(20)}
    assert len(replies) == 20


def test_plain_request_gets_a_plain_answer() -> None:
    reply = CHANNEL.render_passive(PLAIN, TextContent("您好"), NOW)
    assert reply == (
        f"<xml><ToUserName><![CDATA[{CUSTOMER}]]></ToUserName><FromUserName><![CDATA[{GH_ID}]]></FromUserName>"
        f"<CreateTime>{int(NOW.timestamp())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        "<Content><![CDATA[您好]]></Content></xml>"
    )


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (MENU, {"MsgType": "text", "Content": "您想问的是？\n1. 怎么退货\n2. 运费谁出\n都不是请直接说"}),
        (MediaContent("image", "m"), {"MsgType": "image", "Image": {"MediaId": "m"}}),
        (MediaContent("voice", "m"), {"MsgType": "voice", "Voice": {"MediaId": "m"}}),
        (MediaContent("video", "m"), {"MsgType": "video", "Video": {"MediaId": "m"}}),
        (LinkContent("退货", "七天", "https://example.com/r"), {"MsgType": "news", "ArticleCount": 1}),
    ],
)
def test_each_content_has_its_passive_shape(form: Any, content: Content, wanted: dict[str, Any]) -> None:
    slot = ReplySlot(key=-1, form=form, sender=GH_ID, receiver=CUSTOMER)
    answer = fields_of(CHANNEL.render_passive(slot, content, NOW), form)
    assert {name: str(answer[name]) for name in wanted} == {name: str(value) for name, value in wanted.items()}


def test_a_link_is_one_article() -> None:
    content = LinkContent("退货", "七天", "https://example.com/r")
    article = {"Title": "退货", "Description": "七天", "PicUrl": "", "Url": "https://example.com/r"}
    fields = passive_fields(PLAIN, content, NOW)
    assert fields["Articles"] == [article]
    read = xmltodict.parse(render_fields("xml", fields))["xml"]["Articles"]["item"]
    assert read == {**article, "PicUrl": None}


@pytest.mark.parametrize(
    "content",
    [MediaContent("file", "m"), MiniProgramContent("t", "wx", "p", "m"), TextContent("长" * 683), TextContent(" ")],
)
def test_what_a_passive_answer_cannot_carry_is_a_value_error(content: Content) -> None:
    with pytest.raises(ValueError, match=r"cannot|bytes"):
        CHANNEL.render_passive(PLAIN, content, NOW)


def test_numbered_menu_leaves_out_what_is_blank() -> None:
    assert numbered(MenuContent("", (Choice("a", "退货"),))) == "1. 退货"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200).filter(str.strip))
def test_any_text_survives_in_well_formed_xml(text: str) -> None:
    reply = CHANNEL.render_passive(PLAIN, TextContent(text), NOW)
    read = xmltodict.parse(reply, strip_whitespace=False)["xml"]["Content"]
    kept = "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))
    assert (read or "") == kept.replace("\r\n", "\n").replace("\r", "\n")
