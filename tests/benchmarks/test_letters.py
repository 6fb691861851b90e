"""Does the generator write what the platform writes? Our channel and WeRoBot's rivals must both understand it."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto

from benchmarks.letters import TEXTS, Receiver, letters, new_receiver
from bot.channels.base import BadSignature, Envelope
from bot.channels.official_account import OfficialAccountChannel

NOW_S = 1_772_000_000
NOW = datetime.fromtimestamp(NOW_S, UTC)


def _read(letter: bytes) -> tuple[dict[str, str], bytes]:
    head, _, body = letter.partition(b"\r\n\r\n")
    target = head.split(b" ")[1].decode()
    assert f"Content-Length: {len(body)}".encode() in head
    return dict(parse_qsl(target.partition("?")[2])), body


def _channel(receiver: Receiver) -> OfficialAccountChannel:
    return OfficialAccountChannel(
        "shop",
        app_id=receiver.app_id,
        token=receiver.token,
        keys=(receiver.key,),
        mode="safe",
        max_skew_s=300,
        original_id=receiver.original_id,
    )


def test_our_channel_reads_every_letter() -> None:
    receiver = new_receiver()
    channel = _channel(receiver)
    read = []
    for letter in letters(receiver, "/callbacks/shop", first_id=70, count=3, now_s=NOW_S):
        query, body = _read(letter)
        (inbound,) = channel.parse(Envelope(query=query, body=body, received_at=NOW)).inbound
        read.append((inbound.message_id, inbound.text, inbound.sent_at))
    assert read == [(str(number), TEXTS[number % len(TEXTS)], NOW) for number in (70, 71, 72)]


def test_wechatpy_reads_it_too() -> None:
    receiver = new_receiver()
    (letter,) = letters(receiver, "/callbacks/shop", first_id=5, count=1, now_s=NOW_S)
    query, body = _read(letter)
    crypto = WeChatCrypto(receiver.token, receiver.key, receiver.app_id)
    plain = crypto.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"])
    assert parse_message(plain).content == TEXTS[0]


def test_a_letter_for_somebody_else_is_refused() -> None:
    (letter,) = letters(new_receiver(), "/callbacks/shop", first_id=5, count=1, now_s=NOW_S)
    query, body = _read(letter)
    with pytest.raises(BadSignature):
        _channel(new_receiver()).parse(Envelope(query=query, body=body, received_at=NOW))
