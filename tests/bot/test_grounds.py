"""Does the router get to know what profile, position and words say?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.channels.kf_messages import read_entry
from bot.content.shop import Shop, Slot
from bot.domain import Address, ChannelKind, Inbound, MessageKind, Sender
from bot.grounds import language_of, region_of
from bot.insight import Question
from bot.phrases import default_phrases
from bot.profiles import home_of, position_of, tags_of
from bot.store.views import Collected
from nlu import Entity
from tests.handoff.policies import sample_policy

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


SHOP = Shop(
    name="tiny",
    timezone=ZoneInfo("Asia/Shanghai"),
    phrases=default_phrases(),
    small_talk={},
    policy=sample_policy(),
    slots=(
        Slot("home", "地址", "address", "", frozenset(), frozenset()),
        Slot("deliver_to", "收货地址", "address", "", frozenset(), frozenset()),
        Slot("order", "订单号", "order_number", "", frozenset(), frozenset()),
    ),
)


def asked(values: Mapping[str, str]) -> Question:
    at, profile = datetime(2026, 1, 1, tzinfo=UTC), ("浙江省",)
    collected = Collected(values)
    return Question("", "", ChannelKind.WECOM_KF, at, collected=collected, region=profile)


@pytest.mark.parametrize(
    ("address", "region"),
    [
        ("广东省/深圳市/南山区/科技园路", ("广东省", "深圳市", "南山区")),
        ("广东省//南山区/科技园路", ("广东省", "", "南山区")),  # a level that is not known is no level less
        ("//朝阳区/", ("", "", "朝阳区")),
        ("广东省///", ("广东省",)),
        ("///某路", ()),
        ("", ()),
    ],
)
def test_where_she_is_said_to_be_is_read_alike_wherever_it_is_asked(address: str, region: tuple[str, ...]) -> None:
    values = {"order": "A1", "deliver_to": address}
    assert SHOP.region_in(values) == region
    assert region_of(asked(values), (), SHOP) == (region or ("浙江省",))
    said = Entity("address", 0, 1, address)
    assert region_of(asked({"home": "北京市/北京市//"}), (said,), SHOP) == (region or ("北京市", "北京市"))


def test_of_several_addresses_the_last_that_says_something_counts() -> None:
    values = {"home": "广东省/深圳市//", "deliver_to": ""}
    assert SHOP.region_in(values) == ("广东省", "深圳市")
    values["deliver_to"] = "北京市/北京市/海淀区/"
    assert SHOP.region_in(values) == ("北京市", "北京市", "海淀区")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("什么时候发货", "zh"), ("SK-II 有吗", "zh"), ("Where is my parcel?", "en"), ("Где моя посылка", "other"),
        ("택배 어디", "other"), ("😀？！123", "zh"), ("", "zh"), ("café crème", "en"),
    ],
)  # fmt: skip
def test_the_language_is_known_by_its_script(text: str, language: str) -> None:
    assert language_of(text) == language
