"""Does what members and customers write in the WeCom client reach the archive, from the doorbell on?"""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select

from archive import Entry
from benchmarks.finance.corp import CUSTOMER, MEMBER, ArchivedCorp
from bot.bootstrap import ARCHIVE_TABLES
from bot.platform import ApiError, archive_account
from bot.platform.calls import msgaudit
from bot.store.engine import read_only
from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.stage import CORP, DAYTIME, Options, Stage

AT_MS = int(DAYTIME.timestamp() * 1000)
BELL: dict[str, object] = {"FromUserName": "sys", "Event": "msgaudit_notify", "AgentID": 2000004}
ENTRIES = ARCHIVE_TABLES.entries


async def rings(stage: Stage) -> None:
    """WeCom rings our callback; what follows is done."""
    stage.platforms.raise_corp_event(CORP, BELL)
    await stage.settle()


async def kept(stage: Stage) -> list[Entry]:
    """What the archive holds of the customer, oldest first."""
    rows = await stage.rows(select(ENTRIES).where(ENTRIES.c.source == "wecom_archive").order_by(ENTRIES.c.id))
    return list(rows)


async def test_from_the_doorbell_to_the_archive(opened: OpenStage, corp: ArchivedCorp) -> None:
    stage = await opened(Options(archive=corp.settings(1)))
    before = len(await stage.inbox())
    corp.says("多久发货", at_ms=AT_MS - 5_000)
    corp.says("今天就发", speaker=MEMBER, to=CUSTOMER, at_ms=AT_MS - 2_000)
    data = b"picture" * 1000
    corp.has_file("f1", data)
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    corp.sends("image", {"image": {"md5sum": md5, "filesize": len(data), "sdkfileid": "f1"}}, at_ms=AT_MS - 1_000)
    await rings(stage)
    assert [(row.customer, row.voice, row.kind) for row in await kept(stage)] == [
        (CUSTOMER, "customer", "text"),
        (CUSTOMER, "servicer", "text"),
        (CUSTOMER, "customer", "image"),
    ]
    (file,) = await stage.rows(select(ARCHIVE_TABLES.finance.media))
    assert (file.state, file.received) == ("fetched", len(data))
    assert len(await stage.inbox()) == before  # a bell is no message
    assert await stage.turns() == []  # nobody is answered because of it


async def test_trouble_is_visible_and_the_journey_goes_on(opened: OpenStage, corp: ArchivedCorp) -> None:
    stage = await opened(Options(archive=corp.settings(1)))
    corp.seals(b"{}", version=2)
    corp.seals(b"ABORT")
    await rings(stage)
    corp.tell("every_code", 301042)
    await rings(stage)
    assert await stage.writes("xiaolin", "多久发货") != []
    health = await stage.health()
    assert health["archives"] == {
        CORP: {
            "lag_s": 0.0,
            "lagging": False,
            "aside": {"killed": 1, "waiting_key": 1},
            "last_error": "SdkRefused: code 301042",
        }
    }
    stage.clock.advance(hours=13)
    async with stage.http.get(f"{stage.url}/metrics") as response:
        shown = await response.text()
    assert f'xiaoer_archive_aside{{account="{CORP}",reason="waiting_key"}} 1.0' in shown
    assert f'xiaoer_archive_last_code{{account="{CORP}"}} 301042.0' in shown
    assert f'xiaoer_archive_lagging{{account="{CORP}"}} 1.0' in shown
    assert f'xiaoer_archive_lag_seconds{{account="{CORP}"}} 46' in shown  # 13 h and the time of the journey


@ON_SQLITE
async def test_a_yes_to_being_archived_is_kept(opened: OpenStage, corp: ArchivedCorp) -> None:
    stage = await opened(Options(archive=corp.settings(1)))
    xiaolin = stage.platforms.customer("xiaolin")
    stage.platforms.customer_adds_member(xiaolin, CORP, "lina")
    stage.platforms.customer_answers_archive(xiaolin, CORP, "lina")
    await stage.settle()
    (row,) = await kept(stage)
    assert (row.customer, row.kind, row.voice) == (xiaolin.external_userid, "agree", "system")
    async with read_only(stage.product.engine).connect() as connection:
        assert await stage.product.archiving.stores.pulls.states(connection)
    stage.platforms.customer_answers_archive("ajie", CORP, "lina", agrees=False)  # no event tells of a no
    pairs = [("lina", xiaolin.external_userid), ("lina", stage.platforms.customer("ajie").external_userid)]
    answer = await stage.product.platform.call(archive_account(CORP), msgaudit.check_single_agree(pairs))
    agreeinfo = answer["agreeinfo"]
    assert isinstance(agreeinfo, list)
    assert [each["agree_status"] for each in agreeinfo] == ["Agree", "Disagree"]


@ON_SQLITE
async def test_the_archives_calls_want_its_own_secret(opened: OpenStage, corp: ArchivedCorp) -> None:
    stage = await opened(Options(archive=corp.settings(1)))
    listed = await stage.product.platform.call(archive_account(CORP), msgaudit.get_permit_user_list())
    assert "lina" in str(listed["ids"])
    with pytest.raises(ApiError, match="48002"):
        await stage.product.platform.call(CORP, msgaudit.get_permit_user_list())


@ON_SQLITE
async def test_without_an_archive_its_bell_means_nothing(stage: Stage) -> None:
    await rings(stage)
    assert await stage.inbox() == []
    assert await kept(stage) == []
    assert (await stage.health())["archives"] == {}
