"""What every channel in the registry must do, whatever its platform."""

from __future__ import annotations

import base64
import contextlib
import importlib
import inspect
import json
import pkgutil
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot.channels
from bot.channels import CHANNELS
from bot.channels.base import BadPayload, BadSignature, Envelope, Upload
from bot.channels.fitting import with_media_id
from bot.domain import (
    Address,
    ChannelKind,
    Content,
    LinkContent,
    MediaContent,
    MenuContent,
    MiniProgramContent,
    TextContent,
)
from tests.channels.doors import (
    DOORS,
    NONCE,
    NOW,
    STRANGE_KEY,
    Door,
    elapsed_us,
    encrypt,
    envelope_of,
    mangled,
    payload_files,
    signature,
)

ADDRESS = Address("shop", "wkAAA", "customer-1")
BILLION_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>'
    b"<xml><ToUserName>a</ToUserName><Encrypt>&lol2;</Encrypt></xml>"
)
EXTERNAL_DTD = b'<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml><Encrypt>a</Encrypt></xml>'

every_channel = pytest.mark.parametrize("kind", sorted(CHANNELS))
encrypted_channels = pytest.mark.parametrize("kind", sorted(kind for kind in CHANNELS if DOORS[kind].is_encrypted))
every_payload = pytest.mark.parametrize(
    ("kind", "name"), [(kind, path.name) for kind in sorted(CHANNELS) for path in payload_files(kind)]
)


def payload(kind: ChannelKind, name: str = "") -> bytes:
    first, *_ = payload_files(kind)
    return (first.parent / (name or first.name)).read_bytes()


def valid(kind: ChannelKind) -> Envelope:
    return DOORS[kind].knock(payload(kind))


# ── the registry ─────────────────────────────────────────────────────────────────────────────


def test_every_kind_of_channel_is_registered_alphabetically_and_has_a_door() -> None:
    assert list(CHANNELS) == sorted(ChannelKind)
    assert set(DOORS) == set(CHANNELS)


def test_every_channel_class_in_the_folder_is_registered() -> None:
    modules = [importlib.import_module(f"bot.channels.{m.name}") for m in pkgutil.iter_modules(bot.channels.__path__)]
    found = {
        member
        for module in modules
        for _, member in inspect.getmembers(module, inspect.isclass)
        if member.__module__ == module.__name__
        and all(hasattr(member, needed) for needed in ("handshake", "parse", "build_send"))
        and module.__name__ != "bot.channels.base"
    }
    assert found == set(CHANNELS.values())


def test_the_recipe_names_files_that_exist() -> None:
    folder = Path(bot.channels.__path__[0])
    named = re.findall(r"`([a-z_]+\.py)`", (folder / "ADDING.md").read_text("utf-8"))
    assert "crypto.py" in named
    assert all((folder / name).is_file() for name in named)


@every_channel
def test_channel_knows_its_kind(kind: ChannelKind) -> None:
    assert DOORS[kind].channel.kind == kind
    assert isinstance(DOORS[kind].channel, CHANNELS[kind])


# ── bad input ────────────────────────────────────────────────────────────────────────────────


@encrypted_channels
def test_valid_request_is_accepted(kind: ChannelKind) -> None:
    delivery = DOORS[kind].channel.parse(valid(kind))
    assert delivery.inbound or delivery.doorbells


@encrypted_channels
@pytest.mark.parametrize("field", ["msg_signature", "timestamp", "nonce"])
def test_forged_or_missing_proof_is_a_bad_signature(kind: ChannelKind, field: str) -> None:
    envelope = valid(kind)
    for value in ("", "0" * 40, "簽名", "\ud800"):
        with pytest.raises(BadSignature):
            DOORS[kind].channel.parse(replace(envelope, query={**envelope.query, field: value}))
    without = {name: value for name, value in envelope.query.items() if name != field}
    with pytest.raises(BadSignature):
        DOORS[kind].channel.parse(replace(envelope, query=without))


@encrypted_channels
@pytest.mark.parametrize("minutes", [-60 * 24, -6, 6, 60 * 24])
def test_stale_or_future_request_is_a_bad_signature(kind: ChannelKind, minutes: int) -> None:
    envelope = DOORS[kind].knock(payload(kind), at=NOW + timedelta(minutes=minutes))
    with pytest.raises(BadSignature, match="stale"):
        DOORS[kind].channel.parse(envelope)


@encrypted_channels
@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_request_at_the_edge_of_the_window_is_accepted(kind: ChannelKind, seconds: int) -> None:
    DOORS[kind].channel.parse(DOORS[kind].knock(payload(kind), at=NOW + timedelta(seconds=seconds)))


@encrypted_channels
@pytest.mark.parametrize("timestamp", ["", "now", "-1", "1e9", "１７００００００００", "1" * 13])
def test_well_signed_nonsense_instead_of_a_time_is_a_bad_signature(kind: ChannelKind, timestamp: str) -> None:
    sealed = encrypt(payload(kind), receive_id=DOORS[kind].receive_id)
    proof = {"msg_signature": signature(timestamp, NONCE, sealed), "timestamp": timestamp, "nonce": NONCE}
    with pytest.raises(BadSignature, match="timestamp"):
        DOORS[kind].channel.parse(replace(envelope_of(sealed), query=proof))


@encrypted_channels
def test_changed_ciphertext_is_a_bad_signature(kind: ChannelKind) -> None:
    mine = valid(kind)
    other = DOORS[kind].knock(payload(kind) + b" ")
    with pytest.raises(BadSignature):
        DOORS[kind].channel.parse(replace(mine, body=other.body))


@every_channel
def test_truncated_body_is_a_bad_payload(kind: ChannelKind) -> None:
    for kept in (0, 1, 20, -1, -10):
        with pytest.raises(BadPayload):
            DOORS[kind].channel.parse(replace(valid(kind), body=valid(kind).body.rstrip()[:kept]))


@every_channel
@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00" * 300_000,
        b"A" * 300_000,
        b"\xff\xfe\xfd",
        b"[" * 100_000,
        b'{"a":' * 20_000,
        b"<xml>" * 20_000,
        b"[]",
        b"null",
        b'"text"',
        b"<xml/>",
        b"<html><Encrypt>a</Encrypt></html>",
        b'{"Encrypt": NaN}',
        BILLION_LAUGHS,
        EXTERNAL_DTD,
        b"<xml>&undeclared;</xml>",
    ],
    ids=lambda body: body[:12].decode("latin-1").encode("unicode_escape").decode() + f"-{len(body)}",
)
def test_garbage_oversized_and_entity_laden_bodies_are_bad_payloads(kind: ChannelKind, garbage: bytes) -> None:
    with pytest.raises(BadPayload):
        DOORS[kind].channel.parse(mangled(valid(kind), lambda _: garbage))


@encrypted_channels
def test_entities_and_garbage_inside_a_well_sealed_body_are_bad_payloads(kind: ChannelKind) -> None:
    for inside in (BILLION_LAUGHS, EXTERNAL_DTD, b"", b"hello", b"\xff\xfe", b"<xml><a>1</a></xml>", b"{}", b"[]"):
        with pytest.raises(BadPayload):
            DOORS[kind].channel.parse(DOORS[kind].knock(inside))


@encrypted_channels
@pytest.mark.parametrize("stranger", ["wxsomebodyelse", ""])
def test_wrong_receive_id_is_a_bad_payload(kind: ChannelKind, stranger: str) -> None:
    with pytest.raises(BadPayload, match="receive id"):
        DOORS[kind].channel.parse(DOORS[kind].knock(payload(kind), receive_id=stranger))


@encrypted_channels
def test_undecryptable_body_is_a_bad_payload(kind: ChannelKind) -> None:
    with pytest.raises(BadPayload):
        DOORS[kind].channel.parse(DOORS[kind].knock(payload(kind), key=STRANGE_KEY))
    for sealed in ("not base64!", "中文", "AAAA", "A" * 64, encrypt(b"x", receive_id="r")[:-4]):
        with pytest.raises(BadPayload):
            DOORS[kind].channel.parse(envelope_of(sealed))


# ── arbitrary input ──────────────────────────────────────────────────────────────────────────

queries = st.dictionaries(
    st.sampled_from(["msg_signature", "signature", "timestamp", "nonce", "echostr", "encrypt_type"]),
    st.text(st.characters(), max_size=30),
)
mutations = st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=3)), min_size=1, max_size=5)


def raises_only_our_errors(door: Door, envelope: Envelope) -> None:
    with contextlib.suppress(BadSignature, BadPayload):
        door.channel.parse(envelope)


def mutate(body: bytes, changes: list[tuple[int, bytes]]) -> bytes:
    for position, replacement in changes:
        at = position % (len(body) + 1)
        body = body[:at] + replacement + body[at + 1 :]
    return body


@every_channel
@given(body=st.binary(max_size=400), query=queries)
def test_parse_of_arbitrary_bytes_raises_only_our_errors(kind: ChannelKind, body: bytes, query: dict[str, str]) -> None:
    raises_only_our_errors(DOORS[kind], Envelope(query, body, NOW))


@every_channel
@given(data=st.data(), changes=mutations)
def test_parse_of_mutated_requests_and_payloads_raises_only_our_errors(
    kind: ChannelKind, data: st.DataObject, changes: list[tuple[int, bytes]]
) -> None:
    original = data.draw(st.sampled_from(payload_files(kind))).read_bytes()
    raises_only_our_errors(DOORS[kind], mangled(DOORS[kind].knock(original), lambda body: mutate(body, changes)))
    raises_only_our_errors(DOORS[kind], DOORS[kind].knock(mutate(original, changes)))


@encrypted_channels
@given(plain=st.binary(max_size=200).map(lambda data: data.ljust((len(data) + 31) // 32 * 32, b"\x07")))
def test_parse_of_well_signed_arbitrary_ciphertext_raises_only_our_errors(kind: ChannelKind, plain: bytes) -> None:
    raises_only_our_errors(DOORS[kind], envelope_of(base64.b64encode(plain).decode()))


@every_channel
@given(query=queries)
def test_handshake_of_arbitrary_queries_raises_only_our_errors(kind: ChannelKind, query: dict[str, str]) -> None:
    with pytest.raises((BadSignature, BadPayload)):
        DOORS[kind].channel.handshake(query, NOW)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@every_channel
@given(data=st.data(), value=json_values)
def test_a_field_of_any_shape_raises_only_our_errors_and_stays_storable(
    kind: ChannelKind, data: st.DataObject, value: object
) -> None:
    known = [path for path in payload_files(kind) if path.suffix == ".json"]
    if not known:
        return
    document = json.loads(data.draw(st.sampled_from(known)).read_text("utf-8"))
    target = document["msg_list"][0] if "msg_list" in document else document
    target[data.draw(st.sampled_from(sorted(target)))] = value
    try:
        delivery = DOORS[kind].channel.parse(DOORS[kind].knock(json.dumps(document).encode()))
    except (BadSignature, BadPayload):
        return
    for inbound in delivery.inbound:
        stored = json.dumps(dict(inbound.raw), ensure_ascii=False, allow_nan=False).encode("utf-8")
        assert b"\\u0000" not in stored
        assert inbound.message_id


# ── redelivery ───────────────────────────────────────────────────────────────────────────────


@every_payload
def test_redeliveries_share_an_id_and_different_messages_do_not(kind: ChannelKind, name: str) -> None:
    door = DOORS[kind]
    first = door.channel.parse(door.knock(payload(kind, name)))
    again = door.channel.parse(
        door.knock(payload(kind, name), **({"at": NOW + timedelta(seconds=5)} if door.is_encrypted else {}))
    )
    assert first == again
    ids = {message.message_id for message in first.inbound}
    others = {
        message.message_id
        for path in payload_files(kind)
        if path.name != name
        for message in door.channel.parse(door.knock(path.read_bytes())).inbound
    }
    assert not ids & others


# ── sending ──────────────────────────────────────────────────────────────────────────────────


@every_channel
def test_text_of_any_length_is_split_and_sent(kind: ChannelKind) -> None:
    channel = DOORS[kind].channel
    text = "亲，这款面霜孕妇也可以用哦。" * 200
    pieces = channel.split(TextContent(text))
    assert len(pieces) > 1
    calls = [channel.build_send(ADDRESS, piece, f"m-{number}") for number, piece in enumerate(pieces)]
    assert all(call.path.startswith("/cgi-bin/") for call in calls)
    assert "".join(call.json["text"]["content"] for call in calls if call.json) == text  # type: ignore[index]


@every_channel
def test_unsplit_or_blank_text_cannot_be_sent(kind: ChannelKind) -> None:
    for text in ("长" * 683, "", " \n"):
        with pytest.raises(ValueError, match="text"):
            DOORS[kind].channel.build_send(ADDRESS, TextContent(text), "m-1")


@every_channel
def test_menu_without_choices_cannot_be_sent(kind: ChannelKind) -> None:
    with pytest.raises(ValueError, match=r"choices|texts only"):
        DOORS[kind].channel.build_send(ADDRESS, MenuContent("head", ()), "m-1")


SHOWING = [
    MediaContent("image", "", "pictures/a.png"),
    MediaContent("video", "", "films/a.mp4"),
    LinkContent("t", "d", "https://shop.example/", source="pictures/a.png"),
    MiniProgramContent("t", "wx0123456789abcdef", "p", "", "pictures/a.png"),
]


@every_channel
@pytest.mark.parametrize("content", SHOWING, ids=lambda content: content.kind)
def test_what_is_not_uploaded_is_asked_for_or_not_sent(kind: ChannelKind, content: Content) -> None:
    channel = DOORS[kind].channel
    (piece,) = channel.split(content)
    needed = channel.needs(piece)
    if needed is None:
        with contextlib.suppress(ValueError):
            assert "pictures" not in str(channel.build_send(ADDRESS, piece, "m-1").json)
        return
    assert needed == (Upload("video", "films/a.mp4") if content == SHOWING[1] else Upload("image", "pictures/a.png"))
    with pytest.raises(ValueError, match="media_id"):
        channel.build_send(ADDRESS, piece, "m-1")
    ready = with_media_id(piece, "media-1")
    assert channel.needs(ready) is None
    assert "media-1" in str(channel.build_send(ADDRESS, ready, "m-1").json)


@every_channel
@pytest.mark.parametrize("content", [TextContent("好"), MediaContent("image", "m"), LinkContent("t", "d", "https://e")])
def test_what_shows_nothing_of_ours_needs_no_upload(kind: ChannelKind, content: Content) -> None:
    assert DOORS[kind].channel.needs(content) is None


@every_channel
def test_acknowledgement_says_nothing_to_the_customer(kind: ChannelKind) -> None:
    assert DOORS[kind].channel.acknowledge() in ("", "success")


# ── cost ─────────────────────────────────────────────────────────────────────────────────────


@encrypted_channels
def test_verify_decrypt_and_parse_is_fast(kind: ChannelKind) -> None:
    envelope = valid(kind)
    assert elapsed_us(lambda: DOORS[kind].channel.parse(envelope), rounds=200) < 300
