"""How does a callback look on the wire? Signed, encrypted, as XML or JSON (wechat-platform §1.2).

Written with wechatpy's own crypto, so that the simulator is a witness independent of our channels.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import xmltodict
from wechatpy.crypto import WeChatCrypto
from wechatpy.enterprise.crypto import WeChatCrypto as CorpCrypto

from bot.simulator.corp import Corp
from bot.simulator.official import OfficialAccount

_SEALED = re.compile(
    r"<Encrypt><!\[CDATA\[(.*?)\]\]></Encrypt>\s*<MsgSignature><!\[CDATA\[(.*?)\]\]></MsgSignature>", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Letter:
    """One HTTP request to the shop's callback URL."""

    query: dict[str, str]
    body: str
    content_type: str


def render_xml(fields: Mapping[str, object], root: str = "xml") -> str:
    """Fields as the platforms write them: numbers bare, text in CDATA, lists by repeating the element."""
    return f"<{root}>{''.join(_element(name, value) for name, value in fields.items())}</{root}>"


def sign(*parts: str) -> str:
    """sha1 over the sorted parts, as every callback is signed (§1.1)."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def seal_for_corp(corp: Corp, fields: Mapping[str, object], *, agent_id: int, timestamp: str, nonce: str) -> Letter:
    """An encrypted WeCom callback."""
    crypto = CorpCrypto(corp.token, corp.encoding_aes_key, corp.corp_id)
    cipher, signature = _split(crypto.encrypt_message(render_xml(fields), nonce, timestamp))
    body = render_xml({"ToUserName": corp.corp_id, "Encrypt": cipher, "AgentID": str(agent_id)})
    return Letter({"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}, body, "text/xml")


def seal_for_official(
    account: OfficialAccount, fields: Mapping[str, object], *, openid: str, timestamp: str, nonce: str
) -> Letter:
    """An official account's callback in its mode and data format."""
    render = _render_json if account.form == "json" else render_xml
    content_type = "application/json" if account.form == "json" else "text/xml"
    query = {"signature": sign(account.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
    query["openid"] = openid
    if account.mode == "plain":
        return Letter(query, render(fields), content_type)
    crypto = WeChatCrypto(account.token, account.encoding_aes_key, account.app_id)
    cipher, signature = _split(crypto.encrypt_message(render(fields), nonce, timestamp))
    query |= {"encrypt_type": "aes", "msg_signature": signature}
    sealed = {"ToUserName": account.receiver, "Encrypt": cipher}
    shown = {**fields, **sealed} if account.mode == "compatible" else sealed
    return Letter(query, render(shown), content_type)


def open_reply(account: OfficialAccount, text: str) -> Mapping[str, object]:
    """The fields of a passive reply. Raises ValueError where the body is not what the mode asks for."""
    fields = _parse(account, text)
    if account.mode == "plain":
        return fields
    if "Encrypt" not in fields:
        if account.mode == "compatible":
            return fields
        raise ValueError("safe mode: the reply must be encrypted")
    parts = [str(fields.get(name, "")) for name in ("MsgSignature", "TimeStamp", "Nonce")]
    crypto = WeChatCrypto(account.token, account.encoding_aes_key, account.app_id)
    try:
        return _parse(account, crypto.decrypt_message({"Encrypt": fields["Encrypt"]}, *parts))
    except Exception as error:  # wechatpy raises a dozen kinds, from struct.error to InvalidSignatureException
        raise ValueError("the reply cannot be decrypted") from error


def open_corp_reply(corp: Corp, text: str) -> Mapping[str, object]:
    """The fields of a passive answer to a WeCom callback. Raises ValueError."""
    try:
        fields = xmltodict.parse(text)["xml"]
        parts = [str(fields.get(name, "")) for name in ("MsgSignature", "TimeStamp", "Nonce")]
        crypto = CorpCrypto(corp.token, corp.encoding_aes_key, corp.corp_id)
        inner = xmltodict.parse(crypto.decrypt_message({"Encrypt": fields["Encrypt"]}, *parts))["xml"]
    except Exception as error:  # as above
        raise ValueError("the reply cannot be decrypted") from error
    if not isinstance(inner, dict):
        raise ValueError("the reply holds no fields")  # noqa: TRY004 - as above
    return inner


def seal_echo(corp: Corp, echo: str, *, timestamp: str, nonce: str) -> dict[str, str]:
    """The query of WeCom's URL verification: echostr is ciphertext (§1.1)."""
    crypto = CorpCrypto(corp.token, corp.encoding_aes_key, corp.corp_id)
    cipher, signature = _split(crypto.encrypt_message(echo, nonce, timestamp))
    return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": cipher}


def _parse(account: OfficialAccount, text: str) -> Mapping[str, object]:
    try:
        fields = json.loads(text) if account.form == "json" else xmltodict.parse(text)["xml"]
    except Exception as error:  # expat, json and missing root: all mean "malformed"
        raise ValueError("malformed reply") from error
    if not isinstance(fields, dict):
        raise ValueError("malformed reply")  # noqa: TRY004 - malformed input, not a caller's wrong type
    return fields


def _split(sealed: str) -> tuple[str, str]:
    found = _SEALED.search(sealed)
    if found is None:
        raise ValueError("wechatpy returned an envelope of another shape")
    return found.group(1), found.group(2)


def _render_json(fields: Mapping[str, object]) -> str:
    return json.dumps(fields, ensure_ascii=False)


def _element(name: str, value: object) -> str:
    match value:
        case bool() | int() | float():
            return f"<{name}>{value}</{name}>"
        case list():
            return "".join(_element(name, item) for item in value)
        case dict():
            return render_xml(value, name)
        case _:
            escaped = str(value).replace("]]>", "]]]]><![CDATA[>")
            return f"<{name}><![CDATA[{escaped}]]></{name}>"
