"""Did the platform send this, just now, for us, and what did it say?

The primitives are wechatpy's (signature, AES-256-CBC, padding of replies). Around them stands what
it leaves out: comparison in constant time, freshness, checked padding and length, two keys.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from wechatpy.crypto import PrpCrypto
from wechatpy.utils import WeChatSigner

from bot.channels.base import BadPayload, BadSignature, Envelope
from bot.channels.documents import Document, read_document, word_at

KEY_BYTES = 32  # base64 of an EncodingAESKey's 43 characters and "=" [W 90930]
PREFIX_BYTES = 16  # random bytes before the length
LENGTH_BYTES = 4  # length of the message, network order
AES_BLOCK_BYTES = 16
MAX_PADDING = 32  # PKCS#7 with a block of 32 [W 90930]
TIMESTAMP_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Opened:
    """What a ciphertext held, and which of our keys opened it (0 newest)."""

    message: bytes
    key: int


class _Cipher(PrpCrypto):  # type: ignore[misc] # wechatpy carries no types
    """One key's cipher object, built once: the key schedule costs more than a message."""

    def get_random_string(self) -> bytes:
        # wechatpy's own prefix is random.sample, which is predictable.
        return secrets.token_bytes(PREFIX_BYTES)

    def unwrap(self, ciphertext: bytes, receive_id: bytes) -> bytes | None:
        """The message, or None where this key, padding, length or receiver is not right.

        Why not wechatpy's decrypt: it takes the last byte as padding and the length field as they
        come, so garbage ends in IndexError, ValueError, struct.error or a cut message.
        """
        plain: bytes = self.cipher.decrypt(ciphertext)
        padding = plain[-1]
        if not 1 <= padding <= MAX_PADDING or plain[-padding:] != bytes([padding]) * padding:
            return None
        content = plain[PREFIX_BYTES:-padding]
        end = LENGTH_BYTES + int.from_bytes(content[:LENGTH_BYTES], "big")
        if len(content) < end or not hmac.compare_digest(content[end:], receive_id):
            return None
        return content[LENGTH_BYTES:end]


class Seal:
    """Token and keys of one receiver of callbacks; verifies and opens them, and seals replies.

    keys: EncodingAESKeys, newest first; the previous one stays valid while a change is on its way.
    receive_id: app id of an official account, corp id of a corp. max_skew_s: how far a timestamp
    may lie from now, before or after. Raises ValueError for a token or key that cannot be one.
    """

    __slots__ = ("_ciphers", "_max_skew_s", "_receive_id", "_token")

    def __init__(self, *, token: str, keys: tuple[str, ...], receive_id: str, max_skew_s: int) -> None:
        if not token:
            raise ValueError("the token must not be empty: anyone could sign")
        self._token = token
        self._ciphers = tuple(_Cipher(_decoded_key(key)) for key in keys)
        self._receive_id = receive_id
        self._max_skew_s = max_skew_s

    def check(self, query: Mapping[str, str], signed_by: str, now: datetime, sealed: str = "") -> None:
        """Compare the signature in query parameter `signed_by`, then the age of its timestamp.

        sealed: the ciphertext the signature covers, "" where it covers none. Raises BadSignature.
        """
        timestamp = query.get("timestamp", "")
        expected = self._signature(timestamp, query.get("nonce", ""), sealed)
        if not hmac.compare_digest(expected.encode(), query.get(signed_by, "").encode("utf-8", "replace")):
            raise BadSignature(f"{signed_by} does not match")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= TIMESTAMP_DIGITS):
            raise BadSignature("the timestamp is not a number of seconds")
        if abs(now.timestamp() - int(timestamp)) > self._max_skew_s:
            raise BadSignature("the timestamp is stale, or this machine's clock is wrong")

    def open(self, sealed: str) -> Opened:
        """Decrypt base64 `sealed` with the first key that fits. Raises BadPayload. Check it first."""
        try:
            ciphertext = base64.b64decode(sealed, validate=True)
        except ValueError as error:
            raise BadPayload("the ciphertext is not base64") from error
        if not ciphertext or len(ciphertext) % AES_BLOCK_BYTES:
            raise BadPayload("the ciphertext is not whole blocks")
        receive_id = self._receive_id.encode()
        for index, cipher in enumerate(self._ciphers):
            message = cipher.unwrap(ciphertext, receive_id)
            if message is not None:
                return Opened(message, index)
        raise BadPayload("no key of ours opens this for our receive id")

    def read(self, envelope: Envelope) -> tuple[Document, int]:
        """Verify and open an encrypted callback: its inner fields in the outer form, and the key.

        Only `Encrypt` is taken from the outer body; the rest of it is not covered by the signature
        (and an official account in compatible mode repeats the message there in plain text).
        Raises BadSignature, BadPayload.
        """
        outer = read_document(envelope.body)
        sealed = word_at(outer.fields, "Encrypt")
        self.check(envelope.query, "msg_signature", envelope.received_at, sealed)
        opened = self.open(sealed)
        return Document(outer.form, read_document(opened.message).fields), opened.key

    def seal(self, message: str, key: int, now: datetime) -> dict[str, object]:
        """Encrypt a reply with the key that opened the request: Encrypt, MsgSignature, TimeStamp, Nonce."""
        sealed = self._ciphers[key].encrypt(message, self._receive_id).decode()
        timestamp, nonce = int(now.timestamp()), secrets.token_hex(8)
        signature = self._signature(str(timestamp), nonce, sealed)
        return {"Encrypt": sealed, "MsgSignature": signature, "TimeStamp": timestamp, "Nonce": nonce}

    def _signature(self, timestamp: str, nonce: str, sealed: str) -> str:
        signer = WeChatSigner()
        try:
            signer.add_data(self._token, timestamp, nonce, sealed)
        except UnicodeEncodeError as error:
            raise BadSignature("the query is not text") from error
        signature: str = signer.signature
        return signature


def _decoded_key(key: str) -> bytes:
    try:
        decoded = base64.b64decode(key + "=")
    except ValueError:
        decoded = b""
    if len(decoded) != KEY_BYTES:
        raise ValueError("an EncodingAESKey must be the 43 characters that the console shows")
    return decoded
