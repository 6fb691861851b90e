"""What is special to a corp's callbacks: the encrypted handshake, doorbells, lanes, notices to members."""

from __future__ import annotations

import pytest

from bot.channels.base import BadPayload, BadSignature, Delivery
from bot.domain import Address, LinkContent, TextContent
from tests.channels.doors import CORP_ID, NEW_KEY, NOW, OLD_KEY, PAYLOADS, encrypt, seal, signed_query, wecom

CHANNEL = wecom()


def parsed(body: str) -> Delivery:
    return CHANNEL.parse(seal(f"<xml>{body}</xml>".encode(), receive_id=CORP_ID))


def echo_query(plain: bytes, key: str = NEW_KEY) -> dict[str, str]:
    sealed = encrypt(plain, key=key, receive_id=CORP_ID)
    return signed_query(name="msg_signature", sealed=sealed) | {"echostr": sealed}


@pytest.mark.parametrize("key", [NEW_KEY, OLD_KEY])
def test_handshake_answers_the_decrypted_echo(key: str) -> None:
    assert CHANNEL.handshake(echo_query(b"1616140317555161061", key), NOW) == "1616140317555161061"


def test_handshake_heals_a_plus_that_became_a_space() -> None:
    query = next(q for q in (echo_query(b"42") for _ in range(1000)) if "+" in q["echostr"])
    assert CHANNEL.handshake(query | {"echostr": query["echostr"].replace("+", " ")}, NOW) == "42"


def test_handshake_refuses_a_forged_or_unreadable_echo() -> None:
    with pytest.raises(BadSignature):
        CHANNEL.handshake(echo_query(b"42") | {"echostr": encrypt(b"43", receive_id=CORP_ID)}, NOW)
    with pytest.raises(BadPayload):
        CHANNEL.handshake(echo_query(b"\xff\xfe"), NOW)


def test_doorbell_without_its_account_is_a_bad_payload() -> None:
    with pytest.raises(BadPayload):
        parsed("<MsgType>event</MsgType><Event>kf_msg_or_event</Event><Token>t</Token>")


def test_redelivered_notice_with_a_new_single_use_code_is_the_same_notice() -> None:
    body = (PAYLOADS / "wecom" / "template_card_event.xml").read_bytes()
    again = body.replace(b"RC-1", b"RC-99")
    first, second = (CHANNEL.parse(seal(b, receive_id=CORP_ID)).inbound[0] for b in (body, again))
    assert first.message_id == second.message_id
    assert second.raw["ResponseCode"] == "RC-99"


def test_member_message_without_a_member_is_a_bad_payload() -> None:
    with pytest.raises(BadPayload):
        parsed("<MsgType>text</MsgType><CreateTime>1700000000</CreateTime><MsgId>1</MsgId>")


def test_member_is_sent_a_text() -> None:
    call = CHANNEL.build_send(Address("shop", "", "zhangsan"), TextContent("有新的工单"), "m-1")
    assert call.path == "/cgi-bin/message/send"
    assert call.repeatable
    assert call.json == {
        "touser": "zhangsan",
        "msgtype": "text",
        "agentid": 1000002,
        "text": {"content": "有新的工单"},
        "enable_duplicate_check": 1,
        "duplicate_check_interval": 60,
    }


def test_members_are_sent_texts_only() -> None:
    link = LinkContent("t", "d", "https://example.com")
    assert CHANNEL.split(link) == (link,)
    with pytest.raises(ValueError, match="texts only"):
        CHANNEL.build_send(Address("shop", "", "zhangsan"), link, "m-1")


def test_a_corp_without_keys_is_refused() -> None:
    with pytest.raises(ValueError, match="EncodingAESKey"):
        wecom(keys=())
