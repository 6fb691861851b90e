"""The examples that Tencent publishes with its WeCom encryption library [W 90930], opened by our channel."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.channels.base import Envelope
from bot.channels.wecom import WeComChannel
from bot.domain import Address, MessageKind, Sender

CHANNEL = WeComChannel(
    "corp",
    corp_id="wx5823bf96d3bd56c7",
    token="QDG6eK",
    keys=("jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",),
    max_skew_s=300,
    agent_id=218,
)
ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
BODY = (
    "<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName><Encrypt><![CDATA["
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3"
    "TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gs"
    "ijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUa"
    "x5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIG"
    "HBZZIs2pDBS8R07+qN+E7Q==]]></Encrypt><AgentID><![CDATA[218]]></AgentID></xml>"
)


def test_published_url_verification() -> None:
    query = {
        "msg_signature": "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
        "timestamp": "1409659589",
        "nonce": "263014780",
        "echostr": ECHO,
    }
    assert CHANNEL.handshake(query, datetime.fromtimestamp(1409659600, tz=UTC)) == "1616140317555161061"


def test_published_message() -> None:
    query = {
        "msg_signature": "477715d11cdb4164915debcba66cb864d751f3e6",
        "timestamp": "1409659813",
        "nonce": "1372623149",
    }
    envelope = Envelope(query, BODY.encode(), datetime.fromtimestamp(1409659814, tz=UTC))
    (inbound,) = CHANNEL.parse(envelope).inbound
    assert inbound.address == Address("corp", "", "mycreate")
    assert inbound.message_id == "4561255354251345929"
    assert (inbound.kind, inbound.sender, inbound.text) == (MessageKind.TEXT, Sender.SERVICER, "hello")
    assert inbound.sent_at == datetime.fromtimestamp(1409659813, tz=UTC)
    assert inbound.raw["AgentID"] == "218"
