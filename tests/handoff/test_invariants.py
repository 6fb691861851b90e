"""Do I1–I4 hold whatever happens in whatever order, with whatever old versions, on both databases?

I1 a conversation has at most one owner · I2 an agent's `active` is the number of open conversations she
owns, and no claim takes it above her capacity · I3 the owner is in the conversation's team · I4 no writer
overwrites a newer version. And: what is refused changes nothing; what could be granted is granted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.engine import create_store_engine
from handoff import AgentStatus, Claimed, Refusal, Refused, ToAgent, ToTeam
from tests.databases import empty
from tests.handoff.policies import sample_policy
from tests.handoff.shop import Shop, snapshot

T = TypeVar("T")
CUSTOMERS = 4
AGENTS = [agent.id for agent in sample_policy().agents]
conversation_ids = st.integers(1, CUSTOMERS)
agent_ids = st.sampled_from(AGENTS)
stale_by = st.sampled_from((0, 0, 0, 0, 1, 2, -1))

SETTINGS = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


class DeskMachine(RuleBasedStateMachine):
    """Every public write of the desk, with fresh and stale versions, against invariants read from the rows."""

    def __init__(self, runner: asyncio.Runner, shop: Shop) -> None:
        super().__init__()
        self.runner = runner
        self.shop = shop
        self.desk = shop.desk
        self.now: dict[str, list[dict[str, Any]]] = {}
        self.versions: dict[int, int] = {}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def act(self, work: Callable[[AsyncConnection], Awaitable[object]]) -> object:
        """Play one transaction; whatever it refuses must have changed nothing."""

        async def play() -> object:
            async with self.shop.engine.begin() as connection:
                return await work(connection)

        result = self.run(play())
        after = self.run(snapshot(self.shop.engine))
        if isinstance(result, Refused):
            assert after == self.now
        self.now = after
        return result

    def row(self, number: int) -> dict[str, Any]:
        return next(row for row in self.now["conversations"] if row["id"] == number)

    def version(self, number: int, stale: int) -> int:
        return int(self.row(number)["version"]) - stale

    def agent(self, agent: str) -> dict[str, Any]:
        return next(row for row in self.now["agents"] if row["id"] == agent)

    def can_take(self, agent: str, team: str | None) -> bool:
        """Worked out here from the rows, not by the code under test."""
        row = self.agent(agent)
        there = row["status"] == "ready" and (row["lease_until"] is None or row["lease_until"] > self.shop.clock())
        member = any(link["agent_id"] == agent and link["team_id"] == team for link in self.now["agent_teams"])
        return bool(there and member and row["active"] < row["capacity"])

    def team(self, number: int) -> str | None:
        """The conversation's team; its ticket's while somebody without a team serves it."""
        row = self.row(number)
        ticket = next((t["team"] for t in self.now["tickets"] if t["id"] == row["ticket_id"]), None)
        return row["team"] or ticket

    @initialize()
    def open_doors(self) -> None:
        self.run(empty(self.shop.engine))
        self.run(self.shop.open_doors(CUSTOMERS))
        self.now = self.run(snapshot(self.shop.engine))

    @rule(number=conversation_ids, stale=stale_by, text=st.sampled_from(("转人工", "我要投诉")))
    def open_ticket(self, number: int, stale: int, text: str) -> None:
        before = self.row(number)
        new = self.shop.new_ticket(number, self.version(number, stale), text)
        result = self.act(lambda c: self.desk.open_ticket(c, new))
        possible = before["ticket_id"] is not None or (before["state"] == "open" and stale == 0)
        assert isinstance(result, Refused) != possible

    @rule(number=conversation_ids, agent=agent_ids, stale=stale_by, supervisor=st.booleans())
    def claim(self, number: int, agent: str, stale: int, supervisor: bool) -> None:  # noqa: FBT001
        before, version = self.row(number), self.version(number, stale)
        owners = ("queue", "agent") if supervisor else ("queue",)
        possible = (
            stale == 0 and before["state"] == "open" and before["owner"] in owners
            and before["agent"] != agent and self.can_take(agent, self.team(number))
        )  # fmt: skip
        result = self.act(
            lambda c: self.desk.claim(
                c, number, version, expected_team=None, agent_id=agent, cause="test", supervisor=supervisor
            )
        )
        assert isinstance(result, Claimed) == possible
        assert isinstance(result, Refused) != possible

    @rule(
        number=conversation_ids, agent=agent_ids, team=st.sampled_from((None, "presale", "aftersale")), stale=stale_by
    )
    def transfer_to_agent(self, number: int, agent: str, team: str | None, stale: int) -> None:
        before, version = self.row(number), self.version(number, stale)
        possible = (
            stale == 0 and before["state"] == "open" and before["owner"] != "bot"
            and before["agent"] != agent and self.can_take(agent, team or self.team(number))
        )  # fmt: skip
        result = self.act(lambda c: self.desk.transfer(c, number, version, to=ToAgent(agent, team), by="limei"))
        assert isinstance(result, Claimed) == possible

    @rule(number=conversation_ids, team=st.sampled_from(("presale", "aftersale", "nowhere")), stale=stale_by)
    def transfer_to_team(self, number: int, team: str, stale: int) -> None:
        before, version = self.row(number), self.version(number, stale)
        possible = stale == 0 and before["state"] == "open" and before["owner"] != "bot" and team != "nowhere"
        result = self.act(lambda c: self.desk.transfer(c, number, version, to=ToTeam(team), by="limei"))
        assert isinstance(result, Refused) != possible

    @rule(number=conversation_ids, agent=agent_ids, stale=stale_by)
    def release(self, number: int, agent: str, stale: int) -> None:
        before, version = self.row(number), self.version(number, stale)
        result = self.act(lambda c: self.desk.release(c, number, version, agent_id=agent))
        assert isinstance(result, Refused) != (stale == 0 and before["agent"] == agent)

    @rule(number=conversation_ids, agent=st.none() | agent_ids, stale=stale_by)
    def return_to_bot(self, number: int, agent: str | None, stale: int) -> None:
        before, version = self.row(number), self.version(number, stale)
        result = self.act(
            lambda c: self.desk.return_to_bot(c, number, version, agent_id=agent, outcome="done", promises=["补发"])
        )
        assert isinstance(result, Refused) != (stale == 0 and before["owner"] != "bot" and before["agent"] == agent)

    @rule(number=conversation_ids, stale=stale_by)
    def close(self, number: int, stale: int) -> None:
        before, version = self.row(number), self.version(number, stale)
        result = self.act(lambda c: self.desk.close(c, number, version, by="limei", outcome="done"))
        assert isinstance(result, Refused) != (stale == 0 and before["state"] == "open")

    @rule(number=conversation_ids, agent=st.sampled_from([*AGENTS, "newcomer"]))
    def servicer(self, number: int, agent: str) -> None:
        before = self.row(number)
        result = self.act(lambda c: self.desk.take_over_by_servicer(c, number, agent, team="presale"))
        if before["state"] == "open":
            assert isinstance(result, Claimed)
            assert self.row(number)["agent"] == agent
        else:
            assert isinstance(result, Refused)
            assert result.reason is Refusal.CLOSED

    @rule(agent=agent_ids, status=st.sampled_from(AgentStatus), lease_s=st.none() | st.integers(1, 60))
    def set_status(self, agent: str, status: AgentStatus, lease_s: int | None) -> None:
        lease = None if lease_s is None else self.shop.clock() + timedelta(seconds=lease_s)
        self.act(lambda c: self.desk.set_status(c, agent, status, by=agent, lease_until=lease))

    @rule(seconds=st.integers(1, 60))
    def wait(self, seconds: int) -> None:
        self.shop.clock.forward(seconds)

    @rule()
    def apply_policy_again(self) -> None:
        loads = {row["id"]: row["active"] for row in self.now["agents"]}
        self.act(lambda c: self.desk.apply_policy(c, sample_policy()))
        assert {row["id"]: row["active"] for row in self.now["agents"]} == loads

    @invariant()
    def one_owner_in_its_team(self) -> None:
        for row in self.now.get("conversations", ()):
            assert (row["owner"] == "agent") == (row["agent"] is not None)
            if row["agent"] not in {None, "newcomer"}:
                assert {"agent_id": row["agent"], "team_id": row["team"]} in self.now["agent_teams"]

    @invariant()
    def active_is_what_she_owns(self) -> None:
        for agent in self.now.get("agents", ()):
            owned = [row for row in self.now["conversations"] if row["agent"] == agent["id"] and row["state"] == "open"]
            assert agent["active"] == len(owned)

    @invariant()
    def tickets_follow_their_conversations(self) -> None:
        for row in self.now.get("conversations", ()):
            tickets = [t for t in self.now["tickets"] if t["conversation_id"] == row["id"] and t["state"] != "closed"]
            assert [t["id"] for t in tickets] == ([] if row["ticket_id"] is None else [row["ticket_id"]])
            expected = {"bot": [], "queue": [("open", None)], "agent": [("assigned", row["agent"])]}
            assert [(t["state"], t["agent"]) for t in tickets] == expected[row["owner"]]

    @invariant()
    def every_version_has_one_writer_in_the_log(self) -> None:
        for row in self.now.get("conversations", ()):
            log = [entry for entry in self.now["assignment_log"] if entry["conversation_id"] == row["id"]]
            assert [entry["version"] for entry in log] == list(range(2, row["version"] + 1))
            assert [entry["from_owner"] for entry in log] == ["bot", *(entry["to_owner"] for entry in log)][: len(log)]
            if log:
                assert (log[-1]["to_owner"], log[-1]["agent"], log[-1]["team"]) == (
                    row["owner"],
                    row["agent"],
                    row["team"],
                )
            assert row["version"] >= self.versions.get(row["id"], 0)
            self.versions[row["id"]] = row["version"]


def test_the_invariants_hold_in_every_order(database_url: str) -> None:
    engine = create_store_engine(database_url, 2)
    with asyncio.Runner() as runner:

        class Machine(DeskMachine):
            def __init__(self) -> None:
                super().__init__(runner, Shop(engine))

        try:
            run_state_machine_as_test(Machine, settings=SETTINGS)
        finally:
            runner.run(engine.dispose())
