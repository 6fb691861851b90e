"""What does the platform send a million times? Encrypted, signed official-account callbacks, made ahead of time.

Written with `cryptography` from the protocol (random 16 bytes, length, message, receive id, PKCS#7
to 32 bytes, AES-256-CBC) and not with our channel: it must neither be our code nor be slow.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

BLOCK = 32  # bytes the padding fills up to
CUSTOMERS = 1000
TEXTS = (
    "这款精华敏感肌能用吗",
    "什么时候发货呀，急用",
    "在吗",
    "我昨天拍的那单能改地址吗？收件人也想换一下",
    "有赠品吗",
)


@dataclass(frozen=True, slots=True)
class Receiver:
    """The official account all servers of a run believe they are. key: EncodingAESKey, 43 characters."""

    app_id: str
    token: str
    key: str
    original_id: str


def new_receiver() -> Receiver:
    """An account with fresh secrets."""
    key = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    return Receiver("wx" + secrets.token_hex(8), secrets.token_hex(8), key, "gh_" + secrets.token_hex(6))


def letters(receiver: Receiver, path: str, *, first_id: int, count: int, now_s: int) -> list[bytes]:
    """`count` whole HTTP requests with the message ids from first_id on."""
    secret = base64.b64decode(receiver.key + "=")
    return [_letter(receiver, secret, path, number, now_s) for number in range(first_id, first_id + count)]


def _letter(receiver: Receiver, secret: bytes, path: str, number: int, now_s: int) -> bytes:
    customer = f"o{number % CUSTOMERS:027d}"
    message = (
        f"<xml><ToUserName><![CDATA[{receiver.original_id}]]></ToUserName>"
        f"<FromUserName><![CDATA[{customer}]]></FromUserName><CreateTime>{now_s}</CreateTime>"
        f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{TEXTS[number % len(TEXTS)]}]]></Content>"
        f"<MsgId>{number}</MsgId></xml>"
    ).encode()
    sealed = _seal(message, secret, receiver.app_id.encode())
    nonce, stamp = f"{number:010d}", str(now_s)
    query = (
        f"signature={_sign(receiver.token, stamp, nonce)}&timestamp={stamp}&nonce={nonce}&openid={customer}"
        f"&encrypt_type=aes&msg_signature={_sign(receiver.token, stamp, nonce, sealed)}"
    )
    body = (
        f"<xml><ToUserName><![CDATA[{receiver.original_id}]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    ).encode()
    head = (
        f"POST {path}?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/4.0\r\nAccept: */*\r\n"
        f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    return head + body


def _seal(message: bytes, secret: bytes, receive_id: bytes) -> str:
    plain = secrets.token_bytes(16) + len(message).to_bytes(4, "big") + message + receive_id
    padding = BLOCK - len(plain) % BLOCK
    encryptor = Cipher(AES(secret), CBC(secret[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()


def _sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()
