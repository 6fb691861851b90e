"""How does each platform wrap a payload into a request to us? Written with wechatpy, not with our own code."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import xmltodict
from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.utils import WeChatSigner

from bot.channels.base import Channel, Envelope
from bot.channels.official_account import OfficialAccountChannel
from bot.channels.wecom import WeComChannel
from bot.channels.wecom_kf import WeComKfChannel
from bot.domain import ChannelKind

PAYLOADS = Path(__file__).parent / "payloads"
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
NONCE = "1372623149"
TOKEN = "QDG6eK"
SKEW_S = 300
APP_ID, CORP_ID = "wx5823bf96d3bd56c7", "ww8f2b1c4d5e6f7a8b"
NEW_KEY = base64.b64encode(bytes(range(32))).decode()[:43]
OLD_KEY = base64.b64encode(bytes(range(100, 132))).decode()[:43]
STRANGE_KEY = base64.b64encode(bytes(range(200, 232))).decode()[:43]
GH_ID = "gh_7f083739789a"


def signature(*parts: str) -> str:
    signer = WeChatSigner()
    signer.add_data(TOKEN, *parts)
    return str(signer.signature)


def signed_query(*, name: str, at: datetime = NOW, sealed: str = "") -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    return {name: signature(timestamp, NONCE, sealed), "timestamp": timestamp, "nonce": NONCE}


def encrypt(payload: bytes, *, key: str = NEW_KEY, receive_id: str) -> str:
    """wechatpy's own encryption of one message."""
    return str(PrpCrypto(base64.b64decode(key + "=")).encrypt(payload, receive_id).decode())


def seal(payload: bytes, *, key: str = NEW_KEY, receive_id: str, at: datetime = NOW, form: str = "xml") -> Envelope:
    """The request that carries `payload` encrypted and signed."""
    sealed = encrypt(payload, key=key, receive_id=receive_id)
    return envelope_of(sealed, at=at, form=form)


def envelope_of(sealed: str, *, at: datetime = NOW, form: str = "xml") -> Envelope:
    body = json.dumps({"Encrypt": sealed}) if form == "json" else xmltodict.unparse({"xml": {"Encrypt": sealed}})
    query = signed_query(name="msg_signature", at=at, sealed=sealed) | {"encrypt_type": "aes"}
    # Through a query string and back, as it travels.
    return Envelope(dict(parse_qsl(urlencode(query))), body.encode(), NOW)


def opened_by_wechatpy(reply: str, key: str, receive_id: str = APP_ID) -> str:
    """What the platform reads in an encrypted reply; raises where signature or receiver are wrong."""
    fields: Mapping[str, Any] = json.loads(reply) if reply.startswith("{") else xmltodict.parse(reply)["xml"]
    crypto = WeChatCrypto(TOKEN, key, receive_id)
    return str(crypto.decrypt_message(dict(fields), fields["MsgSignature"], str(fields["TimeStamp"]), fields["Nonce"]))


@dataclass(frozen=True)
class Door:
    """One channel and how its platform knocks. `receive_id` is "" where requests are not encrypted."""

    channel: Channel
    receive_id: str

    @property
    def is_encrypted(self) -> bool:
        return bool(self.receive_id)

    def knock(self, payload: bytes, **how: Any) -> Envelope:
        if not self.is_encrypted:
            return Envelope({}, payload, NOW)
        form = "json" if payload.lstrip().startswith(b"{") else "xml"
        return seal(payload, **{"receive_id": self.receive_id, "form": form} | how)


def official_account(mode: str = "safe", keys: tuple[str, ...] = (NEW_KEY, OLD_KEY), **more: Any) -> Any:
    known: dict[str, Any] = {"app_id": APP_ID, "token": TOKEN, "max_skew_s": SKEW_S, "original_id": GH_ID}
    return OfficialAccountChannel("shop", mode=mode, keys=keys, **known | more)  # type: ignore[arg-type]


def wecom(keys: tuple[str, ...] = (NEW_KEY, OLD_KEY)) -> WeComChannel:
    return WeComChannel("shop", corp_id=CORP_ID, token=TOKEN, keys=keys, max_skew_s=SKEW_S, agent_id=1000002)


DOORS: Mapping[ChannelKind, Door] = {
    ChannelKind.OFFICIAL_ACCOUNT: Door(official_account(), APP_ID),
    ChannelKind.WECOM: Door(wecom(), CORP_ID),
    ChannelKind.WECOM_KF: Door(WeComKfChannel("shop"), ""),
}


def payload_files(kind: ChannelKind) -> list[Path]:
    return sorted(path for path in (PAYLOADS / kind).iterdir() if path.name != "expected.json")


def mangled(envelope: Envelope, change: Callable[[bytes], bytes]) -> Envelope:
    return replace(envelope, body=change(envelope.body))


def elapsed_us(action: Callable[[], object], rounds: int) -> float:
    """Fastest of `rounds` runs, in microseconds: what the work costs when nothing else disturbs."""
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        action()
        best = min(best, time.perf_counter() - started)
    return best * 1e6
