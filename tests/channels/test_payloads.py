"""Each recorded payload becomes exactly what its line in expected.json says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.channels import CHANNELS
from bot.domain import ArchiveBell, ChannelKind, Doorbell, Inbound
from tests.channels.doors import DOORS, PAYLOADS, payload_files


def expectations(kind: ChannelKind) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((PAYLOADS / kind / "expected.json").read_text("utf-8"))
    return loaded


def described(inbound: Inbound, wanted: dict[str, Any]) -> dict[str, Any]:
    """The fields of `inbound` that an expectation speaks of, in JSON's words."""
    known = {
        "kind": inbound.kind.value,
        "sender": inbound.sender.value,
        "customer": inbound.address.customer,
        "inbox": inbound.address.inbox,
        "message_id": inbound.message_id,
        "sent_at": int(inbound.sent_at.timestamp()),
        "text": inbound.text,
        "event": inbound.event,
        "choice": inbound.choice,
        "scene": inbound.scene,
        "media": [[media.kind, media.media_id, media.format] for media in inbound.media],
        "raw": {name: inbound.raw.get(name) for name in wanted.get("raw", {})},
    }
    return {name: known[name] for name in wanted}


@pytest.mark.parametrize("kind", sorted(CHANNELS))
def test_every_payload_has_an_expectation_and_every_expectation_a_payload(kind: ChannelKind) -> None:
    assert {path.name for path in payload_files(kind)} == set(expectations(kind))


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, path.name) for kind in sorted(CHANNELS) for path in payload_files(kind)]
)
def test_payload_becomes_what_is_expected(kind: ChannelKind, name: str) -> None:
    wanted = expectations(kind)[name]
    door = DOORS[kind]
    delivery = door.channel.parse(door.knock((PAYLOADS / kind / name).read_bytes()))
    if wanted is None:
        assert delivery.inbound == ()
        assert delivery.doorbells == ()
        assert delivery.slot is None
        return
    if "archive_bell" in wanted:
        assert delivery.doorbells == (ArchiveBell(**wanted["archive_bell"]),)
        assert delivery.inbound == ()
        return
    if "doorbell" in wanted:
        assert delivery.doorbells == (Doorbell(**wanted["doorbell"]),)
        assert delivery.inbound == ()
        return
    answerable = wanted.pop("answerable", True)
    (inbound,) = delivery.inbound
    assert described(inbound, wanted) == wanted
    assert inbound.channel == kind
    assert inbound.address.account == "shop"
    assert (delivery.slot is not None) == answerable
