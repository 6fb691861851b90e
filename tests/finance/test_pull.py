"""Is every message of the session archive stored once, and its cursor with it, whatever comes in between?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from archive.finance import LeaseLost
from benchmarks.finance.corp import COLLEAGUE, CUSTOMER, MEMBER, NOON_MS, ArchivedCorp
from bot.bootstrap import ARCHIVE_TABLES
from tests.archive.analysis.ground import Trial
from tests.finance.reader import ACCOUNT, ENTRIES, SETTINGS, TABLES, Reader, reading
from tests.store.counter import NOON


class KilledError(Exception):
    """What a process that dies leaves behind."""


PAGED = SETTINGS.model_copy(update={"page_size": 3})


async def test_all_is_read_page_by_page_to_the_end(engine: AsyncEngine, corp: ArchivedCorp, tmp_path: Path) -> None:
    said = [corp.says(f"第{number}句", at_ms=NOON_MS - 60_000 + number) for number in range(8)]
    async with reading(engine, corp, tmp_path, settings=PAGED) as reader:
        done = await reader.pull()
        assert (done.seq, done.error, done.counts["stored"], done.counts["read"]) == (8, "", 8, 8)
        assert await reader.texts() == [f"第{number}句" for number in range(8)]
        assert [row.source_id for row in await reader.rows(ENTRIES)] == said
        assert (await reader.pull()).counts["read"] == 0
        corp.skips()
        corp.says("又一句")
        assert (await reader.pull()).seq == 10
        assert len(await reader.rows(ENTRIES)) == 9


async def test_who_spoke_to_whom(reader: Reader, corp: ArchivedCorp) -> None:
    corp.says("多久发货")
    corp.says("今天就发", speaker=MEMBER, to=CUSTOMER)
    await reader.pull()
    asked, answered = await reader.rows(ENTRIES)
    assert (asked.account, asked.source, asked.customer, asked.voice, asked.who) == (
        ACCOUNT, "wecom_archive", CUSTOMER, "customer", ""
    )  # fmt: skip
    assert (answered.customer, answered.voice, answered.who) == (CUSTOMER, "servicer", MEMBER)


async def test_what_comes_again_is_no_second_message(reader: Reader, corp: ArchivedCorp) -> None:
    msgid = corp.says("在吗")
    corp.seals(b'{"msgid":"x","action":"send","from":"a","msgtype":"text","text":{"content":"again"}}', msgid=msgid)
    await reader.pull()
    assert await reader.texts() == ["在吗"]


async def test_cursor_and_rows_are_one(reader: Reader, corp: ArchivedCorp) -> None:
    """Whoever lost the lease writes neither."""
    corp.says("在吗")
    stale = await reader.archiving.puller.claim_now(ACCOUNT)
    assert stale is not None
    reader.clock.forward(SETTINGS.lease_s + 1)
    heir = await reader.archiving.puller.claim_now(ACCOUNT)
    assert heir is not None
    late = await reader.archiving.puller.pull(stale)
    assert late.error
    assert await reader.rows(ENTRIES) == []
    assert (await reader.standing()).seq == 0
    done = await reader.archiving.puller.pull(heir)
    assert (done.error, done.seq) == ("", 1)
    assert await reader.texts() == ["在吗"]
    async with reader.engine.begin() as connection:
        with pytest.raises(LeaseLost):
            await reader.archiving.stores.pulls.finish(connection, stale)


async def test_who_loses_the_lease_with_a_page_on_its_way_leaves_all_to_the_next(
    engine: AsyncEngine, corp: ArchivedCorp, tmp_path: Path
) -> None:
    for number in range(8):
        corp.says(f"第{number}句", at_ms=NOON_MS - 60_000 + number)
    async with reading(engine, corp, tmp_path, settings=PAGED) as reader:
        puller = reader.archiving.puller
        claim = await puller.claim_now(ACCOUNT)
        assert claim is not None
        reader.clock.forward(SETTINGS.lease_s + 1)
        heir = await puller.claim_now(ACCOUNT)
        assert heir is not None
        late = await puller.pull(claim)
        assert (late.error, await reader.rows(ENTRIES)) == ("somebody else reads it", [])
        done = await puller.pull(heir)
        assert (done.error, done.seq) == ("", 8)
        assert await reader.texts() == [f"第{number}句" for number in range(8)]


async def test_a_death_before_the_commit_loses_nothing(engine: AsyncEngine, corp: ArchivedCorp, tmp_path: Path) -> None:
    def dies(point: str) -> None:
        if point == "before_archive_page_commit":
            raise KilledError

    corp.says("在吗")
    async with reading(engine, corp, tmp_path) as reader:
        puller = reader.archiving.puller
        claim = await puller.claim_now(ACCOUNT)
        assert claim is not None
        with pytest.raises(KilledError):
            await replace(puller, parts=replace(puller.parts, reached=dies)).pull(claim)
        assert await reader.rows(ENTRIES) == []
        assert await puller.claim_now(ACCOUNT) is None  # until the lease of the dead is over
        reader.clock.forward(SETTINGS.lease_s + 1)
        await reader.pull()
        assert await reader.texts() == ["在吗"]


async def test_a_poisonous_message_is_kept_aside_and_the_rest_of_the_page_is_stored(
    reader: Reader, corp: ArchivedCorp
) -> None:
    corp.says("一")
    killer = corp.seals(b"ABORT")
    broken = corp.skips()
    corp.puts(broken, {"seq": broken, "msgid": 7})
    odd = corp.seals(b"[1, 2]")
    refused = corp.seals(b"CODE10006")
    corp.says("二")
    done = await reader.pull()
    assert (done.error, done.seq, done.counts["stored"]) == ("", 6, 2)
    assert await reader.texts() == ["一", "二"]
    lying = {row.msgid: row for row in await reader.rows(TABLES.aside)}
    assert (lying[killer].reason, lying[odd].reason) == ("killed", "unreadable")
    assert (lying[refused].reason, lying[refused].code) == ("refused", 10006)
    assert [row.reason for name, row in lying.items() if name.startswith("malformed-")] == ["malformed"]
    assert all(row.message for row in lying.values())
    assert (await reader.standing()).aside == {"killed": 1, "malformed": 1, "refused": 1, "unreadable": 1}
    assert "ABORT" not in str([tuple(row) for row in lying.values()])  # ciphertext, as it came


async def test_what_lies_aside_is_opened_when_somebody_asks(reader: Reader, corp: ArchivedCorp) -> None:
    killer = corp.seals(b"ABORT")
    await reader.pull()
    await reader.pull()
    assert (await reader.standing()).aside == {"killed": 1}
    done = await reader.pull(replay=True)  # the library is still the same
    assert done.counts["replayed"] == 0
    assert [row.msgid for row in await reader.rows(TABLES.aside)] == [killer]


async def test_a_key_that_is_missing_is_waited_for_and_then_all_comes_in_order(
    engine: AsyncEngine, corp: ArchivedCorp, tmp_path: Path
) -> None:
    def says(text: str, version: int, at_ms: int) -> None:
        seq = corp.skips()
        plain = (
            f'{{"msgid":"m{seq}_external","action":"send","from":"{CUSTOMER}","tolist":["{MEMBER}"],"roomid":"",'
            f'"msgtime":{at_ms},"msgtype":"text","text":{{"content":"{text}"}}}}'
        )
        corp.seals(plain.encode(), seq=seq, version=version)

    for number in range(7):
        says(f"第{number}句", version=2 if number in (1, 2, 5) else 1, at_ms=NOON_MS - 9_000 + number)
    async with reading(engine, corp, tmp_path, settings=PAGED) as before:
        await before.pull()
        assert await before.texts() == ["第0句", "第3句", "第4句", "第6句"]
        standing = await before.standing()
        assert (standing.waiting, standing.seq) == ({2: 3}, 7)
        assert (await before.pull()).counts["replayed"] == 0
    async with reading(engine, corp, tmp_path, versions=(1, 2), settings=PAGED) as after:
        done = await after.pull()
        assert done.counts["replayed"] == 3
        assert await after.texts() == [f"第{number}句" for number in range(7)]
        assert (await after.standing()).waiting == {}
        assert await after.rows(TABLES.aside) == []


async def test_the_wrong_key_opens_nothing_and_loses_nothing(
    engine: AsyncEngine, corp: ArchivedCorp, tmp_path: Path
) -> None:
    corp.says("在吗")
    swapped = ArchivedCorp(corp.folder, corp.library, {1: corp.keys[2]})
    async with reading(engine, swapped, tmp_path) as wrong:
        assert (await wrong.pull()).counts["stored"] == 0
        assert set((await wrong.standing()).aside) <= {"bad_key", "refused", "malformed"}
    async with reading(engine, corp, tmp_path) as right:
        await right.pull(replay=True)
        assert await right.texts() == ["在吗"]


@pytest.mark.parametrize("first", ["message", "recall"])
async def test_what_was_taken_back_is_marked_whichever_came_first(
    reader: Reader, corp: ArchivedCorp, first: str
) -> None:
    message = corp.skips()
    plain = {
        "msgid": "taken_external", "action": "send", "from": CUSTOMER, "tolist": [MEMBER], "roomid": "",
        "msgtime": NOON_MS, "msgtype": "text", "text": {"content": "写错了"},
    }  # fmt: skip

    def writes() -> None:
        corp.seals(
            json.dumps(plain).encode(), seq=message if first == "message" else corp.skips(), msgid="taken_external"
        )

    def takes_back() -> None:
        corp.sends("revoke", {"revoke": {"pre_msgid": "taken_external"}}, action="recall")

    for act in (writes, takes_back) if first == "message" else (takes_back, writes):
        act()
        await reader.pull()
    (row,) = await reader.rows(ENTRIES)
    assert row.recalled == 1
    assert await reader.rows(TABLES.recalls) == []


async def test_what_is_taken_back_after_it_was_analysed_is_judged_without_it(
    reader: Reader, corp: ArchivedCorp
) -> None:
    asked = corp.says("多久发货？", at_ms=NOON_MS - 3_600_000)
    corp.says("好的", at_ms=NOON_MS - 3_500_000)
    await reader.pull()
    analysed = Trial(reader.engine, reader.archive, time=reader.clock())
    await analysed.work()
    assert [each.rule for each in await analysed.findings()] == ["没有回答"]
    assert await reader.rows(ARCHIVE_TABLES.tags.watch) == []
    corp.sends("revoke", {"revoke": {"pre_msgid": asked}}, action="recall")
    await reader.pull()
    assert [(row.customer, row.due_at) for row in await reader.rows(ARCHIVE_TABLES.tags.watch)] == [
        (CUSTOMER, reader.clock())
    ]
    await analysed.work()
    assert await analysed.findings() == []
    assert [row.messages for row in await analysed.sessions()] == [1]


async def test_a_recall_of_what_never_came_is_forgotten_in_time(reader: Reader, corp: ArchivedCorp) -> None:
    corp.sends("revoke", {"revoke": {"pre_msgid": "unknown"}}, action="recall")
    await reader.pull()
    await reader.archiving.watch()
    assert len(await reader.rows(TABLES.recalls)) == 1
    reader.clock.forward(timedelta(days=5, seconds=1).total_seconds())
    await reader.archiving.watch()
    assert await reader.rows(TABLES.recalls) == []


@pytest.mark.parametrize("kept", [False, True])
async def test_what_members_say_among_themselves_is_counted_and_kept_only_if_wanted(
    engine: AsyncEngine, corp: ArchivedCorp, tmp_path: Path, *, kept: bool
) -> None:
    corp.sends("text", {"text": {"content": "中午吃啥"}}, speaker=MEMBER, to=COLLEAGUE, internal=True)
    settings = SETTINGS.model_copy(update={"internal": kept})
    async with reading(engine, corp, tmp_path, settings=settings) as reader:
        done = await reader.pull()
        assert (done.counts["internal"], done.counts["stored"]) == ((0, 1) if kept else (1, 0))
        assert await reader.texts() == (["中午吃啥"] if kept else [])


async def test_a_message_above_the_limit_is_kept_sealed(
    engine: AsyncEngine, corp: ArchivedCorp, tmp_path: Path
) -> None:
    corp.says("一")
    corp.says("长" * 1_000)
    corp.says("二")
    small = SETTINGS.model_copy(update={"message_bytes": 2_000})
    async with reading(engine, corp, tmp_path, settings=small) as reader:
        await reader.pull()
        assert await reader.texts() == ["一", "二"]
        assert (await reader.standing()).aside == {"too_large": 1}
    async with reading(engine, corp, tmp_path) as larger:
        await larger.pull(replay=True)
        assert "长" * 1_000 in await larger.texts()


async def test_a_page_above_the_limit_is_asked_for_in_smaller_ones(
    engine: AsyncEngine, corp: ArchivedCorp, tmp_path: Path
) -> None:
    """One message that is too large by itself is noted and passed over."""
    for number in range(4):
        corp.says(f"第{number}句")
    corp.says("长" * 20_000)
    corp.says("完")
    tight = SETTINGS.model_copy(update={"answer_bytes": 4_000})
    async with reading(engine, corp, tmp_path, settings=tight) as reader:
        done = await reader.pull()
        assert (done.error, done.seq) == ("", 6)
        assert await reader.texts() == ["第0句", "第1句", "第2句", "第3句", "完"]
        assert (await reader.standing()).aside == {"too_large": 1}


async def test_twenty_megabytes_do_not_stop_it(reader: Reader, corp: ArchivedCorp) -> None:
    corp.says("一")
    corp.says("x" * 20_000_000)
    corp.says("二")
    await reader.pull()
    assert await reader.texts() == ["一", "二"]
    assert (await reader.standing()).aside == {"too_large": 1}


async def test_only_what_may_pass_by_itself_is_tried_again_soon(reader: Reader, corp: ArchivedCorp) -> None:
    puller, pulls = reader.archiving.puller, reader.archiving.stores.pulls

    async def tries() -> int:
        claim = await puller.claim()
        return -1 if claim is None else (await puller.pull(claim)).code

    corp.tell("every_code", 10001)
    waits = []
    for _ in range(3):
        assert await tries() == 10001
        assert await tries() == -1
        (row,) = await reader.rows(TABLES.pulls)
        waits.append((row.ready_at - reader.clock()).total_seconds())
        reader.clock.forward(waits[-1])
    assert waits == [2.0, 4.0, 8.0]
    corp.tell("every_code", 10009)
    assert await tries() == 10009
    async with reader.engine.begin() as connection:
        await pulls.ring(connection, ACCOUNT)  # a doorbell does not make a wrong IP right
    reader.clock.forward(SETTINGS.refused_again_s - 1)
    assert await tries() == -1
    standing = await reader.standing()
    assert (standing.code, standing.error) == (10009, "SdkRefused: code 10009")
    reader.clock.forward(1)
    corp.tell("every_code", 0)
    corp.says("在吗")
    assert await tries() == 0
    assert await reader.texts() == ["在吗"]
    assert (await reader.standing()).error == ""


@pytest.mark.parametrize(
    "page", [b"{", b"[]", b'{"errcode":0,"chatdata":7}', b'{"errcode":301042,"errmsg":"ip"}', b"\xff"]
)
async def test_a_page_that_is_none_moves_nothing(reader: Reader, corp: ArchivedCorp, page: bytes) -> None:
    (corp.folder / "page").write_bytes(page)
    done = await reader.pull()
    assert done.error
    assert done.advice
    assert done.code == (301042 if b"301042" in page else 0)
    assert (await reader.standing()).seq == 0


async def test_a_platform_that_repeats_itself_does_not_keep_us(reader: Reader, corp: ArchivedCorp) -> None:
    corp.says("在吗")
    (corp.folder / "page").write_bytes(await reader.archiving.sources[ACCOUNT].sdk.chat(0, 1))
    done = await reader.pull()
    assert (done.seq, done.counts["stored"]) == (1, 1)
    again = await reader.pull()
    assert (again.error, again.counts["read"]) == ("", 0)


async def test_how_far_behind_we_are(reader: Reader, corp: ArchivedCorp) -> None:
    assert (await reader.standing()).lag_s == 0
    await reader.pull()
    reader.clock.forward(3600)
    assert (await reader.standing()).lag_s == 3600
    corp.tell("every_code", 10009)
    await reader.pull()
    reader.clock.forward(SETTINGS.lag_alarm_s)
    late = await reader.standing()
    assert (late.lag_s, late.is_lagging) == (3600 + SETTINGS.lag_alarm_s, True)
    corp.tell("every_code", 0)
    await reader.pull()
    assert (await reader.standing()).lag_s == 0


async def test_while_catching_up_the_lag_is_that_of_the_last_message(
    engine: AsyncEngine, corp: ArchivedCorp, tmp_path: Path
) -> None:
    for number in range(6):
        corp.says(f"第{number}句", at_ms=NOON_MS - 4 * 86_400_000 + number * 1000)
    async with reading(engine, corp, tmp_path, settings=PAGED) as reader:
        await reader.pull(pages=1)
        assert (await reader.standing()).lag_s == 4 * 86_400 - 2
        assert (await reader.standing()).is_lagging
        await reader.pull()
        assert (await reader.standing()).lag_s == 0


async def test_calls_keep_the_pace_the_platform_allows(engine: AsyncEngine, corp: ArchivedCorp, tmp_path: Path) -> None:
    for number in range(9):
        corp.says(f"第{number}句")
    slow = PAGED.model_copy(update={"calls_per_minute": 30})
    async with reading(engine, corp, tmp_path, settings=slow) as reader:
        await reader.pull()
        assert reader.clock() - NOON == timedelta(seconds=6)  # four calls, the last one empty


async def test_the_timer_rings_where_the_bell_was_lost(reader: Reader, corp: ArchivedCorp) -> None:
    await reader.pull()
    assert await reader.archiving.puller.claim() is None
    corp.says("在吗")
    reader.clock.forward(SETTINGS.every_s - 1)
    await reader.archiving.watch()
    assert await reader.archiving.puller.claim() is None
    reader.clock.forward(2)
    await reader.archiving.watch()
    claim = await reader.archiving.puller.claim()
    assert claim is not None
    async with reader.engine.begin() as connection:
        await reader.archiving.stores.pulls.ring(connection, ACCOUNT)  # while we read
    await reader.archiving.puller.pull(claim)
    assert await reader.archiving.puller.claim() is not None
