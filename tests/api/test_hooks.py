"""Is every program told of every fact once, in words it can trust, and never inside our own network?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.access import Actor
from bot.api import EVENTS, Hook, HookEvents, HookInvalid, Hooks, HookSending
from bot.api.hook_sending import GIVEN_UP, TRIES, sign
from bot.api.tables import webhooks
from bot.delivery.elsewhere import guarded_connector
from tests.console.desk import Shopfront

HEARS = "https://erp.example.com/hook"


@dataclass
class Receiver:
    """Another program that is told. answers: what it says from now on."""

    url: str = ""
    answers: int = 204
    heard: list[tuple[dict[str, str], str]] = field(default_factory=list)
    told_owner: list[str] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        self.heard.append((dict(request.headers), await request.text()))
        return web.Response(status=self.answers, headers={"Location": "https://elsewhere.example.com/"})

    async def tell_owner(self, connection: AsyncConnection, hook: Hook, why: str, *, ticket_id: int) -> None:
        assert connection.in_transaction()
        assert ticket_id
        self.told_owner.append(f"{hook.name}: {why}")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.hear)
    server = TestServer(app)
    async with server:
        receiver.url = str(server.make_url("/hook"))
        yield receiver


@pytest.fixture
async def sending(hooks: Hooks, front: Shopfront, receiver: Receiver) -> AsyncIterator[HookSending]:
    async with aiohttp.ClientSession() as session:
        yield HookSending(hooks, session, receiver.tell_owner, front.clock, lambda _: None, lambda _: True)


@pytest.fixture
def events(hooks: Hooks, front: Shopfront) -> HookEvents:
    return HookEvents(hooks.engine, front.desk, front.clock)


async def hook_at(hooks: Hooks, url: str, *events: str) -> Hook:
    """A webhook whose address is this machine's, as no form would let it be."""
    made = await hooks.add("ERP", HEARS, events or tuple(EVENTS), by=Actor("limei"))
    async with hooks.engine.begin() as connection:
        await connection.execute(update(webhooks).where(webhooks.c.id == made.id).values(url=url))
    found = await hooks.get(made.id)
    assert found is not None
    return found


async def send_all(sending: HookSending) -> int:
    sent = 0
    while (due := await sending.claim()) is not None:
        await sending.deliver(due)
        sent += 1
    return sent


async def test_a_fact_is_told_once_signed_and_without_a_word_of_the_customers(
    hooks: Hooks, events: HookEvents, sending: HookSending, receiver: Receiver, front: Shopfront
) -> None:
    hook = await hook_at(hooks, receiver.url)
    ticket = await front.hand_over(1, says="我的退款呢")
    assert await events.gather() == 1
    assert await events.gather() == 0
    assert await send_all(sending) == 1
    assert await send_all(sending) == 0
    ((headers, body),) = receiver.heard
    told = json.loads(body)
    assert (told["event"], told["ticket"]["id"]) == ("conversation.handed_over", ticket.id)
    assert headers["X-Xiaoer-Delivery"] == told["id"]
    assert headers["X-Xiaoer-Signature"] == sign(hooks.secret_of(hook), headers["X-Xiaoer-Timestamp"], body)
    assert "退款" not in body
    assert "customer" not in body
    assert [each.state for each in await hooks.deliveries(hook.id)] == ["sent"]


async def test_one_is_told_of_what_it_wants_and_of_nothing_before_it_came(
    hooks: Hooks, events: HookEvents, front: Shopfront, receiver: Receiver
) -> None:
    await front.hand_over(1)
    front.clock.forward(seconds=1)
    closed = await hook_at(hooks, receiver.url, "ticket.closed")
    every = await hook_at(hooks, receiver.url)
    await front.hand_over(2)
    assert await events.gather() == 1
    assert await hooks.deliveries(closed.id) == ()
    await hooks.switch(every.id, on=False, by=Actor("limei"))
    await front.hand_over(3)
    assert await events.gather() == 0


async def test_who_gathers_side_by_side_tells_nobody_twice(
    hooks: Hooks, events: HookEvents, front: Shopfront, receiver: Receiver
) -> None:
    hook = await hook_at(hooks, receiver.url)
    for number in range(1, 6):
        await front.hand_over(number)
    made = await asyncio.gather(*(events.gather() for _ in range(4)))
    assert sum(made) == 5
    assert len(await hooks.deliveries(hook.id)) == 5


async def test_a_failure_is_tried_again_with_the_same_id_ever_later_and_then_given_up(
    hooks: Hooks, events: HookEvents, sending: HookSending, receiver: Receiver, front: Shopfront
) -> None:
    hook = await hook_at(hooks, receiver.url)
    await front.hand_over(1)
    await events.gather()
    receiver.answers = 500
    for number in range(TRIES):
        assert await send_all(sending) == 1
        assert await send_all(sending) == 0  # not yet due again
        front.clock.forward(seconds=10 * 2**number)
    (given_up,) = await hooks.deliveries(hook.id)
    assert (given_up.state, given_up.attempts, given_up.status, given_up.error) == ("dead", TRIES, 500, "HTTP 500")
    assert len({headers["X-Xiaoer-Delivery"] for headers, _ in receiver.heard}) == 1
    assert len({body for _, body in receiver.heard}) == 1

    receiver.answers = 200
    assert await hooks.again(hook.id, given_up.id)
    assert await send_all(sending) == 1
    assert not await hooks.again(hook.id, given_up.id)


@pytest.mark.parametrize(("answer", "deliveries"), [(410, 1), (302, GIVEN_UP)])
async def test_who_does_not_hear_is_told_no_more_and_its_owner_hears_of_it(
    hooks: Hooks, events: HookEvents, sending: HookSending, receiver: Receiver, front: Shopfront, *, answer: int,
    deliveries: int,
) -> None:  # fmt: skip
    hook = await hook_at(hooks, receiver.url)
    receiver.answers = answer
    for number in range(1, deliveries + 1):
        await front.hand_over(number)
    await events.gather()
    for number in range(TRIES):
        await send_all(sending)
        front.clock.forward(seconds=10 * 2**number)
    found = await hooks.get(hook.id)
    assert found is not None
    assert (found.state, found.why) == ("failed", f"HTTP {answer}")
    assert receiver.told_owner == [f"ERP: HTTP {answer}"]
    await front.hand_over(9)
    assert await events.gather() == 0
    front.clock.forward(seconds=1)
    await hooks.switch(hook.id, on=True, by=Actor("limei"))
    await front.hand_over(10)
    assert await events.gather() == 1


async def test_a_process_that_dies_while_sending_leaves_it_to_another_after_a_minute(
    hooks: Hooks, sending: HookSending, receiver: Receiver, front: Shopfront
) -> None:
    hook = await hook_at(hooks, receiver.url)
    await hooks.try_out(hook.id)
    died = await sending.claim()
    assert died is not None
    assert await sending.claim() is None
    front.clock.forward(seconds=61)
    assert await send_all(sending) == 1
    await sending.deliver(died)  # it was only slow: what it finds out changes nothing any more
    assert [(each.state, each.attempts) for each in await hooks.deliveries(hook.id)] == [("sent", 1)]


@pytest.mark.parametrize(
    "url",
    ["http://erp.example.com/", "https://127.0.0.1/", "https://10.0.0.8/x", "https://[::1]/", "https://localhost/",
     "https://a.internal/", "https://user:pw@erp.example.com/", "ftp://erp.example.com", "https://", "x" * 501],
)  # fmt: skip
async def test_no_webhook_leads_into_our_own_network_or_sends_in_the_clear(hooks: Hooks, url: str) -> None:
    with pytest.raises(HookInvalid, match="url"):
        await hooks.add("ERP", url, EVENTS, by=Actor("limei"))


async def test_a_name_that_leads_into_our_own_network_is_not_followed(
    hooks: Hooks, front: Shopfront, receiver: Receiver
) -> None:
    hook = await hook_at(hooks, receiver.url.replace("127.0.0.1", "localhost"))
    bare = await hook_at(hooks, receiver.url)
    async with aiohttp.ClientSession(connector=guarded_connector()) as session:
        sending = HookSending(hooks, session, receiver.tell_owner, front.clock, lambda _: None)
        for each in (hook, bare):
            await hooks.try_out(each.id)
        await send_all(sending)
    assert receiver.heard == []
    for each in (hook, bare):
        assert ["private network" in told.error for told in await hooks.deliveries(each.id)] == [True]


async def test_what_is_no_webhook_is_refused_and_one_that_is_removed_is_gone(hooks: Hooks) -> None:
    for name, events in (("", tuple(EVENTS)), ("x" * 65, tuple(EVENTS)), ("ERP", ()), ("ERP", ("ticket.eaten",))):
        with pytest.raises(HookInvalid):
            await hooks.add(name, HEARS, events, by=Actor("limei"))
    hook = await hooks.add("ERP", HEARS, EVENTS, by=Actor("limei"))
    await hooks.try_out(hook.id)
    before = hooks.secret_of(hook)
    await hooks.renew(hook.id, by=Actor("limei"))
    renewed = await hooks.get(hook.id)
    assert renewed is not None
    assert hooks.secret_of(renewed) != before
    await hooks.remove(hook.id, by=Actor("limei"))
    assert await hooks.every() == ()
