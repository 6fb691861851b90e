"""Do the commands say why a rule takes given facts, and what other rules would have done with past tickets?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.bootstrap import HANDOFF_TABLES
from tests.cli.shop import CommandShop
from tests.handoff.policies import POLICY_YAML

COMPLAINT = {"text": "我要投诉", "channel": "wecom_kf"}


@pytest.fixture
def live(migrated_shop: CommandShop) -> Iterator[CommandShop]:
    """With content applied."""
    migrated_shop.ok("content", "apply", migrated_shop.pack)
    yield migrated_shop  # noqa: PT022 - the shop's own teardown follows


def facts(shop: CommandShop, data: object) -> Path:
    file = shop.folder / "facts.json"
    file.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return file


def rules(shop: CommandShop, text: str) -> Path:
    file = shop.folder / "new.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def keep(shop: CommandShop, *tickets: dict[str, object], hours_ago: float = 1) -> None:
    at = datetime.now(UTC) - timedelta(hours=hours_ago)

    async def act(engine: AsyncEngine) -> None:
        async with engine.begin() as connection:
            for number, ticket in enumerate(tickets, start=1):
                said = ticket.pop("said", "")
                row = {
                    "conversation_id": number + round(hours_ago * 100), "account": "shop", "channel": "wecom_kf",
                    "customer": "xiaolin", "team": "aftersale", "priority": 4, "reason": "asked_for_person",
                    "rule": "其余给售后", "signals": [], "opened_at": at, "queued_at": at,
                    "summary": {"asked": said}, **ticket,
                }  # fmt: skip
                await connection.execute(insert(HANDOFF_TABLES.tickets).values(row))

    shop.in_database(act)


def test_explain_shows_every_signal_and_every_rule(live: CommandShop) -> None:
    told = live.ok("route", "explain", facts(live, COMPLAINT), "--json").json
    assert (told["hand_over"], told["reason"], told["team"], told["rule"]) == (
        True, "complaint", "aftersale", "投诉与维权优先给售后",
    )  # fmt: skip
    assert told["weights"] == {"complaint": 1.0}
    assert (told["need"], told["ignoring"], told["handing_over"]) == (1.0, 5.0, 0.0)
    assert {each["name"] for each in told["all_signals"] if each["fired"]} == {"complaint"}
    assert [(each["name"], each["holds"]) for each in told["rules"]][::4] == [
        ("投诉与维权优先给售后", True),
        ("其余给售后", True),
    ]
    assert told["rules"][2]["conditions"] == {"stages": False, "channels": False}
    shown = live.ok("route", "explain", facts(live, COMPLAINT)).out
    assert "takes it" in shown
    assert "would too" in shown


def test_explain_asks_rules_that_are_not_live_yet(shop: CommandShop) -> None:
    file = rules(shop, POLICY_YAML.replace("priority: 1", "priority: 2"))
    assert shop.ok("route", "explain", facts(shop, COMPLAINT), "--rules", file, "--json").json["priority"] == 2


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('{"confidence": 3}', "facts.json: confidence: Input should be less than or equal to 1"),
        ('{"txt": "转人工"}', "facts.json: txt: is not known here"),
        ("[]", "must be an object"),
        ('{"text": \n', "facts.json:2: not valid JSON"),
    ],
)
def test_bad_facts_are_named(shop: CommandShop, written: str, said: str) -> None:
    file = shop.folder / "facts.json"
    file.write_text(written, encoding="utf-8")
    assert said in shop.refused("route", "explain", file)
    assert "cannot be read" in shop.refused("route", "explain", shop.folder / "none.json")


def test_bad_rules_are_refused_with_their_line(live: CommandShop) -> None:
    broken = rules(live, POLICY_YAML.replace("team: presale", "team: sales", 1))
    for arguments in (("explain", facts(live, COMPLAINT), "--rules", broken), ("try", broken)):
        assert "new.yaml:22: rules[2].team: there is no team 'sales'" in live.refused("route", *arguments)


def test_without_content_it_says_what_to_do(shop: CommandShop) -> None:
    assert "xiaoer migrate" in shop.refused("route", "explain", facts(shop, COMPLAINT))
    shop.ok("migrate")
    assert "xiaoer content apply" in shop.refused("route", "explain", facts(shop, COMPLAINT))


def test_try_replays_what_was_kept_by_other_rules(live: CommandShop) -> None:
    keep(
        live,
        {"facts": {"channel": "wecom_kf", "stage": "before"}, "said": "转人工"},
        {"facts": {"channel": "wecom_kf", "category": ["售后"]}, "said": "我要投诉", "reason": "complaint",
         "rule": "投诉与维权优先给售后", "priority": 1},
        {"reason": "servicer", "rule": ""},
    )  # fmt: skip
    same = live.ok("route", "try", live.pack / "handoff.yaml", "--json").json
    assert same["counts"] == {"tickets": 3, "replayed": 2, "not_by_rules": 1, "changed": 0}
    new = rules(live, POLICY_YAML.replace("stages: [before], channels: [official_account]", "stages: [before]"))
    told = live.ok("route", "try", new, "--json").json
    assert told["counts"] == {
        "tickets": 3, "replayed": 2, "not_by_rules": 1, "changed": 1, "priority": 1, "team": 1,
    }  # fmt: skip
    (changed,) = told["changed"]
    assert changed["changes"] == ["team", "priority"]
    assert (changed["before"]["team"], changed["after"]["team"]) == ("aftersale", "presale")
    shown = live.ok("route", "try", new).out
    assert "公众号的售前咨询" in shown
    assert "changed 1" in shown


def test_try_compares_hand_overs_and_promises(live: CommandShop) -> None:
    keep(live, {"facts": {"channel": "wecom_kf"}, "said": "转人工", "sla": "old"})
    new = rules(live, POLICY_YAML.replace("rules:", "signals: {asked_for_person: {weight: 0}}\nrules:"))
    (changed,) = live.ok("route", "try", new, "--json").json["changed"]
    assert changed["changes"] == ["hand_over", "sla"]
    assert changed["after"]["hand_over"] is False


def test_try_compares_with_the_live_rules_too(live: CommandShop) -> None:
    keep(live, {"facts": {"stage": "before"}, "said": "转人工", "team": "gone"})
    assert live.ok("route", "try", live.pack / "handoff.yaml", "--json").json["counts"]["changed"] == 1
    asked = ("route", "try", live.pack / "handoff.yaml", "--against", "live", "--json")
    assert live.ok(*asked).json["counts"]["changed"] == 0


def test_try_looks_back_as_far_as_it_is_asked(live: CommandShop) -> None:
    keep(live, {"facts": {"stage": "before"}}, hours_ago=30)
    for since, tickets in (("1d", 0), ("2d", 1), ("40h", 1), ("2020-01-01", 1)):
        told = live.ok("route", "try", live.pack / "handoff.yaml", "--since", since, "--json").json
        assert told["counts"]["tickets"] == tickets
    assert "--since yesterday" in live.refused("route", "try", live.pack / "handoff.yaml", "--since", "yesterday")
