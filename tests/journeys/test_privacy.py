"""Does a person go without a trace when she says so, while she is served to the end and others are not touched?"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from archive.consent import Consent, ConsentFact, Gate, Party, Provenance
from archive.reviews import Outcome, ReviewSelection, ReviewStore, ToReview, Words
from benchmarks.finance.corp import ArchivedCorp
from bot.bootstrap import ARCHIVE_TABLES, HANDOFF_TABLES
from bot.forgetting import find_person
from bot.simulator import Fault, FaultKind
from bot.simulator.sample import sample_png
from bot.store.engine import read_only
from bot.store.tables import addresses, conversations, customers, inbox, turns
from handoff import replay
from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.journeys.test_console_mode import ask
from tests.journeys.test_session_archive import AT_MS, rings
from tests.stage import CORP, KF, SHOP, Options, Stage
from tests.traces import all_that_is_kept, traces_of

CANARY = "紫色犀牛"
CONSENT = ARCHIVE_TABLES.consent


async def live(stage: Stage, corp: ArchivedCorp, who: str = "xiaolin") -> None:
    """She writes to the account and to 微信客服, sends a picture, is served by 王磊, and talks with 李娜 in WeCom."""
    known = stage.platforms.customer(who)
    await stage.writes(who, f"{CANARY}掉色了怎么办", at=KF)
    stage.clock.advance(seconds=5)
    stage.platforms.subscribe(who, SHOP)
    await stage.settle()
    stage.clock.advance(minutes=2)
    await stage.writes(who, f"我的{CANARY}什么时候发货", at=SHOP)
    stage.clock.advance(seconds=5)
    stage.platforms.customer_sends_file(
        who, SHOP, "image", sample_png() + CANARY.encode(), name="p.png", content_type="image/png"
    )
    await stage.settle()
    stage.clock.advance(seconds=5)
    await stage.writes(who, "转人工", at=SHOP)
    for speaker, to, at in ((known.external_userid, "lina", 5_000), ("lina", known.external_userid, 4_000)):
        corp.says(f"{CANARY}在这里", speaker=speaker, to=to, at_ms=AT_MS - at)
    corp.has_file("f1", CANARY.encode() * 100)
    corp.sends("image", {"image": {"filesize": 1, "sdkfileid": "f1"}}, speaker=known.external_userid, to="lina")
    await rings(stage)
    await analyse(stage)


async def served(stage: Stage, conversation: int, *, closes: bool = True) -> None:
    """王磊 takes her, says and notes something, and closes."""
    workbench = stage.product.workbench
    taken = await workbench.accept(conversation, "wanglei")
    assert taken is None, taken
    await stage.settle()
    assert await workbench.say(conversation, "wanglei", f"您的{CANARY}马上处理", client_id=f"c{conversation}") is None
    await stage.settle()
    async with stage.product.engine.begin() as connection:
        (ticket,) = await connection.scalars(
            select(conversations.c.ticket_id).where(conversations.c.id == conversation)
        )
        await stage.product.desk.note(connection, ticket, by="wanglei", text=f"她要{CANARY}")
    if closes:
        assert await workbench.close(conversation, "wanglei", outcome="solved") is None
    await stage.settle()


async def talk_of(stage: Stage, account: str, who: str = "xiaolin") -> int:
    """Her conversation with an account."""
    known = stage.platforms.customer(who)
    c = conversations.c
    query = select(c.id).where(c.account == account, c.customer.in_([known.openid, known.external_userid]))
    return int((await stage.rows(query))[0].id)


async def analyse(stage: Stage) -> None:
    runner = stage.product.archive_side.runner()
    while (await runner.step(64)).worked:
        pass
    await runner.stop()


async def reviewed(stage: Stage) -> None:
    """李娜 reviews one conversation of hers, and quotes her."""
    e, record = ARCHIVE_TABLES.entries, stage.product.archive
    store, now = ReviewStore(ARCHIVE_TABLES.reviews, record), stage.clock.now()
    names = [stage.platforms.customer("xiaolin").openid, stage.platforms.customer("xiaolin").external_userid]
    async with stage.product.engine.begin() as connection:
        said = (await connection.execute(select(e).where(e.c.customer.in_(names)).order_by(e.c.id).limit(1))).one()
        wanted = ToReview(said.id, said.account, said.customer, said.room, "wanglei", "lina", "人工接待")
        assert await store.assign(connection, [wanted], by="lina", now=now) == 1
        [review] = await store.listed(connection, ReviewSelection())
        outcome = Outcome(100.0, passed=True, fatal=(), points={}, automatic={})
        words = Words(f"她问了{CANARY}")
        assert await store.score(connection, review, {}, outcome, words, by="lina", now=now) is None


async def everything(stage: Stage) -> str:
    """All that any table or media file holds."""
    return await all_that_is_kept(stage.product.engine, stage.product.settings.data_dir)


def traces(stage: Stage, kept: str, who: str = "xiaolin") -> list[str]:
    """Which of her words and names are in there, in any spelling."""
    return traces_of(stage.platforms.customer(who), kept, CANARY)


async def withdraw(stage: Stage, who: str = "xiaolin") -> None:
    """She takes back everything; what follows is done."""
    known = stage.platforms.customer(who)
    async with stage.product.engine.begin() as connection:
        person = await find_person(connection, ARCHIVE_TABLES, known.unionid)
        now = stage.clock.now()
        facts = [ConsentFact(*name, "", Consent.WITHDRAWN, now, "customer") for name in person.names]
        await stage.product.consenting.consents.record(connection, facts)
    assert len(person.names) == 2
    await stage.settle()


async def counted(stage: Stage) -> dict[str, int]:
    (rows,) = [await stage.rows(select(CONSENT.purges.c.counts))]
    found: dict[str, int] = {}
    for row in rows:
        for name, count in row.counts.items():
            found[name] = found.get(name, 0) + count
    return found


async def test_a_withdrawal_leaves_no_byte_of_her(opened: OpenStage, corp: ArchivedCorp) -> None:
    stage = await opened(Options(archive=corp.settings(1), handoff="console"))
    await stage.writes("ajie", "多久发货", at=KF)
    stage.clock.advance(seconds=5)
    await live(stage, corp)
    await served(stage, int((await stage.conversation()).id))
    await stage.writes("xiaolin", "转人工", at=KF)
    await served(stage, await talk_of(stage, CORP))
    await analyse(stage)
    await reviewed(stage)
    kept = await everything(stage)
    assert CANARY.encode().hex() in kept  # in files
    assert set(traces(stage, kept)) >= {CANARY, stage.platforms.customer("xiaolin").openid}
    before = {table.name: await size(stage, table) for table in (inbox, turns, conversations, HANDOFF_TABLES.tickets)}

    await withdraw(stage)

    kept = await everything(stage)
    assert traces(stage, kept) == []
    assert traces(stage, kept, "ajie") != []  # others are not touched
    purges = await stage.rows(select(CONSENT.purges))
    assert [(row.state, row.why, row.account, row.customer) for row in purges] == [("done", "withdrawn", "", "")] * 2
    went = await counted(stage)
    assert {
        name for name in ("entries", "results", "sessions", "reviews", "files", "keys", "messages", "sends",
                          "explanations", "tickets", "notes", "media", "profiles", "addresses", "conversations")
        if not went.get(name)
    } == set()  # fmt: skip
    # what is counted is still there, and says when, how long and by whom
    after = {table.name: await size(stage, table) for table in (inbox, turns, conversations, HANDOFF_TABLES.tickets)}
    assert after == before
    for row in await stage.rows(select(HANDOFF_TABLES.tickets)):
        async with read_only(stage.product.engine).connect() as connection:
            events = await stage.product.desk.events(connection, row.id)
            ticket = await stage.product.desk.ticket(connection, row.id)
        assert ticket is not None
        replayed = replay(events)
        assert (replayed["customer"], replayed["summary"], replayed["card"]) == (row.customer, {}, None)


async def test_what_serves_her_goes_when_it_is_closed(opened: OpenStage, corp: ArchivedCorp) -> None:
    stage = await opened(Options(archive=corp.settings(1), handoff="console"))
    await live(stage, corp)
    talk = await talk_of(stage, SHOP)
    await served(stage, talk, closes=False)
    await withdraw(stage)
    assert {row.state for row in await stage.rows(select(CONSENT.purges))} == {"waiting"}
    # she is served on, with all that was said in this conversation
    thread = await stage.product.workbench.thread(talk)
    assert thread is not None
    assert CANARY in repr(thread)
    assert await stage.product.workbench.say(talk, "wanglei", "好了", client_id="last") is None
    await stage.settle()
    assert stage.texts("xiaolin")[-1] == "好了"
    assert await stage.product.workbench.close(talk, "wanglei", outcome="solved") is None
    await stage.settle()
    kf = await talk_of(stage, CORP)
    await stage.writes("xiaolin", "转人工", at=KF)
    assert await stage.product.workbench.accept(kf, "wanglei") is None
    await stage.settle()
    assert await stage.product.workbench.close(kf, "wanglei", outcome="solved") is None
    await stage.later(seconds=61)
    assert {row.state for row in await stage.rows(select(CONSENT.purges))} == {"done"}
    assert traces(stage, await everything(stage)) == []


async def test_who_withdrew_is_still_answered_and_forgotten_again(opened: OpenStage, corp: ArchivedCorp) -> None:
    stage = await opened(Options(archive=corp.settings(1), handoff="console"))
    conversation = await ask(stage)
    await served(stage, conversation)
    known = stage.platforms.customer("xiaolin")
    async with stage.product.engine.begin() as connection:
        fact = ConsentFact(SHOP, known.openid, "", Consent.WITHDRAWN, stage.clock.now(), "customer")
        await stage.product.consenting.consents.record(connection, [fact])
    await stage.settle()
    stage.clock.advance(minutes=1)
    assert await stage.writes("xiaolin", "什么时候发货", at=SHOP) != []
    party = Party(SHOP, known.openid, "", Provenance.SERVICE)
    async with stage.product.engine.begin() as connection:
        assert await stage.product.consenting.consents.may(connection, Gate.ANALYSE, [party]) == set()
    await analyse(stage)
    assert await stage.rows(select(ARCHIVE_TABLES.analysis.results)) == []
    await stage.writes("xiaolin", "转人工", at=SHOP)
    newest = int((await stage.conversation()).id)
    assert newest != conversation
    await served(stage, newest)
    await stage.product.consenting.sweep()
    await stage.later(seconds=1)
    rows = await stage.rows(select(CONSENT.purges.c.state))
    assert [row.state for row in rows] == ["done", "done"]
    assert await stage.rows(select(customers)) == []


@ON_SQLITE
async def test_what_colleagues_do_to_her_card_is_forgotten_again(stage: Stage) -> None:
    await stage.writes("xiaolin", f"{CANARY}多久发货", at=KF)
    stage.platforms.customer_adds_member("xiaolin", CORP, "lina")
    await stage.settle()
    fact = ConsentFact(
        CORP, stage.platforms.customer("xiaolin").external_userid, "", Consent.WITHDRAWN, stage.clock.now(), "customer"
    )
    async with stage.product.engine.begin() as connection:
        await stage.product.consenting.consents.record(connection, [fact])
    stage.clock.advance(seconds=1)
    await stage.product.worker.reconciler.sweep(idle_s=0)
    await stage.later(seconds=61)
    assert traces(stage, await everything(stage)) == []
    stage.platforms.member_tags_customer("lina", CORP, "xiaolin", "手工", "老客")
    await stage.settle()
    assert traces(stage, await everything(stage)) != []
    await stage.product.consenting.sweep()
    await stage.later(seconds=61)
    assert traces(stage, await everything(stage)) == []


async def test_a_no_to_the_session_archive(opened: OpenStage, corp: ArchivedCorp) -> None:
    stage = await opened(Options(archive=corp.settings(1)))
    xiaolin, ajie = stage.platforms.customer("xiaolin"), stage.platforms.customer("ajie")
    corp.says(f"{CANARY}一", speaker=xiaolin.external_userid, to="lina", at_ms=AT_MS - 9_000)
    corp.says("给陈静的话", speaker=xiaolin.external_userid, to="chenjing", at_ms=AT_MS - 8_000)
    corp.says("阿杰的话", speaker=ajie.external_userid, to="lina", at_ms=AT_MS - 7_000)
    await rings(stage)  # they begin to talk: they are asked about
    await analyse(stage)
    statuses = await stage.rows(select(CONSENT.consents.c.status, CONSENT.consents.c.source))
    assert [tuple(row) for row in statuses] == [("Default_Agree", "poll")] * 3
    assert (await stage.health())["privacy"]["asks_due"] == 0

    stage.platforms.customer_answers_archive(xiaolin, CORP, "lina", agrees=False)  # no event tells of a no
    stage.clock.advance(hours=2)
    corp.says(f"{CANARY}二", speaker=xiaolin.external_userid, to="lina", at_ms=AT_MS)
    await rings(stage)
    said = await heard(stage)
    assert said == ["给陈静的话", "阿杰的话"]  # what she said to 李娜 is gone, also what came before we knew
    corp.says(f"{CANARY}三", speaker=xiaolin.external_userid, to="lina", at_ms=AT_MS + 1)
    corp.says("还是给陈静的", speaker=xiaolin.external_userid, to="chenjing", at_ms=AT_MS + 2)
    await rings(stage)
    assert await heard(stage) == ["给陈静的话", "阿杰的话", "", "还是给陈静的"]  # that something was said, not what
    (purge,) = await stage.rows(select(CONSENT.purges))
    assert (purge.state, purge.why, purge.counts["entries"]) == ("done", "disagree", 2)

    stage.platforms.customer_answers_archive(xiaolin, CORP, "lina")
    await stage.settle()
    corp.says(f"{CANARY}四", speaker=xiaolin.external_userid, to="lina", at_ms=AT_MS + 3)
    await rings(stage)
    assert (await heard(stage))[-1] == f"{CANARY}四"


async def heard(stage: Stage) -> list[str]:
    """What the archive holds of the session archive's messages, in order of arrival."""
    e = ARCHIVE_TABLES.entries
    rows = await stage.rows(select(e.c.id).where(e.c.source == "wecom_archive", e.c.kind == "text").order_by(e.c.id))
    async with read_only(stage.product.engine).connect() as connection:
        return [each.text for each in await stage.product.archive.entries(connection, [row.id for row in rows])]


async def test_asking_that_fails_is_seen_and_tried_again(opened: OpenStage, corp: ArchivedCorp) -> None:
    stage = await opened(Options(archive=corp.settings(1)))
    stage.platforms.faults.add(Fault("/cgi-bin/msgaudit/check_single_agree", FaultKind.ERRCODE, errcode=301042))
    corp.says("在吗", speaker=stage.platforms.customer("xiaolin").external_userid, to="lina", at_ms=AT_MS)
    await rings(stage)
    (row,) = await stage.rows(select(CONSENT.asks))
    assert (row.failures, row.error, row.asked_at) == (1, "ApiError", None)
    stage.clock.advance(seconds=90)
    health = await stage.health()
    assert health["privacy"]["asks_due"] == 1
    assert health["privacy"]["asks_lag_s"] > 0
    await stage.settle()
    (row,) = await stage.rows(select(CONSENT.asks))
    assert (row.failures, row.error, row.due_at) == (0, "", None)
    assert row.asked_at is not None


async def test_a_purge_that_dies_anywhere_goes_on(opened: OpenStage, corp: ArchivedCorp) -> None:
    stage = await opened(Options(archive=corp.settings(1), handoff="console"))
    await live(stage, corp)
    await served(stage, int((await stage.conversation()).id))
    known = stage.platforms.customer("xiaolin")
    messages = await hers(stage, known.openid)
    purges = stage.product.consenting.consents.purges
    async with stage.product.engine.begin() as connection:
        digest = await stage.product.consenting.consents.digest(connection, SHOP, known.openid)
        id_ = await purges.open(connection, digest, SHOP, known.openid, why="erase")
    deaths = 0
    for point in itertools.cycle(("purge.removed", "purge.counted")):

        def die(at: str, point: str = point) -> None:
            if at == point:
                raise Died

        purger = replace(stage.product.consenting.purger, batch=2, reached=die)
        claim = await purger.claim(id_)
        if claim is None:
            break
        try:
            await purger.purge(claim)
        except Died:
            deaths += 1
        stage.clock.advance(seconds=61)
    assert deaths > 10
    (row,) = await stage.rows(select(CONSENT.purges).where(CONSENT.purges.c.id == id_))
    assert (row.state, row.customer) == ("done", "")
    assert row.counts["messages"] == messages  # each counted once, however often it died
    kept = await everything(stage)
    assert known.openid not in kept


class Died(Exception):  # noqa: N818 - reads as the fact it is
    """The process is gone."""


async def hers(stage: Stage, customer: str) -> int:
    """How many messages of hers are stored."""
    query = select(func.count()).select_from(inbox).join(addresses, addresses.c.id == inbox.c.address_id)
    return int((await stage.rows(query.where(addresses.c.customer == customer)))[0][0])


async def size(stage: Stage, table: Any) -> int:
    return int((await stage.rows(select(func.count()).select_from(table)))[0][0])
