"""The seal opens only what is whole, ours and fresh, and never trusts a byte before its signature."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto

from bot.channels.base import BadPayload, BadSignature, Envelope
from bot.channels.crypto import Seal
from tests.channels.doors import (
    APP_ID,
    NEW_KEY,
    NONCE,
    NOW,
    OLD_KEY,
    SKEW_S,
    STRANGE_KEY,
    TOKEN,
    encrypt,
    envelope_of,
    opened_by_wechatpy,
    signed_query,
)

SEAL = Seal(token=TOKEN, keys=(NEW_KEY, OLD_KEY), receive_id=APP_ID, max_skew_s=SKEW_S)
RAW_KEY = base64.b64decode(NEW_KEY + "=")
RECEIVER = APP_ID.encode()


def encrypted(plain: bytes) -> str:
    """Any whole blocks as they are, without wechatpy's frame around them."""
    return base64.b64encode(PrpCrypto(RAW_KEY).cipher.encrypt(plain)).decode()


def framed(
    message: bytes, *, length: int | None = None, receiver: bytes = RECEIVER, padding: int | None = None
) -> bytes:
    content = bytes(16) + (len(message) if length is None else length).to_bytes(4, "big") + message + receiver
    pad = 32 - len(content) % 32
    return content + bytes([pad if padding is None else padding]) * pad


@given(st.binary(max_size=500), st.sampled_from([(NEW_KEY, 0), (OLD_KEY, 1)]))
def test_what_wechatpy_sealed_is_opened_and_the_key_is_named(message: bytes, key: tuple[str, int]) -> None:
    opened = SEAL.open(encrypt(message, key=key[0], receive_id=APP_ID))
    assert (opened.message, opened.key) == (message, key[1])


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), st.sampled_from([0, 1]))
def test_what_we_seal_is_opened_by_wechatpy(message: str, key: int) -> None:
    sealed = SEAL.seal(message, key, NOW)
    body = "".join(f"<{name}>{value}</{name}>" for name, value in sealed.items())
    assert opened_by_wechatpy(f"<xml>{body}</xml>", (NEW_KEY, OLD_KEY)[key]) == message


def test_the_frame_of_this_test_is_the_platforms() -> None:
    assert SEAL.open(encrypted(framed(b"hello"))).message == b"hello"
    assert SEAL.open(encrypted(framed(b"x" * 10, padding=None))).message == b"x" * 10


@pytest.mark.parametrize(
    "plain",
    [
        framed(b"hello", padding=0),
        framed(b"hello", padding=33),
        framed(b"hello", padding=255),
        framed(b"m" * 25)[: 20 + 25 + len(RECEIVER)] + bytes([33]) * 33,  # right but for its padding
        framed(b"hello", length=6),
        framed(b"hello", length=4),
        framed(b"hello", length=2**32 - 1),
        framed(b"hello", receiver=b"wx-somebody-else"),
        framed(b"hello", receiver=b""),
        framed(b"hello", receiver=RECEIVER + b"x"),
        framed(b"hello")[:-2] + b"\x00" + framed(b"hello")[-1:],
        bytes([32]) * 32,
        bytes([16]) * 16,
        bytes([1]) * 16,
        bytes(64),
    ],
)
def test_a_broken_frame_is_a_bad_payload(plain: bytes) -> None:
    with pytest.raises(BadPayload):
        SEAL.open(encrypted(plain))


@given(st.integers(1, 12).flatmap(lambda blocks: st.binary(min_size=16 * blocks, max_size=16 * blocks)))
def test_any_plain_text_opens_or_is_a_bad_payload(plain: bytes) -> None:
    with pytest.raises(BadPayload):
        SEAL.open(encrypted(plain))


def test_the_signature_is_judged_before_the_ciphertext() -> None:
    envelope = envelope_of(encrypt(b"<xml/>", key=STRANGE_KEY, receive_id="wx-other"))
    with pytest.raises(BadSignature):
        SEAL.read(Envelope({**envelope.query, "msg_signature": "0" * 40}, envelope.body, NOW))
    with pytest.raises(BadPayload):
        SEAL.read(envelope)


def test_the_prefix_of_a_reply_is_cryptographically_random_bytes() -> None:
    sealed = [str(SEAL.seal("hi", 0, NOW)["Encrypt"]) for _ in range(8)]
    prefixes = [PrpCrypto(RAW_KEY).cipher.decrypt(base64.b64decode(one))[:16] for one in sealed]
    assert len(set(prefixes)) == 8
    # wechatpy's own prefix is letters and digits without repetition.
    assert not all(prefix.isalnum() for prefix in prefixes)


def test_signature_of_another_token_is_refused() -> None:
    other = Seal(token="another", keys=(NEW_KEY,), receive_id=APP_ID, max_skew_s=SKEW_S)
    with pytest.raises(BadSignature):
        other.check(signed_query(name="signature"), "signature", NOW)
    SEAL.check({**signed_query(name="signature"), "nonce": NONCE}, "signature", NOW)
