"""In whatever interleaving messages are redelivered: one turn each, in order, one reply each."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.simulator import Customer
from bot.simulator.envelope import Letter, seal_for_official
from bot.store.tables import inbox, turns
from tests.databases import ON_SQLITE
from tests.packs import FEE, INVOICE, SHIPPING
from tests.stage import SHOP, Stage

ANSWERS = {"什么时候发货": SHIPPING, "运费多少钱": FEE, "怎么开发票": INVOICE}
TEXTS = list(ANSWERS)
WORK = -1
_numbers = itertools.count(1)


@st.composite
def interleavings(draw: st.DrawFn) -> list[int]:
    """Deliveries (numbers of messages, each at least once) in any order, and in between the worker at work."""
    count = draw(st.integers(1, 3))
    copies = [draw(st.integers(1, 3)) for _ in range(count)]
    deliveries = [number for number, times in enumerate(copies) for _ in range(times)]
    steps = deliveries + [WORK] * draw(st.integers(0, 3))
    return [*draw(st.permutations(steps)), WORK]


@dataclass
class Play:
    """One customer and her letters."""

    stage: Stage
    customer: Customer
    letters: list[Letter]
    ids: list[str]

    async def deliver(self, number: int) -> None:
        sent = self.letters[number]
        url = f"{self.stage.url}/callbacks/{SHOP}"
        async with self.stage.http.post(url, params=sent.query, data=sent.body.encode()) as response:
            assert response.status == 200

    async def turns(self) -> list[str]:
        """Message ids in the order of their turns."""
        rows = await self.stage.rows(
            select(inbox.c.message_id)
            .join(turns, turns.c.inbox_id == inbox.c.id)
            .where(inbox.c.message_id.in_(self.ids))
            .order_by(turns.c.id)
        )
        return [row.message_id for row in rows]


def newcomer(stage: Stage) -> Play:
    """A customer nobody met before, who wrote three messages a second apart."""
    number = next(_numbers)
    customer = stage.platforms.add_customer(f"customer-{number}")
    account = stage.platforms.official(SHOP)
    follower = account.follower(customer.openid)
    follower.subscribed = True
    follower.wrote(stage.clock.now(), stage.platforms.limits)
    now = int(stage.clock.now().timestamp())
    letters = []
    for position, text in enumerate(TEXTS):
        fields = {
            "ToUserName": account.receiver,
            "FromUserName": customer.openid,
            "CreateTime": now + position,
            "MsgType": "text",
            "Content": text,
            "MsgId": number * 10 + position,
        }
        letters.append(
            seal_for_official(account, fields, openid=customer.openid, timestamp=str(now), nonce=f"n{position}")
        )
    return Play(stage, customer, letters, [str(number * 10 + position) for position in range(len(TEXTS))])


@ON_SQLITE
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=interleavings())
async def test_any_interleaving_of_redeliveries_gives_each_message_one_turn_and_one_reply(
    stage: Stage, steps: list[int]
) -> None:
    play = newcomer(stage)
    arrived: set[int] = set()
    expected: list[int] = []
    for step in steps:
        if step == WORK:
            expected += sorted(arrived - set(expected))
            await stage.settle()
        else:
            arrived.add(step)
            await play.deliver(step)
    assert await play.turns() == [play.ids[number] for number in expected]
    assert stage.texts(play.customer.key) == [ANSWERS[TEXTS[number]] for number in expected]
