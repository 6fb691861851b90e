"""Does the router get to know what profile, position and words say?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.channels.kf_messages import read_entry
from bot.domain import Address, ChannelKind, Inbound, MessageKind, Sender
from bot.grounds import language_of
from bot.profiles import home_of, position_of, tags_of

PAYLOADS = Path("tests/channels/payloads")


def location(raw: Mapping[str, object], kind: MessageKind = MessageKind.LOCATION) -> Inbound:
    return Inbound(
        address=Address("shop", "", "xiaolin"),
        channel=ChannelKind.OFFICIAL_ACCOUNT,
        message_id="1",
        kind=kind,
        sender=Sender.CUSTOMER,
        sent_at=datetime(2026, 1, 1, tzinfo=UTC),
        raw=raw,
    )


@pytest.mark.parametrize(
    ("raw", "position"),
    [
        ({"Location_X": "23.134521", "Location_Y": "113.358803"}, (23.134521, 113.358803)),
        ({"location": {"latitude": 23.1, "longitude": 113.3}}, (23.1, 113.3)),
        ({"Location_X": "north", "Location_Y": "113.358803"}, None),
        ({"Location_X": "123", "Location_Y": "113"}, None),
        ({"Location_X": "nan", "Location_Y": "113"}, None),
        ({"location": {"latitude": 23.1}}, None),
        ({}, None),
    ],
)
def test_both_channels_tell_where_she_is(raw: Mapping[str, object], position: tuple[float, float] | None) -> None:
    assert position_of(location(raw)) == position
    assert position_of(location(raw, MessageKind.TEXT)) is None


def test_a_recorded_message_tells_where_she_is() -> None:
    recorded = json.loads((PAYLOADS / "wecom_kf/location.json").read_text(encoding="utf-8"))
    assert position_of(read_entry("shop", recorded["msg_list"][0])) == (23.1060218811035, 113.320503234863)


@pytest.mark.parametrize(
    ("profile", "tags"),
    [
        ({"tags": ["VIP", {"name": "老客"}, {"tag_name": "团购"}]}, ("VIP", "老客", "团购")),
        ({"follow_user": [{"tags": [{"tag_name": "VIP"}]}, {"tags": [{"tag_name": "VIP"}]}]}, ("VIP",)),
        ({"tagid_list": [2, 128]}, ("2", "128")),
        ({"tags": "VIP", "follow_user": {}, "tagid_list": None}, ()),
        ({}, ()),
    ],
)
def test_tags_are_read_from_whatever_a_platform_gives(profile: Mapping[str, Any], tags: tuple[str, ...]) -> None:
    assert tags_of(profile) == tags


def test_the_home_is_read_where_the_profile_says_it() -> None:
    assert home_of({"province": "广东", "city": "深圳"}) == ("广东", "深圳")
    assert home_of({"province": "广东", "city": ""}) == ("广东",)
    assert home_of({"province": None}) == ()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("什么时候发货", "zh"), ("SK-II 有吗", "zh"), ("Where is my parcel?", "en"), ("Где моя посылка", "other"),
        ("택배 어디", "other"), ("😀？！123", "zh"), ("", "zh"), ("café crème", "en"),
    ],
)  # fmt: skip
def test_the_language_is_known_by_its_script(text: str, language: str) -> None:
    assert language_of(text) == language
