"""What do some weeks of a busy shop leave behind? Rows of every table that reports read, drawn from a seed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Table, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.bootstrap import HANDOFF_TABLES as HANDOFF
from bot.store.tables import addresses, conversations, turns
from tests.handoff.policies import sample_policy

SHANGHAI = ZoneInfo("Asia/Shanghai")
INTENTS = (("refund", 420), ("delivery", 240), ("price", 150), ("", 300))  # and seconds with a person
AGENTS = [(agent.id, agent.teams) for agent in sample_policy().agents]
BATCH = 5_000
# Share of a day's customers by hour: shops sleep until eight and are busiest at noon and in the evening.
HOURS = np.array([1, 0, 0, 0, 0, 0, 0, 1, 4, 7, 9, 9, 8, 7, 8, 8, 8, 7, 7, 9, 10, 9, 6, 3], dtype=float)
WEEKDAYS = np.array([1.0, 0.95, 0.95, 1.0, 1.1, 1.4, 1.3])


class Weeks:
    """Tickets of the days before `until`, one in three contacts being handed over."""

    def __init__(self, until: datetime, *, days: int, tickets: int, seed: int = 1) -> None:
        self.draw = np.random.default_rng(seed)
        self.rows: dict[str, list[dict[str, Any]]] = {}
        first = until.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)
        weights = np.array([WEEKDAYS[(first + timedelta(days=day)).weekday()] for day in range(days)])
        per_day = self.draw.multinomial(tickets, weights / weights.sum())
        opened = sorted(
            first + timedelta(days=day, hours=int(hour), seconds=float(self.draw.uniform(0, 3600)))
            for day, n in enumerate(per_day)
            for hour in self.draw.choice(24, n, p=HOURS / HOURS.sum())
        )
        for number, at in enumerate(opened, start=1):
            self._ticket(number, at)
        for agent, _ in AGENTS:
            for day in range(days):
                for hour, status in ((8, "ready"), (13, "away"), (14, "ready"), (23, "off")):
                    at = first + timedelta(days=day, hours=hour)
                    self._row("agent_states", agent_id=agent, at=at, status=status, by=agent)

    async def enter(self, engine: AsyncEngine) -> None:
        """Write them."""
        order: list[Table] = [addresses, conversations, turns, HANDOFF.agent_states, HANDOFF.tickets]
        order += [HANDOFF.ticket_events, HANDOFF.offers, HANDOFF.assignment_log, HANDOFF.ratings, HANDOFF.sla_clocks]
        async with engine.begin() as connection:
            for table in order:
                rows = self.rows.get(table.name, [])
                for start in range(0, len(rows), BATCH):
                    await connection.execute(insert(table), rows[start : start + BATCH])

    def _ticket(self, number: int, at: datetime) -> None:
        draw = self.draw
        intent, handle = INTENTS[draw.choice(4, p=(0.3, 0.3, 0.25, 0.15))]
        agent, teams = AGENTS[draw.integers(len(AGENTS))]
        wait, patience = draw.exponential(40), draw.exponential(400)
        left = patience < wait
        ends = at + timedelta(seconds=min(wait, patience))
        taken = ends
        closed = ends if left else ends + timedelta(seconds=float(draw.gamma(4, handle / 4)))
        self._conversation(number, at, closed, intent, left=left)
        self._row(
            "tickets", id=number, conversation_id=number, account="corp", channel="wecom_kf", customer=f"wm{number}",
            team=teams[0], priority=3, reason="asked_for_person", rule="其余给售后", signals=[], summary={}, source="",
            facts={"intent": intent}, state="closed", agent=None if left else agent, opened_at=at, queued_at=at,
            assigned_at=None if left else taken, closed_at=closed, outcome="idle" if left else "已解决",
            first_response_at=None if left else taken + timedelta(seconds=float(draw.gamma(2, 10))),
        )  # fmt: skip
        self._event(number, at, "opened", "bot", "open")
        if left:
            self._event(number, closed, "closed", "platform", "closed")
            return
        self._served(number, at, taken, closed, agent=agent, team=teams[0])

    def _served(self, number: int, at: datetime, taken: datetime, closed: datetime, *, agent: str, team: str) -> None:
        draw = self.draw
        self._event(number, at, "offered", "system")
        self._event(number, taken, "assigned", agent, "assigned")
        self._event(number, closed, "returned", agent, "closed")
        state = ("accepted", "declined", "expired")[draw.choice(3, p=(0.85, 0.05, 0.1))]
        self._row(
            "offers", ticket_id=number, conversation_id=number, agent=agent, team=team, channel="wecom_kf", version=2,
            made_at=at, expires_at=at + timedelta(seconds=60), state=state, ended_at=taken, candidates=[],
            exclusions={}, reason="least_loaded",
        )  # fmt: skip
        for version, (moment, owner) in enumerate([(at, "queue"), (taken, "agent"), (closed, "bot")], start=2):
            self._row(
                "assignment_log", conversation_id=number, version=version, from_owner="", to_owner=owner, at=moment,
                agent=agent if owner == "agent" else None, team=team, cause="x", candidates=[], exclusions={},
                reason="",
            )  # fmt: skip
        score = int(draw.choice(5, p=(0.05, 0.05, 0.1, 0.3, 0.5))) + 1 if draw.random() < 0.4 else None
        self._row(
            "ratings", ticket_id=number, conversation_id=number, asked_at=closed, score=score,
            rated_at=None if score is None else closed,
        )  # fmt: skip
        late = (taken - at).total_seconds() > 60
        self._row(
            "sla_clocks", ticket_id=number, metric="first_response", policy="p", calendar="", target_ms=60_000,
            started_at=at, ended_at=taken, kept=int(not late), breached_at=taken if late else None,
        )  # fmt: skip

    def _conversation(self, number: int, at: datetime, closed: datetime, intent: str, *, left: bool) -> None:
        """And two that the bot settled alone."""
        for copy, handed in enumerate((True, False, False)):
            key = number * 3 + copy
            who = {"account": "corp", "inbox": "wk1", "customer": f"wm{number}" if handed else f"b{key}"}
            self._row("addresses", id=key, ready_at=at, **who)
            self._row(
                "conversations", id=number if handed else 10_000_000 + key, address_id=key, channel="wecom_kf",
                opened_at=at, updated_at=at, state="closed", closed_at=closed, scene="", **who,
            )  # fmt: skip
            decision = "handed_over" if handed else "answered"
            self._row(
                "turns", conversation_id=number if handed else 10_000_000 + key, author="customer", decision=decision,
                explanation={"intent": intent}, created_at=at + timedelta(milliseconds=80),
            )  # fmt: skip
        if not left:
            self._row(
                "turns", conversation_id=number, author="agent", decision="said", explanation=None, created_at=closed
            )

    def _event(self, number: int, at: datetime, kind: str, by: str, state: str = "") -> None:
        detail = {"set": {"state": state}} if state else {}
        self._row("ticket_events", ticket_id=number, at=at, kind=kind, by=by, cause="x", detail=detail)

    def _row(self, table: str, **values: Any) -> None:
        self.rows.setdefault(table, []).append(values)
