"""Is every change of people checked and written down, and is there always an admin?"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.access import Access, Actor, Obstacle, Person, PersonRefused, Role, Wanted, Way

BOSS = Actor("boss", "10.0.0.9")
ADMIN = Person("boss", "老板", frozenset({Role.ADMIN}))


async def test_two_admins_cannot_remove_each_other(access: Access) -> None:
    await access.administration.add(ADMIN, agents=(), by=BOSS)
    await access.administration.add(replace(ADMIN, id="other"), agents=(), by=BOSS)
    outcomes = await asyncio.gather(
        access.administration.disable("boss", by=Actor("other")),
        access.administration.disable("other", by=BOSS),
        return_exceptions=True,
    )
    refused = [each for each in outcomes if isinstance(each, PersonRefused)]
    assert [each.why for each in refused] == [Obstacle.LAST_ADMIN]


async def test_changes_are_written_down_and_no_change_is_not(access: Access) -> None:
    await access.administration.add(ADMIN, agents=(), by=BOSS)
    await access.administration.change(ADMIN, agents=(), by=BOSS)
    more = replace(ADMIN, roles=frozenset({Role.ADMIN, Role.AUDITOR}), teams=frozenset({"presale"}))
    await access.administration.change(more, agents=(), by=BOSS)
    rows = await access.log.page(Wanted(), limit=9)
    assert [(each.action, each.object, each.reason) for each in reversed(rows)] == [
        ("person_added", "person:boss", "roles=admin"),
        ("person_changed", "person:boss", "roles=admin,auditor teams=presale"),
    ]


async def test_whoever_is_disabled_is_signed_out_as_herself_and_as_her_agent(access: Access) -> None:
    await access.administration.add(ADMIN, agents=(), by=BOSS)
    before = await access.sessions.open("limei", Way.LINK, address="")  # before she had a row
    person = Person("mei", "李梅", frozenset({Role.AGENT}), agent="limei")
    await access.administration.add(person, agents=("limei",), by=BOSS)
    token = await access.sessions.open("mei", Way.LINK, address="")
    await access.administration.disable("mei", by=BOSS)
    assert await access.sessions.read(token) is None
    assert await access.sessions.read(before) is None
    assert await access.person("limei") == replace(person, active=False)


async def test_an_agent_and_a_member_of_wecom_are_one_person(access: Access) -> None:
    await access.administration.add(replace(ADMIN, agent="limei", wecom="LiMei"), agents=("limei",), by=BOSS)
    for twin, why in (
        (Person("b", "b", ADMIN.roles, agent="limei"), Obstacle.AGENT_TAKEN),
        (Person("c", "c", ADMIN.roles, wecom="LiMei"), Obstacle.WECOM_TAKEN),
        (Person("d", "d", frozenset()), Obstacle.NO_ROLE),
        (Person("e", " ", ADMIN.roles), Obstacle.NAME_MISSING),
    ):
        with pytest.raises(PersonRefused) as refused:
            await access.administration.add(twin, agents=("limei",), by=BOSS)
        assert refused.value.why == why
