"""Does a review go from the sample to its settlement in the browser, and does everybody see only hers?"""

from __future__ import annotations

import re

from bot.access import Role
from tests.console.browser import Browser, Page
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront
from tests.console.supervised import SHEET, Supervised
from tests.databases import ON_SQLITE

pytestmark = ON_SQLITE


async def draw(browser: Browser, **more: str) -> Page:
    fields = {"since": "2026-02-27", "until": "2026-03-01", "each": "3", "second": "0", "sheet": SHEET.name}
    return await browser.submit("/console/reviews/draw", **(fields | {"reviewers": "limei"} | more))


async def ids(browser: Browser, path: str) -> list[int]:
    return sorted({int(each) for each in re.findall(r"/console/reviews/(\d+)", (await browser.get(path)).html)})


async def test_scored_told_appealed_and_settled(sign_in: SignIn, front: Shopfront) -> None:
    past = Supervised(front)
    await past.fill()
    boss, agent = await sign_in("limei"), await sign_in("wangfang")
    page = await draw(boss)
    assert "抽出了 2 份新的评分任务" in page.text  # nobody reviews her own
    assert "没有新的任务" in (await draw(boss)).text
    tasks = await ids(boss, "/console/reviews/tasks")
    assert len(tasks) == 2
    titles = {each: (await boss.get(f"/console/reviews/{each}")).html.split("</title>")[0] for each in tasks}
    [hers] = [each for each, title in titles.items() if "王芳" in title]
    path = f"/console/reviews/{hers}"
    assert (await agent.get(path)).status == 404  # not told yet

    page = await boss.get(path)
    assert "规则查出" in page.text
    entry = re.search(r'name="comment-(\d+)"', page.html)
    assert entry
    page = await boss.submit(f"{path}/score", **{"mark-0": "1", "note": "还行"})
    assert (page.status, "这一项还没有打分" in page.text, "还行" in page.html) == (422, True, True)
    given = {
        "mark-0": "1",
        "mark-1": "1",
        "note": "还行",
        f"comment-{entry[1]}": "可以<i>更快</i>",
        "comment-999": "别处",
    }
    page = await boss.submit(f"{path}/score", **given)
    assert "60 不合格" in page.text  # (20 + 80 / 2) of 100

    assert await ids(agent, "/console/reviews") == [hers]
    page = await agent.get(path)
    assert "可以<i>更快</i>" in page.text
    assert (await agent.submit(f"{path}/score", **given)).status == 403
    assert (await agent.submit(f"{path}/appeal", note=" ")).status == 422
    page = await agent.submit(f"{path}/appeal", note="客人后来说到账了")
    assert "申诉中" in page.text
    assert "提交申诉" not in page.text
    assert (await agent.submit(f"{path}/appeal", note="再来一次")).status == 409

    assert await ids(boss, "/console/reviews/appeals") == [hers]
    page = await boss.submit(f"{path}/settle", **{"mark-0": "1", "mark-1": "2", "note": ""})
    assert page.status == 422
    page = await boss.submit(f"{path}/settle", **{"mark-0": "1", "mark-1": "2", "note": "属实"})
    assert "100 合格" in page.text
    assert [each in page.text for each in ("客人后来说到账了", "属实", "复核了申诉：100")] == [True, True, True]
    assert "看了 1 份评分" in (await boss.get("/console/reviews/agreement")).text


async def test_whoever_is_neither_sees_nothing_of_it(sign_in: SignIn, front: Shopfront) -> None:
    await Supervised(front).fill()
    boss = await sign_in("limei")
    await draw(boss)
    [first, *_] = await ids(boss, "/console/reviews/tasks")
    await boss.submit(f"/console/reviews/{first}/score", **{"mark-0": "-", "mark-1": "2"})
    front.appoint("limei", "presale")  # from now on she leads one team
    stranger = await sign_in("chenjing")
    seen = [
        (await stranger.get(f"/console/reviews/{each}")).status for each in await ids(boss, "/console/reviews/tasks")
    ]
    assert max(seen) == 404
    assert (await stranger.get("/console/reviews/all")).status == 403


async def test_who_reviews_and_serves_nobody_finds_her_tasks_first(sign_in: SignIn, front: Shopfront) -> None:
    await front.admit("boss", Role.SUPERVISOR)
    page = await (await sign_in("boss")).get("/console/reviews")
    assert "没有分给您的评分任务" in page.text
    assert "我的得分" not in page.text
    assert "我的得分" in (await (await sign_in("limei")).get("/console/reviews")).text


async def test_a_drawing_that_makes_no_sense_is_said_beside_each_field(sign_in: SignIn, front: Shopfront) -> None:
    await Supervised(front).fill()
    page = await draw(await sign_in("limei"), each="0", second="x", reviewers="nobody", until="2026-02-01")
    assert page.status == 422
    for words in ("请填 1 到 20 之间的整数", "请填 0 到 100 之间的整数", "至少选一位评分人", "结束日期早于开始日期"):
        assert words in page.text
    assert 'value="x"' in page.html
