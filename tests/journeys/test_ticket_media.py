"""Are the pictures that a customer sends attached to her ticket, before and after the hand-over, each once?"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from bot.bootstrap import HANDOFF_TABLES, build_app
from bot.console import login_link
from bot.simulator import Fault, FaultKind
from bot.simulator.kf_session import State
from bot.simulator.sample import sample_png
from bot.store.engine import read_only
from bot.ticket_media import TicketMedia
from bot.ticket_work import TicketWork
from handoff import Attachment, SlaClocks
from tests.databases import ON_SQLITE
from tests.stage import KF, SHOP, Stage

SECRET = "a secret of the tests, 32 bytes or more"
PLACES = pytest.mark.parametrize("place", [KF, SHOP])
pytestmark = ON_SQLITE


async def shows(stage: Stage, place: str, picture: str) -> None:
    """She sends a picture."""
    stage.clock.advance(seconds=5)
    stage.platforms.customer_sends_file(
        "xiaolin", place, "image", sample_png() + picture.encode(), name=f"{picture}.png", content_type="image/png"
    )
    await stage.settle()


async def opened(stage: Stage, place: str) -> None:
    """She sends a picture, then asks for a person."""
    if place == SHOP:
        stage.platforms.subscribe("xiaolin", SHOP)
        await stage.settle()
    await shows(stage, place, "before")
    stage.clock.advance(seconds=5)
    await stage.writes("xiaolin", "转人工", at=place)


async def attachments(stage: Stage) -> Sequence[Attachment]:
    """Of the open ticket."""
    ticket_id = (await stage.conversation()).ticket_id
    async with read_only(stage.product.engine).connect() as connection:
        return await stage.product.desk.attachments(connection, ticket_id)


async def sent(stage: Stage) -> list[str]:
    """The media ids of what she sent, in order, each once."""
    found = [ref["media_id"] for entry in await stage.transcript() for ref in entry.body.get("media") or ()]  # type: ignore[attr-defined]
    return list(dict.fromkeys(found))


async def page(stage: Stage, agent: str) -> str:
    """The ticket's page as this agent sees it."""
    settings = stage.product.settings
    server = settings.server.model_copy(update={"secret": SecretStr(SECRET)})
    app = build_app(replace(stage.product, settings=settings.model_copy(update={"server": server})))
    link = urlsplit(login_link(server.public_url, SECRET.encode(), agent, now=stage.clock.now()))
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
        await client.post("/console/login", data={"token": parse_qs(link.query)["token"][0]})
        response = await client.get(f"/console/tickets/{(await stage.conversation()).ticket_id}")
        return html.unescape(await response.text())


@PLACES
async def test_pictures_from_before_and_after_the_hand_over_are_attached_and_shown(stage: Stage, place: str) -> None:
    await opened(stage, place)
    await shows(stage, place, "after")
    found = await attachments(stage)
    assert [(each.by, each.kind, each.reference) for each in found] == [
        ("customer", "image", media_id) for media_id in await sent(stage)
    ]
    assert len(found) == 2
    shown = await page(stage, "lina")
    panel = shown.partition("<h2>附件</h2>")[2].partition("</section>")[0]
    assert re.findall(r"<dt>(.*?)</dt>", panel) == ["图片", "图片"]
    assert shown.count("客户 添加附件") == 2


@PLACES
async def test_what_is_delivered_or_sent_twice_is_attached_once(stage: Stage, place: str) -> None:
    await opened(stage, place)
    account = "callback:corp" if place == KF else "callback:shop"
    stage.platforms.faults.add(Fault(account, FaultKind.DUPLICATE, copies=3))
    await shows(stage, place, "after")
    assert stage.platforms.faults.waiting == ()
    before, _ = await sent(stage)
    stage.clock.advance(seconds=5)
    stage.platforms.customer_sends("xiaolin", place, "image", {"media_id": before})
    await stage.settle()
    assert [each.reference for each in await attachments(stage)] == await sent(stage)
    assert len(await attachments(stage)) == 2


async def test_what_she_sends_to_the_person_who_serves_her_is_attached(stage: Stage) -> None:
    await opened(stage, KF)
    await stage.clicks("lina")
    await shows(stage, KF, "after")
    assert (await stage.conversation()).owner == "agent"
    assert len(await attachments(stage)) == 2


# ── what she sent before people had it otherwise than by a hand-over of ours ─────────────────


def ticket_work(stage: Stage) -> TicketWork:
    """What the workbench does with tickets."""
    product = stage.product
    clocks = SlaClocks(HANDOFF_TABLES, stage.clock.now, lambda: product.minds.current().shop.policy)
    media = TicketMedia(product.desk, product.archive)
    tags = product.tag_side.desk
    ratings = product.survey.ratings
    return TicketWork(product.engine, product.desk, clocks, ratings, media, tags, product.wakeups, stage.clock.now)


async def sweep(stage: Stage) -> None:
    """A minute passes, and the sweep with it."""
    stage.clock.advance(seconds=60)
    await stage.product.worker.reconciler.sweep(idle_s=48 * 3600)
    await stage.settle()


async def test_who_takes_her_in_the_client_finds_what_she_sent_before(stage: Stage) -> None:
    """By the event; told by it twice, each is attached once."""
    await shows(stage, KF, "before")
    session = stage.session()
    session.move(State.POOL, "")
    stage.platforms.faults.add(Fault("callback:corp", FaultKind.DUPLICATE, copies=2))
    stage.platforms.servicer_takes_from_pool("wanglei", "xiaolin", KF)
    await stage.settle()
    assert (await stage.conversation()).agent == "wanglei"
    assert [each.reference for each in await attachments(stage)] == await sent(stage)
    await shows(stage, KF, "after")
    assert [each.reference for each in await attachments(stage)] == await sent(stage)
    assert len(await attachments(stage)) == 2


async def test_who_writes_to_her_in_the_client_finds_what_she_sent_before(stage: Stage) -> None:
    await shows(stage, KF, "before")
    stage.session().end()
    stage.clock.advance(seconds=5)
    stage.platforms.servicer_answers("lina", "xiaolin", KF, "我来看看这张图")
    await stage.settle()
    assert (await stage.conversation()).agent == "lina"
    assert [each.reference for each in await attachments(stage)] == await sent(stage)
    assert len(await attachments(stage)) == 1


async def test_whom_wecom_has_waiting_brings_what_she_sent_before(stage: Stage) -> None:
    await shows(stage, KF, "before")
    stage.session().move(State.POOL, "")  # by no move of ours
    stage.clock.advance(seconds=5)
    await stage.writes("xiaolin", "运费多少钱")
    assert (await stage.conversation()).owner == "queue"
    assert [each.reference for each in await attachments(stage)] == await sent(stage)
    assert len(await attachments(stage)) == 1


async def test_a_ticket_that_is_opened_again_gets_what_she_sent_since(stage: Stage) -> None:
    await opened(stage, SHOP)
    workbench, first = stage.product.workbench, await stage.conversation()
    assert await workbench.accept(first.id, "wanglei") is None
    assert await workbench.close(first.id, "wanglei", outcome="resolved") is None
    await stage.settle()
    await shows(stage, SHOP, "since")
    assert (await stage.conversation()).id != first.id
    ticket = await workbench.ticket(first.ticket_id)
    assert ticket is not None
    assert await ticket_work(stage).reopen(ticket, "wanglei") is None
    assert (await stage.conversation()).ticket_id == first.ticket_id
    assert len({each.reference for each in await attachments(stage)}) == 2
    assert (await attachments(stage))[-1].reference == (await sent(stage))[-1]


async def test_a_picture_that_brings_back_who_was_cut_off_is_attached(stage: Stage) -> None:
    await opened(stage, KF)
    stage.session().end()
    await sweep(stage)
    await shows(stage, KF, "again")
    assert (await stage.conversation()).ticket_id == 1
    assert len(await attachments(stage)) == 2
    assert (await attachments(stage))[-1].reference == (await sent(stage))[-1]


async def test_a_conversation_without_pictures_has_no_attachments_on_its_page(stage: Stage) -> None:
    await stage.writes("xiaolin", "转人工")
    assert await attachments(stage) == ()
    assert "附件" not in await page(stage, "lina")
