"""Is nothing done, and does nothing leave, that the audit log does not tell of?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from archive.reviews import ReviewSelection, ReviewState, Words
from bot.access import Action, Actor, Role, Wanted
from bot.api import EVENTS, Scope
from bot.supervision import Drawing, Lookout
from knowledge_base import example_script
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront
from tests.console.refusing import audit_refused
from tests.console.supervised import SHEET, Supervised
from tests.databases import ON_SQLITE

EXAMPLE = example_script()
BOSS = Actor("limei", "10.0.0.1")


async def acts(front: Shopfront) -> list[tuple[str, str]]:
    return [(each.action, each.object) for each in await front.access.log.page(Wanted(who="limei"), limit=50)]


async def test_programs_are_connected_and_cut_off_only_with_their_row(front: Shopfront, engine: AsyncEngine) -> None:
    tokens, hooks = front.console.tokens, front.console.hooks
    token, secret = await tokens.issue("ERP", [Scope.QUEUES_READ], by=BOSS, days=1)
    hook = await hooks.add("ERP", "https://erp.example.com/hook", EVENTS, by=BOSS)
    async with audit_refused(engine):
        for deed in (
            tokens.issue("看板", [Scope.QUEUES_READ], by=BOSS, days=1),
            tokens.revoke(token.id, by=BOSS),
            hooks.add("看板", "https://erp.example.com/hook", EVENTS, by=BOSS),
            hooks.switch(hook.id, on=False, by=BOSS),
            hooks.renew(hook.id, by=BOSS),
            hooks.remove(hook.id, by=BOSS),
        ):
            with pytest.raises(DBAPIError):
                await deed
    assert await tokens.every() == (token,)
    assert await tokens.check(secret) is not None
    assert await hooks.every() == (hook,)
    assert await acts(front) == [("webhook_changed", f"webhook:{hook.id}"), ("token_made", f"token:{token.id}")]


async def test_scripts_are_approved_only_with_their_row(front: Shopfront, engine: AsyncEngine) -> None:
    scripts = front.console.studio.scripts
    sheet = await scripts.save(replace(EXAMPLE, state="draft"), "", by="limei")
    await scripts.move(sheet.script.id, "review", sheet.token, by=BOSS)
    before = await scripts.sheet(sheet.script.id)
    assert before is not None
    other = replace(before.script, id="other", state="live")
    async with audit_refused(engine):
        with pytest.raises(DBAPIError):
            await scripts.move(sheet.script.id, "live", before.token, by=BOSS)
        with pytest.raises(DBAPIError):
            await scripts.bring_in([other], by=BOSS, in_force=True)
    assert await scripts.sheet(sheet.script.id) == before
    assert await scripts.sheet("other") is None
    assert await acts(front) == []  # asking for approval is none
    await scripts.move(sheet.script.id, "live", before.token, by=BOSS)
    await scripts.bring_in([other], by=BOSS, in_force=True)
    assert await acts(front) == [("approved", "scripts:import"), ("approved", f"script:{sheet.script.id}")]


async def test_reviews_change_only_with_their_row(front: Shopfront, engine: AsyncEngine) -> None:
    past = Supervised(front)
    await past.fill()
    desk, boss = front.console.supervision.reviews, Lookout("limei", everything=True)
    now = front.clock()
    drawing = Drawing(now - timedelta(days=9), now, each=1, sheet=SHEET.name, reviewers=("limei",))
    async with audit_refused(engine):
        with pytest.raises(DBAPIError):
            await desk.draw(drawing, boss, actor=BOSS)
    assert await desk.listed(ReviewSelection()) == []
    made = await desk.draw(drawing, boss, actor=BOSS)
    [first, *_] = await desk.listed(ReviewSelection())
    opened = await desk.opened(first.id, boss)
    assert opened is not None
    marks = {node.name: None for node in SHEET.nodes}
    async with audit_refused(engine):
        with pytest.raises(DBAPIError):
            await desk.score(opened, marks, Words("好"), "limei", actor=BOSS)
    assert (await desk.listed(ReviewSelection()))[0].state is ReviewState.ASSIGNED
    assert await desk.score(opened, {**marks, "回答": 2}, Words("好"), "limei", actor=BOSS) is None
    opened = await desk.opened(first.id, boss)
    assert opened is not None
    hers = Actor(opened.review.agent)
    async with audit_refused(engine):
        with pytest.raises(DBAPIError):
            await desk.appeal(opened, Words("不对"), opened.review.agent, actor=hers)
    assert (await desk.listed(ReviewSelection()))[0].state is ReviewState.SCORED
    assert await acts(front) == [("review_changed", f"review:{first.id}"), ("review_changed", f"sample:{made}")]


@ON_SQLITE
async def test_not_a_byte_leaves_without_its_row(sign_in: SignIn, front: Shopfront, engine: AsyncEngine) -> None:
    await front.admit("root", Role.ADMIN, Role.AUDITOR, Role.SUPERVISOR, Role.OPERATOR)
    root = await sign_in("root")
    paths = (
        "/console/reports/export?form=csv&since=2026-02-20&until=2026-03-01",
        "/console/scripts/export.csv",
    )
    token = (await root.get("/console/audit")).field("csrf")
    async with audit_refused(engine):
        refused = [await root.get(path) for path in paths]
        refused.append(await root.post("/console/audit/export", csrf=token))
    for page in refused:
        assert (page.status, "Content-Disposition" in page.headers) == (500, False)
    allowed = [await root.get(path) for path in paths]
    allowed.append(await root.post("/console/audit/export", csrf=token))
    assert [page.status for page in allowed] == [200, 200, 200]
    found = await front.access.log.page(Wanted(who="root", action=Action.DATA_EXPORTED), limit=9)
    assert [each.object for each in found] == ["audit_log", "scripts:csv", "reports:csv"]
