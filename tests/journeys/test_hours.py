"""Is a customer who asks for a person told when there will be one: on holidays, worked weekends, special days?"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.stage import DAYTIME, Options, Stage

pytestmark = ON_SQLITE
SHANGHAI = ZoneInfo("Asia/Shanghai")

HOURS = """\
calendars:
  shop:
    weekly: {mon-fri: ["09:00-12:00", "13:30-18:00"]}
    holidays: cn
    special: {2026-10-09: ["10:00-15:00"], 2026-12-25: []}
  evening:
    weekly: {daily: ["18:00-22:00"]}
region_calendars: {新疆: evening}
"""
WHERE = """\
slots:
  where: {title: 所在地区, entity: address, ask: 请问您在哪个地区？, intents: [urge]}
"""


async def opened_at(opened: OpenStage, local: str, more: str = "") -> Stage:
    stage = await opened(Options(policy=HOURS, slots=False, more=more))
    stage.clock.advance(seconds=(datetime.fromisoformat(local).replace(tzinfo=SHANGHAI) - DAYTIME).total_seconds())
    return stage


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("2026-03-03T11:00", "已经为您转接售后组的人工客服"),
        ("2026-03-03T12:30", "人工客服今天 13:30 上线"),
        ("2026-03-03T18:00", "人工客服明天 09:00 上线"),
        ("2026-10-01T10:00", "人工客服10月8日 09:00 上线"),  # national day
        ("2026-10-10T10:00", "已经为您转接售后组的人工客服"),  # a Saturday that is worked for it
        ("2026-10-08T19:00", "人工客服明天 10:00 上线"),  # a special day, shorter than others
        ("2026-10-09T15:30", "人工客服明天 09:00 上线"),
        ("2026-12-25T10:00", "人工客服12月28日 09:00 上线"),  # a special day without anybody, then the weekend
    ],
)
async def test_the_notice_tells_when_somebody_will_be_there(opened: OpenStage, asked: str, said: str) -> None:
    stage = await opened_at(opened, asked)
    (told,) = await stage.writes("xiaolin", "转人工")
    assert said in told
    assert len(await stage.product.workbench.waiting()) == 1


async def test_the_hours_of_her_region_hold(opened: OpenStage) -> None:
    stage = await opened_at(opened, "2026-03-03T11:00", more=WHERE)
    (asked,) = await stage.writes("xiaolin", "帮我催一下单")
    assert "请问您在哪个地区" in asked
    (told,) = await stage.writes("xiaolin", "新疆维吾尔自治区乌鲁木齐市天山区")
    assert "人工客服今天 18:00 上线" in told
