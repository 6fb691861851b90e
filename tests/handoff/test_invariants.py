"""Do I1–I4, I8 and I14 hold whatever happens in whatever order, with whatever old versions, on both databases?

I1 a conversation has at most one owner · I2 an agent's `active`, `offered` and loads on channels are what she has, and
no claim or offer takes them above her capacity · I3 the owner is in the conversation's team, or its supervisor · I4 no
writer overwrites a newer version · I8 what waits is offered if somebody ready who did not let it pass can take it ·
I14 a ticket's events rebuild its row. And: what is refused changes nothing; what could be granted is granted; at most
one open offer a conversation.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from typing_extensions import override

from handoff import (
    Agent,
    AgentStatus,
    Claimed,
    Declined,
    OfferPolicy,
    Overflow,
    Refusal,
    Refused,
    TicketEvent,
    ToAgent,
    ToTeam,
    replay,
)
from handoff.measures_sql import ENDED, HELD, PENDING, STANDING, WAITING
from handoff.replay import as_json
from tests.handoff.machine import CUSTOMERS, ShopMachine, play
from tests.handoff.policies import sample_policy
from tests.handoff.shop import Shop

AGENTS = ("chenjing", "limei", "wangfang", "zhaolei")
conversation_ids = st.integers(1, CUSTOMERS)
agent_ids = st.sampled_from(AGENTS)
stale_by = st.sampled_from((0,) * 10 + (1, -1))
_policy = sample_policy()
POLICY = replace(
    _policy,
    teams=(
        replace(_policy.teams[0], overflow=Overflow("aftersale", 90)),
        replace(_policy.teams[1], supervisors=("chenjing",)),
    ),
    agents=(
        Agent("chenjing", "陈静", ("presale",), 2),
        Agent("limei", "李梅", ("presale", "aftersale"), 1, skills=("english",)),
        Agent("wangfang", "王芳", ("aftersale",), 3, skills=("english",), channels={"wecom_kf": 2}),
        Agent("zhaolei", "赵磊", ("aftersale", "presale"), 2),
    ),
    offers=OfferPolicy(accept_s=20, most=2, wrap_up_s=10, grace_s=20),
)


class DeskMachine(ShopMachine):
    """Every public write that moves conversations or offers, with fresh and stale versions."""

    policy = POLICY

    def __init__(self, runner: asyncio.Runner, shop: Shop) -> None:
        super().__init__(runner, shop)
        self.versions: dict[int, int] = {}

    @override
    def fill(self) -> None:
        """Everybody wants a person, and some are offered one."""
        for number in range(1, CUSTOMERS + 1):
            self.open_ticket(number, 0, "转人工", skilled=number == 1)
        self.offer_waiting()

    @rule(number=conversation_ids, stale=stale_by, text=st.sampled_from(("转人工", "我要投诉")), skilled=st.booleans())
    def open_ticket(self, number: int, stale: int, text: str, skilled: bool) -> None:  # noqa: FBT001
        before = self.row(number)
        new = self.shop.new_ticket(number, self.version(number, stale), text)
        if skilled:
            new = replace(new, verdict=replace(new.verdict, skills=("english",)))
        result = self.act(lambda c: self.desk.open_ticket(c, new))
        possible = before["ticket_id"] is not None or (before["state"] == "open" and stale == 0)
        assert isinstance(result, Refused) != possible

    @rule(number=conversation_ids, agent=agent_ids, stale=stale_by, supervisor=st.booleans())
    def claim(self, number: int, agent: str, stale: int, supervisor: bool) -> None:  # noqa: FBT001
        before, version = self.row(number), self.version(number, stale)
        owners = ("queue", "agent") if supervisor else ("queue",)
        possible = (
            stale == 0 and before["state"] == "open" and before["owner"] in owners
            and before["agent"] != agent and self.can_take(agent, number, self.team(number))
        )  # fmt: skip
        result = self.act(
            lambda c: self.desk.claim(
                c, number, version, expected_team=None, agent_id=agent, cause="test", supervisor=supervisor
            )
        )
        assert isinstance(result, Claimed) == possible
        assert isinstance(result, Refused) != possible

    @rule(number=conversation_ids)
    def accept(self, number: int) -> None:
        """Whoever is offered it claims it."""
        if (offer := self.open_offer(number)) is not None:
            self.claim(number, offer["agent"], 0, supervisor=False)

    @rule(number=conversation_ids, agent=st.none() | agent_ids)
    def decline(self, number: int, agent: str | None) -> None:
        """None: whoever is offered it."""
        offer = self.open_offer(number)
        who = agent or (offer["agent"] if offer else AGENTS[0])
        result = self.act(lambda c: self.desk.decline(c, number, agent_id=who))
        assert isinstance(result, Declined) == (offer is not None and offer["agent"] == who)

    @rule()
    def offer_waiting(self) -> None:
        open_before = {o["id"] for o in self.now["offers"]}
        self.act(self.desk.offer_waiting)
        for offer in self.now["offers"]:
            if offer["id"] not in open_before:
                assert self.is_ready(offer["agent"])
                assert offer["agent"] not in self.passed(offer["conversation_id"])
                assert offer["agent"] == offer["candidates"][0]
        for row in self.now["conversations"]:  # I8
            if row["owner"] == "queue" and self.open_offer(row["id"]) is None:
                assert not [
                    agent
                    for agent in AGENTS
                    if {"agent_id": agent, "team_id": row["team"]} in self.now["agent_teams"]
                    and agent not in self.passed(row["id"])
                    and self.can_take(agent, row["id"], row["team"])
                ]

    def passed(self, number: int) -> set[str]:
        """Who let it pass since it waits, or gave it back: from the offers and the log of owners."""
        row, ticket = self.row(number), self.ticket(number)
        offers = [o for o in self.now["offers"] if (o["conversation_id"], o["version"]) == (number, row["version"])]
        vain = {o["agent"] for o in offers if o["state"] in {"declined", "expired"}}
        return vain | ({ticket["released_by"]} if ticket and ticket["released_by"] else set())

    @rule(silence_s=st.sampled_from((0, 20)))
    def expire_offers(self, silence_s: int) -> None:
        self.shop.clock.forward(silence_s)
        due = {o["id"] for o in self.now["offers"] if o["state"] == "open" and o["expires_at"] <= self.shop.clock()}
        ended = self.act(self.desk.expire_offers)
        assert {each.offer.id for each in ended} == due

    @rule()
    def overflow(self) -> None:
        self.act(self.desk.overflow)

    @rule(
        number=conversation_ids, agent=agent_ids, team=st.sampled_from((None, "presale", "aftersale")), stale=stale_by
    )
    def transfer_to_agent(self, number: int, agent: str, team: str | None, stale: int) -> None:
        before, version = self.row(number), self.version(number, stale)
        possible = (
            stale == 0 and before["state"] == "open" and before["owner"] != "bot"
            and before["agent"] != agent and self.can_take(agent, number, team or self.team(number))
        )  # fmt: skip
        result = self.act(lambda c: self.desk.transfer(c, number, version, to=ToAgent(agent, team), by="limei"))
        assert isinstance(result, Claimed) == possible

    @rule(number=conversation_ids, team=st.sampled_from(("presale", "aftersale", "nowhere")), stale=stale_by)
    def transfer_to_team(self, number: int, team: str, stale: int) -> None:
        before, version = self.row(number), self.version(number, stale)
        possible = stale == 0 and before["state"] == "open" and before["owner"] != "bot" and team != "nowhere"
        result = self.act(lambda c: self.desk.transfer(c, number, version, to=ToTeam(team), by="limei"))
        assert isinstance(result, Refused) != possible

    @rule(number=conversation_ids, agent=st.none() | agent_ids, stale=stale_by, away=st.booleans())
    def release(self, number: int, agent: str | None, stale: int, away: bool) -> None:  # noqa: FBT001
        """None: whoever has it. away: she is not there, so it is taken from her."""
        before, version = self.row(number), self.version(number, stale)
        who = agent or before["agent"] or AGENTS[0]
        result = self.act(
            lambda c: (
                self.desk.relieve(c, number, version, agent_id=who, cause="absent")
                if away
                else self.desk.release(c, number, version, agent_id=who)
            )
        )
        assert isinstance(result, Refused) != (stale == 0 and before["agent"] == who)

    @rule(number=conversation_ids, agent=st.none() | agent_ids, stale=stale_by)
    def return_to_bot(self, number: int, agent: str | None, stale: int) -> None:
        before, version = self.row(number), self.version(number, stale)
        result = self.act(
            lambda c: self.desk.return_to_bot(c, number, version, agent_id=agent, outcome="done", promises=["补发"])
        )
        assert isinstance(result, Refused) != (stale == 0 and before["owner"] != "bot" and before["agent"] == agent)

    @rule(number=conversation_ids, stale=st.sampled_from((0, 1)))
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

    @rule(agent=st.none() | agent_ids, status=st.sampled_from(AgentStatus), lease_s=st.none() | st.integers(1, 60))
    def set_status(self, agent: str | None, status: AgentStatus, lease_s: int | None) -> None:
        """None: of somebody who is offered something."""
        agent = agent or next((o["agent"] for o in self.now["offers"] if o["state"] == "open"), AGENTS[0])
        lease = None if lease_s is None else self.shop.clock() + timedelta(seconds=lease_s)
        self.act(lambda c: self.desk.set_status(c, agent, status, by=agent, lease_until=lease))

    @rule(agent=agent_ids, lease_s=st.integers(1, 60))
    def renew_presence(self, agent: str, lease_s: int) -> None:
        before = self.agent(agent)
        until = self.shop.clock() + timedelta(seconds=lease_s)
        self.act(lambda c: self.desk.renew_presence(c, agent, until))
        assert {**self.agent(agent), "lease_until": None} == {**before, "lease_until": None}

    @rule()
    def tend_presence(self) -> None:
        self.act(self.desk.end_shifts)
        self.act(self.desk.absences)

    @rule(seconds=st.sampled_from((1, 10, 30, 90)))
    def wait(self, seconds: int) -> None:
        self.shop.clock.forward(seconds)

    @rule()
    def apply_policy_again(self) -> None:
        before = {name: rows for name, rows in self.now.items() if name != "agents"}
        loads = {row["id"]: (row["active"], row["offered"]) for row in self.now["agents"]}
        self.act(lambda c: self.desk.apply_policy(c, POLICY))
        assert {row["id"]: (row["active"], row["offered"]) for row in self.now["agents"]} == loads
        assert {name: rows for name, rows in self.now.items() if name != "agents"} == before

    @invariant()
    def one_owner_in_its_team(self) -> None:
        for row in self.now.get("conversations", ()):
            assert (row["owner"] == "agent") == (row["agent"] is not None)
            called = row["team"] == "aftersale" and row["agent"] == "chenjing"
            if row["agent"] not in {None, "newcomer"} and not called:
                assert {"agent_id": row["agent"], "team_id": row["team"]} in self.now["agent_teams"]

    @invariant()
    def loads_are_what_she_has(self) -> None:
        for agent in self.now.get("agents", ()):
            owned = [r for r in self.now["conversations"] if r["agent"] == agent["id"] and r["state"] == "open"]
            offers = [o for o in self.now["offers"] if o["agent"] == agent["id"] and o["state"] == "open"]
            assert (agent["active"], agent["offered"]) == (len(owned), len(offers))
            assert not offers or agent["status"] in {"ready", "wrapup"}
        for limit in self.now.get("agent_channels", ()):
            assert limit["active"] == self.has_on(limit["agent_id"], limit["channel"])

    @invariant()
    def tickets_follow_their_conversations(self) -> None:
        for row in self.now.get("conversations", ()):
            tickets = [t for t in self.now["tickets"] if t["conversation_id"] == row["id"] and t["state"] != "closed"]
            assert [t["id"] for t in tickets] == ([] if row["ticket_id"] is None else [row["ticket_id"]])
            expected = {"bot": [], "queue": [("open", None)], "agent": [("assigned", row["agent"])]}
            assert [(t["state"], t["agent"]) for t in tickets] == expected[row["owner"]]
            open_offers = [o for o in self.now["offers"] if o["conversation_id"] == row["id"] and o["state"] == "open"]
            assert len(open_offers) <= (row["owner"] == "queue")
            assert all(o["version"] == row["version"] for o in open_offers)

    @invariant()
    def events_rebuild_the_tickets(self) -> None:
        assert_replayed(self.now)

    @invariant()
    def every_version_has_one_writer_in_the_log(self) -> None:
        for row in self.now.get("conversations", ()):
            log = [entry for entry in self.now["assignment_log"] if entry["conversation_id"] == row["id"]]
            assert [entry["version"] for entry in log] == list(range(2, row["version"] + 1))
            assert [entry["from_owner"] for entry in log] == ["bot", *(entry["to_owner"] for entry in log)][: len(log)]
            if log:
                last = (log[-1]["to_owner"], log[-1]["agent"], log[-1]["team"])
                assert last == (row["owner"], row["agent"], row["team"])
            assert row["version"] >= self.versions.get(row["id"], 0)
            self.versions[row["id"]] = row["version"]


STANDS = {"open": WAITING, "assigned": HELD, "pending": PENDING, "closed": ENDED}


def assert_replayed(rows: dict[str, list[dict[str, Any]]]) -> None:
    """Each ticket's row is what its events say."""
    events: dict[int, list[TicketEvent]] = defaultdict(list)
    for event in rows.get("ticket_events", ()):
        events[event["ticket_id"]].append(TicketEvent(**event))
        changed = event["detail"].get("set", {})
        if "state" in changed:  # the measures read where a ticket stands from the kind alone
            assert STANDING[event["kind"]] == STANDS[changed["state"]]
        else:
            assert event["kind"] not in STANDING or event["kind"] == "merged"
    for ticket in rows.get("tickets", ()):
        assert replay(events[ticket["id"]]) == {name: as_json(value) for name, value in ticket.items()}


def test_the_invariants_hold_in_every_order(database_url: str) -> None:
    play(DeskMachine, database_url)
