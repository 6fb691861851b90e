"""A world from settings, the same world again from the same seed, and one that stands still."""

from __future__ import annotations

import pytest

from bot.settings import Settings
from bot.simulator import NotPossible, World, build_world
from tests.simulator.doubles import AES_KEY

ACCOUNTS: list[dict[str, object]] = [
    {"kind": "official_account", "name": "shop", "app_id": "wx1", "app_secret": "s", "token": "t",
     "encoding_aes_key": AES_KEY, "answering": "passive"},
    {"kind": "wecom", "name": "corp", "corp_id": "ww1", "agent_id": 1000002, "secret": "x", "token": "t",
     "encoding_aes_key": AES_KEY},
]  # fmt: skip


def _settings(**more: object) -> Settings:
    return Settings.model_validate({"accounts": ACCOUNTS, "server": {"base_url": "https://shop.example"}, **more})


def test_the_demo_cast() -> None:
    world = build_world(_settings())
    corp = world.corps["corp"]
    assert [member.name for member in corp.members.values()] == ["陈静", "王磊", "李娜"]
    assert [kf.name for kf in corp.kf.values()] == ["花颜美妆"]
    assert set(next(iter(corp.kf.values())).servicers) == {"chenjing", "wanglei", "lina"}
    assert {"小林", "阿杰"} <= {who.nickname for who in world.customers.values()}
    assert corp.callback_url == "https://shop.example/callbacks/corp"
    assert world.officials["shop"].callback_url == "https://shop.example/callbacks/shop"


def test_a_passive_account_may_not_send() -> None:
    assert not build_world(_settings()).officials["shop"].custom_send


def test_the_settings_name_the_kf_accounts() -> None:
    named = [ACCOUNTS[0], {**ACCOUNTS[1], "open_kfids": ["wkOne", "wkTwo"]}]
    assert list(build_world(_settings(accounts=named)).corps["corp"].kf) == ["wkOne", "wkTwo"]


def test_the_same_seed_makes_the_same_people() -> None:
    first, second, other = (build_world(_settings(), seed=seed) for seed in (1, 1, 2))
    assert first.customers == second.customers
    assert first.customers != other.customers


def test_a_world_stands_still_until_it_is_served() -> None:
    world = build_world(_settings())
    with pytest.raises(NotPossible, match="create_simulator"):
        world.customer_writes("xiaolin", next(iter(world.corps["corp"].kf)), "在吗")


def test_strangers_are_not_possible() -> None:
    world = World()
    for ask in (lambda: world.customer("ghost"), lambda: world.corp("ghost"), lambda: world.kf("wkGhost"),
                lambda: world.official("ghost")):  # fmt: skip
        with pytest.raises(NotPossible):
            ask()
