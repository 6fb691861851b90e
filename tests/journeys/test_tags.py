"""Does what a customer says become a tag on her card in WeCom, once, and does her next message meet it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from archive.tagging import TagState
from bot.simulator.faults import Fault, FaultKind
from bot.tagging.tables import tag_catalogues, tag_follows, tag_targets
from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.stage import CORP, KF, SHOP, Options, Stage

TAGS = """\
version: 1
groups: {习惯: {}, 兴趣: {}}
tags:
  - {name: 时效敏感, group: 习惯, appears: 0.6, clues: [{topics: [常见问题], weight: 0.7, each: message}]}
  - {name: 催单, group: 习惯, clues: [{intents: [urge], weight: 0.7}]}
  - {name: VIP, group: 兴趣, clues: [{orders: true, weight: 0.9}]}
"""
MARK, ADD, GET = (f"/cgi-bin/externalcontact/{name}" for name in ("mark_tag", "add_corp_tag", "get"))
WEEK = {"days": 7}


@dataclass(frozen=True)
class Tagging:
    """A stage whose archive is analysed and whose tags are told, step by step."""

    stage: Stage

    async def writes(self, text: str, customer: str = "xiaolin", *, at: str = KF) -> list[str]:
        said = await self.stage.writes(customer, text, at=at)
        await self.work()
        return said

    async def work(self) -> None:
        """Analyse, judge and tell until nothing is left."""
        analysing = self.stage.product.worker.analysing
        assert analysing is not None
        for _ in range(6):
            await analysing.once()
            self.stage.clock.advance(seconds=1)
        await self.stage.settle()

    def card(self, userid: str = "lina", customer: str = "xiaolin") -> tuple[str, ...]:
        return self.stage.platforms.tags_of(CORP, userid, customer)

    def calls(self, path: str) -> int:
        return sum(count for (called, _), count in self.stage.platforms.calls.items() if called == path)

    async def befriend(self, userid: str = "lina", customer: str = "xiaolin") -> None:
        self.stage.platforms.customer_adds_member(customer, CORP, userid)
        await self.stage.settle()

    async def target(self, customer: str = "xiaolin") -> Any:
        external = self.stage.platforms.customer(customer).external_userid
        rows = await self.stage.rows(select(tag_targets).where(tag_targets.c.customer == external))
        return rows[0] if rows else None

    def person(self, customer: str = "xiaolin") -> tuple[str, str]:
        return CORP, self.stage.platforms.customer(customer).external_userid

    async def states(self, customer: str = "xiaolin") -> dict[str, TagState]:
        desk = self.stage.product.tag_side.desk
        async with self.stage.product.engine.connect() as connection:
            return {tag.name: tag.state for tag in await desk.of(connection, self.person(customer))}

    async def decide(self, what: str, name: str) -> None:
        desk = self.stage.product.tag_side.desk
        async with self.stage.product.engine.begin() as connection:
            await getattr(desk, what)(connection, self.person(), name, by="chenjing")
        await self.work()


@pytest.fixture
async def tagging(opened: OpenStage) -> Tagging:
    return Tagging(await opened(Options(files={"tags.yaml": TAGS})))


async def test_from_a_message_to_the_card(tagging: Tagging) -> None:
    await tagging.befriend()
    await tagging.writes("多久发货")
    assert tagging.card() == ("时效敏感",)
    tags = tagging.stage.platforms.corp(CORP).tags.values()
    assert {(tag.group_name, tag.name) for tag in tags} == {
        ("店小二·习惯", "催单"),
        ("店小二·习惯", "时效敏感"),
        ("店小二·兴趣", "VIP"),
    }
    assert (tagging.calls(MARK), tagging.calls(ADD)) == (1, 2)
    await tagging.writes("运费多少")
    assert tagging.calls(MARK) == 1  # nothing changed


async def test_a_customer_nobody_follows_waits_until_somebody_does(tagging: Tagging) -> None:
    await tagging.writes("多久发货")
    assert ((await tagging.target()).state, tagging.card(), tagging.calls(MARK)) == ("waiting", (), 0)
    await tagging.stage.later(days=1)
    await tagging.befriend()
    assert ((await tagging.target()).state, tagging.card()) == ("done", ("时效敏感",))
    await tagging.befriend("wanglei")
    assert tagging.card("wanglei") == ("时效敏感",)


async def test_a_member_who_deletes_her_is_not_written_for(tagging: Tagging) -> None:
    await tagging.befriend()
    await tagging.writes("多久发货")
    tagging.stage.platforms.member_removes_customer("lina", CORP, "xiaolin")
    await tagging.stage.settle()
    await tagging.writes("帮我催一下单")
    assert (await tagging.target()).state == "waiting"
    await tagging.befriend()
    assert tagging.card() == ("催单", "时效敏感")


async def test_what_a_member_does_by_hand_is_her_decision(tagging: Tagging) -> None:
    await tagging.befriend()
    await tagging.writes("多久发货")
    platforms = tagging.stage.platforms
    platforms.member_tags_customer("lina", CORP, "xiaolin", "手工", "老客")
    platforms.member_tags_customer("lina", CORP, "xiaolin", "店小二·兴趣", "VIP")
    platforms.member_tags_customer("lina", CORP, "xiaolin", "店小二·习惯", "时效敏感", on=False)
    await tagging.stage.settle()
    await tagging.work()
    assert await tagging.states() == {"VIP": TagState.PINNED, "时效敏感": TagState.VETOED}
    await tagging.writes("运费多少")
    assert tagging.card() == ("VIP", "老客")
    await tagging.decide("veto", "VIP")
    assert tagging.card() == ("VIP", "老客")  # what people set there, people take
    [by] = {tag.by for tag in await _tags(tagging) if tag.name == "时效敏感"}
    assert by == "member:lina"


async def _our_tag_leaves(tagging: Tagging, fault: Fault) -> None:
    """It stands on her card, and our call that takes it away meets a fault."""
    await tagging.befriend()
    await tagging.writes("多久发货")
    tagging.stage.platforms.faults.add(fault)
    await tagging.decide("veto", "时效敏感")


@ON_SQLITE
async def test_what_a_member_gives_before_our_call_is_answered_stays_until_she_is_forgotten(tagging: Tagging) -> None:
    await _our_tag_leaves(tagging, Fault(MARK, FaultKind.TIMEOUT_AFTER_ACCEPTING, count=4))
    assert ((await tagging.target()).state, tagging.card()) == ("pending", ())
    tagging.stage.platforms.member_tags_customer("lina", CORP, "xiaolin", "店小二·习惯", "时效敏感")
    await tagging.stage.settle()
    for _ in range(3):
        await tagging.stage.later(seconds=70)
    assert ((await tagging.target()).state, tagging.card()) == ("done", ("时效敏感",))
    desk = tagging.stage.product.tag_side.desk
    async with tagging.stage.product.engine.begin() as connection:
        await desk.forget(connection, *tagging.person())
    await tagging.stage.settle()
    assert (tagging.card(), await tagging.target()) == ((), None)


@ON_SQLITE
async def test_what_was_refused_is_ours_whatever_people_do_beside_it(tagging: Tagging) -> None:
    await _our_tag_leaves(tagging, Fault(MARK, FaultKind.ERRCODE, errcode=45033, count=5))
    assert ((await tagging.target()).state, tagging.card()) == ("pending", ("时效敏感",))
    tagging.stage.platforms.member_tags_customer("lina", CORP, "xiaolin", "手工", "老客")
    await tagging.stage.settle()
    for _ in range(6):
        await tagging.stage.later(seconds=70)
    assert ((await tagging.target()).state, tagging.card()) == ("done", ("老客",))


async def _tags(tagging: Tagging) -> list[Any]:
    async with tagging.stage.product.engine.connect() as connection:
        return list(await tagging.stage.product.tag_side.desk.of(connection, tagging.person()))


async def test_a_tag_that_people_delete_is_not_made_again(tagging: Tagging) -> None:
    await tagging.befriend()
    await tagging.writes("多久发货")
    tagging.stage.platforms.tag_is_deleted(CORP, "店小二·习惯", "时效敏感")
    await tagging.stage.settle()
    await tagging.writes("帮我催一下单")
    assert tagging.card() == ("催单",)
    assert (await tagging.states())["时效敏感"] is TagState.ACTIVE  # nobody took it from her
    made = tagging.calls(ADD)
    desk = tagging.stage.product.tag_side.desk
    async with tagging.stage.product.engine.begin() as connection:
        assert await desk.sync(connection, None) == 1
    await tagging.work()
    assert tagging.calls(ADD) == made + 1
    assert tagging.card() == ("催单", "时效敏感")


async def test_a_tag_deleted_this_moment_is_found_missing(tagging: Tagging) -> None:
    await tagging.befriend()
    await tagging.writes("多久发货")
    tagging.stage.platforms.faults.add(Fault(f"callback:{CORP}", FaultKind.DROP))
    tagging.stage.platforms.tag_is_deleted(CORP, "店小二·习惯", "催单")
    await tagging.writes("帮我催一下单")
    await tagging.stage.later(seconds=5)
    assert ((await tagging.target()).state, tagging.card()) == ("done", ("时效敏感",))


@pytest.mark.parametrize(
    "fault",
    [
        Fault(MARK, FaultKind.ERRCODE, errcode=45033, count=2),
        Fault(MARK, FaultKind.ERRCODE, errcode=-1, count=2),
        Fault(MARK, FaultKind.HTTP_502),
        Fault(MARK, FaultKind.ERRCODE_AFTER_ACCEPTING, errcode=-1),
        Fault(GET, FaultKind.EXPIRE_TOKEN),
        Fault(ADD, FaultKind.ERRCODE, errcode=45033),
    ],
    ids=lambda fault: f"{fault.on.rsplit('/', 1)[-1]}-{fault.kind}-{fault.errcode}",
)
async def test_what_fails_is_tried_again(tagging: Tagging, fault: Fault) -> None:
    await tagging.befriend()
    tagging.stage.platforms.faults.add(fault)
    await tagging.writes("多久发货")
    for _ in range(5):
        await tagging.stage.later(seconds=70)
    assert ((await tagging.target()).state, tagging.card()) == ("done", ("时效敏感",))
    assert len({tag.name for tag in tagging.stage.platforms.corp(CORP).tags.values()}) == 3
    assert len(tagging.stage.platforms.corp(CORP).tags) == 3


@ON_SQLITE
async def test_what_fails_for_good_is_visible(tagging: Tagging) -> None:
    await tagging.befriend()
    tagging.stage.platforms.faults.add(Fault(MARK, FaultKind.ERRCODE, errcode=48002))
    await tagging.writes("多久发货")
    target = await tagging.target()
    assert (target.state, "48002" in target.error) == ("dead", True)
    assert target.advice
    health = await tagging.stage.health()
    assert health["tags"]["dead"] == 1
    assert health["tags"]["last_dead_letters"][0]["advice"] == target.advice
    desk = tagging.stage.product.tag_side.desk
    assert desk.targets is not None
    async with tagging.stage.product.engine.begin() as connection:
        assert await desk.targets.retry(connection) == 1
    await tagging.stage.settle()
    assert tagging.card() == ("时效敏感",)


async def test_a_tag_fades_from_the_card_too(tagging: Tagging) -> None:
    await tagging.befriend()
    await tagging.writes("多久发货")
    for _ in range(14):
        tagging.stage.clock.advance(**WEEK)
        await tagging.work()
    assert (tagging.card(), await tagging.states()) == ((), {"时效敏感": TagState.FADED})


@ON_SQLITE
async def test_the_next_message_meets_another_script_and_another_route(opened: OpenStage) -> None:
    stage = await opened(Options(files={"tags.yaml": TAGS}, tagged={"shipping-fee": ("时效敏感",)}))
    tagging = Tagging(stage)
    assert "元" not in "".join(await tagging.writes("运费多少钱"))
    await tagging.writes("多久发货")
    assert await tagging.states() == {"时效敏感": TagState.ACTIVE}
    assert "满 99 元包邮，不满收 8 元运费。" in await tagging.writes("运费多少钱")


@ON_SQLITE
async def test_a_tag_routes(opened: OpenStage) -> None:
    rule = "  - {name: 着急的客人, when: {tags: [时效敏感]}, team: presale, priority: 1}\n"
    stage = await opened(Options(files={"tags.yaml": TAGS}, first_rules=rule))
    tagging = Tagging(stage)
    await tagging.writes("转人工", "ajie")
    await tagging.writes("多久发货")
    await tagging.writes("转人工")
    tickets = [turn for turn in await stage.turns() if turn.decision == "handed_over"]
    assert len(tickets) == 2
    rules = [turn.explanation["rule"] for turn in tickets]
    assert rules == ["其余给售后组", "着急的客人"]


@ON_SQLITE
async def test_vip_fires_once_a_tag_is_mapped_to_it(opened: OpenStage) -> None:
    policy = "signals:\n  vip: {tags: [VIP], weight: 0.99, cost: 10}\n"
    stage = await opened(Options(files={"tags.yaml": TAGS}, policy=policy))
    tagging = Tagging(stage)
    await tagging.writes("多久发货")
    assert (await stage.decisions())[-1] == "answered"
    order: dict[str, object] = {"order_id": "1", "product_titles": "粉底液", "price_wording": "99", "state": "已付款"}
    stage.platforms.customer_sends("xiaolin", KF, "channels_shop_order", order)
    await stage.settle()
    await tagging.work()
    assert (await tagging.states())["VIP"] is TagState.ACTIVE
    await tagging.writes("多久发货")
    last = (await stage.turns())[-1]
    assert (last.decision, "vip" in last.explanation["signals"]) == ("handed_over", True)


@ON_SQLITE
async def test_a_veto_also_silences_the_profile(tagging: Tagging) -> None:
    await tagging.writes("多久发货")
    tags = tagging.stage.product.tag_side.tags
    assert await tags.of(*tagging.person(), ("时效敏感", "老客")) == ("时效敏感", "老客")
    await tagging.decide("veto", "时效敏感")
    assert await tags.of(*tagging.person(), ("时效敏感", "老客")) == ("老客",)


async def test_forgetting_takes_what_we_wrote(tagging: Tagging) -> None:
    await tagging.befriend()
    await tagging.writes("多久发货")
    tagging.stage.platforms.member_tags_customer("lina", CORP, "xiaolin", "手工", "老客")
    await tagging.stage.settle()
    desk = tagging.stage.product.tag_side.desk
    async with tagging.stage.product.engine.begin() as connection:
        assert await desk.forget(connection, *tagging.person()) == 1
    await tagging.stage.settle()
    assert (tagging.card(), await tagging.states()) == (("老客",), {})
    assert await tagging.target() is None
    assert await tagging.stage.rows(select(tag_follows)) == []


async def test_who_is_forgotten_is_not_remembered_because_people_touch_her_card(tagging: Tagging) -> None:
    await tagging.befriend()
    await tagging.writes("多久发货")
    tagging.stage.platforms.faults.add(Fault(MARK, FaultKind.ERRCODE, errcode=45033, count=5))
    desk = tagging.stage.product.tag_side.desk
    async with tagging.stage.product.engine.begin() as connection:
        await desk.forget(connection, *tagging.person())
    await tagging.stage.settle()
    assert (await tagging.target()).state == "pending"
    tagging.stage.platforms.member_tags_customer("lina", CORP, "xiaolin", "店小二·兴趣", "VIP")
    await tagging.stage.settle()
    for _ in range(6):
        await tagging.stage.later(seconds=70)
    assert (tagging.card(), await tagging.states()) == (("VIP",), {})
    assert await tagging.target() is None
    assert await tagging.stage.rows(select(tag_follows)) == []


@ON_SQLITE
async def test_an_official_account_has_its_own_tags(tagging: Tagging) -> None:
    platforms = tagging.stage.platforms
    platforms.subscribe("xiaolin", SHOP)
    platforms.subscribe("ajie", SHOP)
    await tagging.stage.settle()
    await tagging.writes("多久发货", at=SHOP)
    await tagging.writes("多久发货", "ajie", at=SHOP)
    account = platforms.official(SHOP)
    [(tag_id, name)] = account.tags.items()
    assert name == "时效敏感"
    wearing = [each for each in account.followers.values() if tag_id in each.tags]
    assert len(wearing) == 2
    platforms.unsubscribe("xiaolin", SHOP)
    await tagging.stage.settle()
    account.followers[platforms.customer("xiaolin").openid].tags.clear()
    await tagging.stage.later(hours=1)
    platforms.subscribe("xiaolin", SHOP)
    await tagging.stage.settle()
    assert tag_id in account.followers[platforms.customer("xiaolin").openid].tags


async def test_her_tags_are_hers_at_every_account_that_knows_her(tagging: Tagging) -> None:
    """The official account and WeCom are joined by her unionid."""
    platforms, desk = tagging.stage.platforms, tagging.stage.product.tag_side.desk
    platforms.subscribe("xiaolin", SHOP)
    platforms.customer_enters("xiaolin", KF)
    await tagging.stage.settle()
    await tagging.writes("多久发货", at=SHOP)
    follower = SHOP, platforms.customer("xiaolin").openid
    assert await tagging.states() == {"时效敏感": TagState.ACTIVE}
    tags = tagging.stage.product.tag_side.tags
    assert await tags.of(*tagging.person(), ()) == ("时效敏感",)
    await tagging.decide("veto", "时效敏感")
    assert await tags.of(*follower, ("时效敏感",)) == ()
    account = platforms.official(SHOP)
    assert account.followers[follower[1]].tags == set()
    async with tagging.stage.product.engine.begin() as connection:
        assert await desk.release(connection, follower, "时效敏感", by="chenjing")
        assert not await desk.release(connection, tagging.person(), "时效敏感", by="chenjing")


@ON_SQLITE
async def test_a_name_that_does_not_fit_is_said(opened: OpenStage) -> None:
    long = TAGS.replace("时效敏感", "一个超过三十个字节的标签名")
    stage = await opened(Options(files={"tags.yaml": long}))
    tagging = Tagging(stage)
    stage.platforms.subscribe("xiaolin", SHOP)
    await stage.settle()
    await tagging.writes("多久发货", at=SHOP)
    [row] = await stage.rows(select(tag_catalogues))
    assert "30 字节" in row.problem
    assert (await stage.health())["tags"]["problems"] == {SHOP: row.problem}


@ON_SQLITE
async def test_what_an_official_account_refuses_is_told_again_and_is_ours(tagging: Tagging) -> None:
    platforms = tagging.stage.platforms
    platforms.subscribe("xiaolin", SHOP)
    await tagging.stage.settle()
    platforms.faults.add(Fault("/cgi-bin/tags/members/batchtagging", FaultKind.ERRCODE, errcode=45009))
    await tagging.writes("多久发货", at=SHOP)
    follower = SHOP, platforms.customer("xiaolin").openid
    worn = platforms.official(SHOP).followers[follower[1]].tags
    assert worn == set()
    await tagging.stage.later(days=1)
    assert len(worn) == 1
    platforms.faults.add(Fault("/cgi-bin/tags/members/batchuntagging", FaultKind.TIMEOUT_AFTER_ACCEPTING, count=4))
    desk = tagging.stage.product.tag_side.desk
    async with tagging.stage.product.engine.begin() as connection:
        await desk.forget(connection, *follower)
    await tagging.stage.settle()
    assert len(await tagging.stage.rows(select(tag_follows))) == 1  # until the platform has said yes
    await tagging.stage.later(minutes=5)
    assert (worn, await tagging.stage.rows(select(tag_follows))) == (set(), [])
