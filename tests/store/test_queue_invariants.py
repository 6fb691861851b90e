"""Whatever happens in whatever order: does every message get exactly one turn, in order, and is none lost?

A message that looks unfinished waits for the rest of its thought and is read together with it.

I5 every message is stored exactly once, and no cursor stands beyond what is stored · I6 a customer has at most one
open conversation with an account · I7 nothing stays leased after its lease ran out. Doors, readers and workers die
at any moment, deliver again, and write with leases that are not theirs any more.
"""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from typing_extensions import override

from bot.domain import Inbound
from bot.store.engine import create_store_engine
from bot.store.tables import addresses, conversations, inbox, kf_cursors, outbox, turns
from bot.store.views import Claimed, StaleLease, TurnRecord
from tests.databases import empty
from tests.store.counter import LEASE_S, NOON, SAID, WAIT_S, Counter, bell, message, patience, say

T = TypeVar("T")
SETTINGS = settings(
    max_examples=10, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
customers = st.sampled_from(("amy", "bea"))
seconds = st.sampled_from((-5, 0, 0, 1, 5))
texts = st.sampled_from(("多久发货", "那个…"))
picks = st.integers(0, 99)


@dataclass(slots=True)
class Known:
    """What must be true of one stored message."""

    customer: str
    inbox: str
    sent_at: datetime
    arrived: int
    unfinished: bool
    turns: int = 0


class QueueMachine(RuleBasedStateMachine):
    """The queue, its doors and its readers against a model that knows who may write."""

    def __init__(self, runner: asyncio.Runner, counter: Counter) -> None:
        super().__init__()
        self.runner = runner
        self.counter = counter
        self.known: dict[str, Known] = {}
        self.delivered: list[Inbound] = []
        self.log: list[Inbound] = []  # what 微信客服 keeps, in order
        self.claims: list[Claimed] = []  # every lease ever given, the dead ones too
        self.holder: dict[tuple[str, str], Claimed] = {}
        self.until: dict[tuple[str, str], datetime] = {}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def new(self, customer: str, later: int, text: str, open_kfid: str = "") -> Inbound:
        number = len(self.delivered) + len(self.log)
        at = NOON + timedelta(seconds=number + later)
        account = "corp" if open_kfid else "shop"
        return message(number, customer, at=at, inbox=open_kfid, account=account, text=text)

    def stored(self, arrived: Inbound) -> None:
        address = arrived.address
        unfinished = arrived.text.endswith("…")
        known = Known(address.customer, address.inbox, arrived.sent_at, len(self.known), unfinished)
        self.known.setdefault(arrived.message_id, known)

    @initialize()
    def open_shop(self) -> None:
        self.run(empty(self.counter.engine))

    # ── the doors ────────────────────────────────────────────────────────────────────────────

    @rule(burst=st.lists(st.tuples(customers, seconds, texts), min_size=1, max_size=4))
    def arrives(self, burst: list[tuple[str, int, str]]) -> None:
        for customer, later, text in burst:
            arrived = self.new(customer, later, text)
            self.delivered.append(arrived)
            assert self.run(self.counter.intake.accept([arrived])).new == 1
            self.stored(arrived)

    @rule(pick=picks, copies=st.integers(1, 3))
    def arrives_again(self, pick: int, copies: int) -> None:
        if self.delivered:
            again = [self.delivered[pick % len(self.delivered)]] * copies
            assert self.run(self.counter.intake.accept(again)).new == 0

    @rule(customer=customers, text=texts)
    def is_written_at_kf(self, customer: str, text: str) -> None:
        self.log.append(self.new(customer, 0, text, "wk1"))
        self.run(self.counter.intake.accept([], [bell(f"t{len(self.log)}")]))

    @rule(pages=st.integers(0, 2), dies=st.booleans())
    def kf_is_read(self, pages: int, dies: bool) -> None:  # noqa: FBT001 - hypothesis passes by keyword
        self.run(self.read(pages, dies=dies))

    async def read(self, pages: int, *, dies: bool) -> None:
        news = self.counter.news
        reading = await news.claim()
        if reading is None:
            return
        at = int(reading.cursor or 0)
        while at < len(self.log) and pages:
            page = self.log[at : at + 2]
            at, pages = at + len(page), pages - 1
            await news.store_page(reading, page, cursor=str(at), answerable=lambda _: True)
            for each in page:
                self.stored(each)
        if not dies and at == len(self.log):
            await news.finish(reading)

    # ── the workers ──────────────────────────────────────────────────────────────────────────

    @rule()
    def is_claimed(self) -> None:
        claimed = self.run(self.counter.queue.claim())
        if claimed is None:
            return
        address = claimed.message.address
        waiting = sorted(
            (each.sent_at, each.arrived, name)
            for name, each in self.known.items()
            if (each.customer, each.inbox) == (address.customer, address.inbox) and not each.turns
        )
        thought = _thought(claimed)
        assert thought == [name for _, _, name in waiting[: len(thought)]]  # the oldest of hers that have no turn
        assert all(self.known[name].unfinished for name in thought[:-1])
        her = (address.customer, address.inbox)
        now = self.counter.clock()
        assert her not in self.holder or self.until[her] < now  # whoever held it before had lost it
        self.claims.append(claimed)
        self.holder[her], self.until[her] = claimed, now + timedelta(seconds=LEASE_S)

    @rule(pick=picks)
    def is_committed(self, pick: int) -> None:
        if self.may_write(pick, lambda claimed: self.counter.turns.commit_turn(claimed, _record(claimed))):
            for name in _thought(self.claims[pick % len(self.claims)]):
                self.known[name].turns += 1

    @rule(pick=picks, delay=st.integers(0, 3))
    def is_given_back(self, pick: int, delay: int) -> None:
        retry_at = self.counter.clock() + timedelta(seconds=delay)
        self.may_write(pick, lambda claimed: self.counter.queue.give_back(claimed, error="x", retry_at=retry_at))

    def may_write(self, pick: int, write: Any) -> bool:
        """Whoever holds the lease writes; whoever lost it writes nothing."""
        if not self.claims:
            return False
        claimed = self.claims[pick % len(self.claims)]
        address = claimed.message.address
        mine = self.holder.get((address.customer, address.inbox)) is claimed
        try:
            self.run(write(claimed))
        except StaleLease:
            assert not mine
            return False
        assert mine
        del self.holder[address.customer, address.inbox]
        return True

    @rule(by=st.sampled_from((0.5, 1.0, WAIT_S, LEASE_S + 1)))
    def time_passes(self, by: float) -> None:
        """With a lease's length: everybody at work died."""
        self.counter.clock.forward(by)

    # ── what always holds ────────────────────────────────────────────────────────────────────

    @invariant()
    def it_holds(self) -> None:
        """Whatever always holds, of rows that were read once."""
        self.run(self._look())

    async def _look(self) -> None:
        self.each_is_stored_once_and_has_the_turns_it_should(await self._turns_of_messages())
        self.what_is_read_together_is_answered_once_and_in_order(
            await self.counter.rows(turns), await self.counter.rows(outbox)
        )
        self.nothing_is_held_back_for_long(await self.counter.rows(addresses))
        self.no_cursor_is_beyond_what_is_stored(await self.counter.rows(kf_cursors))
        self.one_open_conversation_each(await self.counter.rows(conversations))

    def each_is_stored_once_and_has_the_turns_it_should(self, found: dict[str, int]) -> None:
        assert found == {name: each.turns for name, each in self.known.items()}
        assert max(found.values(), default=0) <= 1

    def what_is_read_together_is_answered_once_and_in_order(self, rows: Sequence[Any], said: Sequence[Any]) -> None:
        assert [row.turn_id for row in said] == [row.id for row in rows if row.decision == "answered"]
        answered = {row.id for row in rows if row.decision == "answered"}
        for row in rows:
            assert (row.decision == "joined") == (row.joined_into in answered)
            assert row.joined_into is None or row.id < row.joined_into

    def nothing_is_held_back_for_long(self, rows: Sequence[Any]) -> None:
        latest = self.counter.clock() + timedelta(seconds=WAIT_S)
        assert all(row.ready_at <= latest for row in rows if row.held)

    def no_cursor_is_beyond_what_is_stored(self, rows: Sequence[Any]) -> None:
        cursors = [int(row.cursor or 0) for row in rows]
        stored = sum(each.inbox == "wk1" for each in self.known.values())
        assert max(cursors, default=0) <= stored

    def one_open_conversation_each(self, rows: Sequence[Any]) -> None:
        opened = Tally((row.account, row.inbox, row.customer) for row in rows if row.state == "open")
        assert max(opened.values(), default=0) <= 1

    async def _turns_of_messages(self) -> dict[str, int]:
        query = select(inbox.c.message_id, turns.c.id.label("turn")).outerjoin(turns, turns.c.inbox_id == inbox.c.id)
        async with self.counter.engine.connect() as connection:
            rows = (await connection.execute(query)).all()
        found = {row.message_id: 0 for row in rows}
        for row in rows:
            found[row.message_id] += row.turn is not None
        return found

    @override
    def teardown(self) -> None:
        """Everybody died; one worker and one reader come back and do all that is left."""
        if hasattr(self, "log"):
            self.run(self._finish())

    async def _finish(self) -> None:
        self.counter.clock.forward(LEASE_S + 60)
        await self.read(len(self.log), dies=False)
        await self.read(len(self.log), dies=False)
        self.counter.clock.forward(WAIT_S)
        while (claimed := await self.counter.queue.claim()) is not None:
            await self.counter.turns.commit_turn(claimed, SAID)
        found = await self._turns_of_messages()
        assert found == {each.message_id: 1 for each in (*self.delivered, *self.log)}
        left = await self.counter.rows(addresses)
        assert [(row.pending, row.lease_token) for row in left] == [(0, None)] * len(left)


def _thought(claimed: Claimed) -> list[str]:
    """Ids of the messages that were claimed to be read as one."""
    return [*(each.message.message_id for each in claimed.earlier), claimed.message.message_id]


def _record(claimed: Claimed) -> TurnRecord:
    return TurnRecord(decision="answered", reason="", effects=(say(claimed.message.message_id),))


def test_every_message_gets_one_turn_whatever_happens(database_url: str) -> None:
    with asyncio.Runner() as runner:
        engine = create_store_engine(database_url, 4)
        counter = Counter(engine, patience=patience)

        class Machine(QueueMachine):
            def __init__(self) -> None:
                super().__init__(runner, counter)

        try:
            run_state_machine_as_test(Machine, settings=SETTINGS)
        finally:
            runner.run(counter.intake.aclose())
            runner.run(engine.dispose())
