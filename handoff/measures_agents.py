"""How busy was each agent? Her conversations and her presence, swept over time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Select, or_, select

from handoff.measures_figures import AgentFigures
from handoff.measures_sql import following, ms
from handoff.measures_values import Scope
from handoff.tables import Tables

PRESENT: Final = ("ready", "busy", "wrapup")


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when until when, in ms; an end of None is not known yet."""

    began: int
    ended: int | None


@dataclass(slots=True)
class Shift:
    """An agent's conversations, and when she was present (None: nothing is known of her presence)."""

    agent: str
    name: str
    capacity: int
    conversations: list[Stretch] = field(default_factory=list)
    presence: list[Stretch] | None = None

    def figures(self, since: int, until: int) -> AgentFigures:
        """Her work between two moments, in ms."""
        swept = sweep(self.conversations, self.presence or (), since, until, self.capacity)
        return AgentFigures(
            agent=self.agent,
            name=self.name,
            capacity=self.capacity,
            taken=sum(since <= each.began < until for each in self.conversations),
            present_s=swept.present / 1000,
            busy_s=swept.busy / 1000,
            occupancy=swept.occupied / swept.present if self.presence and swept.present else None,
            concurrency=swept.load / swept.busy if swept.busy else None,
            most=swept.most,
            over_capacity=swept.over,
        )


@dataclass(slots=True)
class Swept:
    """Sums in ms. busy: with a conversation. occupied: with one while present. load: conversations times time."""

    present: int = 0
    busy: int = 0
    occupied: int = 0
    load: int = 0
    most: int = 0
    over: int = 0


def sweep(
    conversations: Iterable[Stretch], presence: Iterable[Stretch], since: int, until: int, capacity: int
) -> Swept:
    """Add up what lay between two moments. What ends at a moment is over before what begins at it."""
    changes: list[tuple[int, int, int]] = []  # at, of conversations, of presence
    for stretches, of in ((conversations, (1, 0)), (presence, (0, 1))):
        for each in stretches:
            ended = until if each.ended is None else min(each.ended, until)
            if ended > since and each.began < ended:
                changes += [(each.began, *of), (ended, -of[0], -of[1])]
    swept, at, load, present = Swept(), since, 0, 0
    for moment, more, here in sorted(changes, key=lambda change: (change[0], change[1] + change[2])):
        gone = max(moment - at, 0)
        swept.present += gone * (present > 0)
        swept.busy += gone * (load > 0)
        swept.occupied += gone * (load > 0 and present > 0)
        swept.load += gone * load
        at, load, present = max(moment, at), load + more, present + here
        swept.most = max(swept.most, load)
        swept.over += more > 0 and moment >= since and load > capacity
    return swept


def owned(tables: Tables, scope: Scope) -> Select[Any]:
    """One row a stretch in which an agent had a conversation, as far as it touches the period."""
    log, tickets = tables.assignment_log.c, tables.tickets.c
    each = select(
        log.agent,
        log.to_owner,
        log.team,
        log.conversation_id,
        ms(log.at).label("began"),
        following(ms(log.at), of=[log.conversation_id], order=[log.version]).label("ended"),
    ).subquery()
    since, until = _ms(scope)
    query = select(each.c.agent, each.c.began, each.c.ended).where(
        each.c.to_owner == "agent", each.c.began < until, or_(each.c.ended.is_(None), each.c.ended > since)
    )
    if scope.team:
        query = query.where(each.c.team == scope.team)
    if scope.channel:
        query = query.where(
            each.c.conversation_id.in_(select(tickets.conversation_id).where(tickets.channel == scope.channel))
        )
    return query


def present(tables: Tables, scope: Scope) -> Select[Any]:
    """One row a stretch in which an agent had one status, as far as it touches the period."""
    states = tables.agent_states.c
    each = select(
        states.agent_id.label("agent"),
        states.status,
        ms(states.at).label("began"),
        following(ms(states.at), of=[states.agent_id], order=[states.at, states.id]).label("ended"),
    ).subquery()
    since, until = _ms(scope)
    return select(each).where(each.c.began < until, or_(each.c.ended.is_(None), each.c.ended > since))


def _ms(scope: Scope) -> tuple[int, int]:
    return round(scope.since.timestamp() * 1000), round(min(scope.until, scope.now).timestamp() * 1000)
