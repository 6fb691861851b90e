"""How does the wall look? Everything in words and figures, ready for the template."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from bot.access import Right
from bot.console.access import Viewer
from bot.console.catalogue import text, text_or
from bot.console.names import Names
from bot.console.rows import tint
from bot.ticket_work import Due
from bot.wall import AgentSeen, Held, WallSeen
from handoff import AgentStatus, QueueStanding, TicketState

_ORDER = (AgentStatus.READY, AgentStatus.WRAPPING_UP, AgentStatus.BUSY, AgentStatus.AWAY, AgentStatus.OFF)


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A conversation. unanswered: how long the customer waits for words, "" where she waits for none."""

    ticket: int
    customer: str
    unanswered: str
    overdue: bool
    pending: bool
    may_watch: bool


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An agent. late: a promise about one of her conversations is broken. full: she has no room left."""

    id: str
    name: str
    tint: int
    status: str
    status_text: str
    since: str
    active: int
    capacity: int
    full: bool
    unanswered: str
    late: bool
    score: str
    missed: int
    declined: int
    held: tuple[HeldRow, ...]


@dataclass(frozen=True, slots=True)
class QueueCard:
    """A team's queue."""

    team: str
    waiting: int
    longest: str
    expected: str
    abandoned: int
    warned: int
    breached: int
    ready: int


@dataclass(frozen=True, slots=True)
class WallView:
    """The wall. at: when it was read."""

    at: str
    agents: tuple[AgentRow, ...]
    queues: tuple[QueueCard, ...]


def wall_view(seen: WallSeen, who: Viewer, names: Names, due: Mapping[int, Due]) -> WallView:
    """The wall for one viewer; who is there stands first."""
    agents = sorted(seen.agents, key=lambda each: (_ORDER.index(each.load.status), each.load.id))
    return WallView(
        at=names.clock(seen.at),
        agents=tuple(_agent(each, who, names, due) for each in agents),
        queues=tuple(_queue(each, seen, names) for each in seen.queues),
    )


def _agent(seen: AgentSeen, who: Viewer, names: Names, due: Mapping[int, Due]) -> AgentRow:
    load, day = seen.load, seen.day
    held = tuple(_held(each, who, names, due.get(each.ticket.id)) for each in seen.held)
    return AgentRow(
        id=load.id,
        name=names.agents.get(load.id, load.name),
        tint=tint(load.id),
        status=load.status.value,
        status_text=text_or("statuses", load.status.value),
        since=names.waited(load.status_at) if load.status_at else "",
        active=load.active,
        capacity=load.capacity,
        full=load.room == 0,
        unanswered=names.waited(seen.unanswered_since) if seen.unanswered_since else "",
        late=any(each.overdue for each in held),
        score=text("wall_agents.score", score=f"{day.score:.1f}", rated=day.rated) if day.score is not None else "",
        missed=day.missed,
        declined=day.declined,
        held=held,
    )


def _held(held: Held, who: Viewer, names: Names, due: Due | None) -> HeldRow:
    ticket = held.ticket
    return HeldRow(
        ticket=ticket.id,
        customer=names.customer(ticket.account, ticket.customer)
        if who.may_read(ticket)
        else text("wall_agents.customer"),
        unanswered=names.waited(held.unanswered_since) if held.unanswered_since else "",
        overdue=due is not None and due.at <= names.now,
        pending=ticket.state is TicketState.PENDING,
        may_watch=who.may(Right.CONVERSATION_WATCH) and who.leads(ticket),
    )


def _queue(queue: QueueStanding, seen: WallSeen, names: Names) -> QueueCard:
    ready = [each for each in seen.agents if queue.team in each.load.teams and each.load.is_ready(seen.at)]
    return QueueCard(
        team=names.team(queue.team),
        waiting=queue.waiting,
        longest=names.waited(queue.oldest_at) if queue.oldest_at else "",
        expected=_wait(queue.expected_wait_s),
        abandoned=queue.abandoned,
        warned=queue.warned,
        breached=queue.breached,
        ready=len(ready),
    )


def _wait(seconds: int | None) -> str:
    if seconds is None:
        return text("wall_queues.unknown")
    return text("wall_queues.wait", minutes=math.ceil(seconds / 60)) if seconds else text("wall_queues.no_wait")
