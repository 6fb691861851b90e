"""What does the list show? My tickets, who waits, and what the colleagues do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.console.access import Viewer
from bot.console.catalogue import text, text_or
from bot.console.names import Names
from bot.ticket_work import Due
from handoff import AgentLoad, Offer, Ticket, TicketState

_MOST_DOTS = 12  # a capacity above it is shown in figures only


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One ticket of the list. waited: since it was opened, or since it was taken. tint: 0–5, of the avatar."""

    id: int
    customer: str
    tint: int
    channel: str
    team: str
    reason: str
    rule: str
    priority: int
    priority_text: str
    asked: str
    since: str
    waited: str
    may_accept: bool
    current: bool
    sla: str = ""
    overdue: bool = False
    pending: bool = False


@dataclass(frozen=True, slots=True)
class OfferRow:
    """A ticket that is offered to the viewer. left: seconds she has to accept."""

    ticket: TicketRow
    left: int


@dataclass(frozen=True, slots=True)
class ColleagueRow:
    """One colleague. dots: taken (True) and free places, empty where there are too many to draw."""

    id: str
    name: str
    tint: int
    status: str
    status_text: str
    active: int
    capacity: int
    dots: tuple[bool, ...]
    teams: str
    me: bool


@dataclass(frozen=True, slots=True)
class Lists:
    """The sections."""

    offers: tuple[OfferRow, ...]
    mine: tuple[TicketRow, ...]
    waiting: tuple[TicketRow, ...]
    colleagues: tuple[ColleagueRow, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """What was read for the list. due: by ticket id, what is promised first."""

    mine: Sequence[Ticket]
    waiting: Sequence[Ticket]
    offers: Sequence[tuple[Offer, Ticket]]
    due: Mapping[int, Due]


def lists(who: Viewer, listed: Listed, names: Names, *, current: int | None = None) -> Lists:
    """The list as this viewer may see it. current: the ticket whose page is open."""

    def row(ticket: Ticket) -> TicketRow:
        return ticket_row(ticket, who, names, current=current, due=listed.due.get(ticket.id))

    offered = {ticket.id for _, ticket in listed.offers}
    return Lists(
        offers=tuple(OfferRow(row(ticket), seconds_left(offer, names)) for offer, ticket in listed.offers),
        mine=tuple(map(row, listed.mine)),
        waiting=tuple(row(each) for each in listed.waiting if who.may_read(each) and each.id not in offered),
        colleagues=tuple(_colleague(each, who, names) for each in sorted(who.everybody, key=_ready_first)),
    )


def seconds_left(offer: Offer, names: Names) -> int:
    """How long an offer may still be accepted."""
    return max(0, round((offer.expires_at - names.now).total_seconds()))


def ticket_row(
    ticket: Ticket, who: Viewer, names: Names, *, current: int | None = None, due: Due | None = None
) -> TicketRow:
    """One ticket as the list shows it."""
    since = ticket.assigned_at if ticket.state is TicketState.ASSIGNED and ticket.assigned_at else ticket.opened_at
    return TicketRow(
        id=ticket.id,
        customer=names.customer(ticket.account, ticket.customer),
        tint=tint(ticket.customer),
        channel=names.channel(ticket.channel),
        team=names.team(ticket.team),
        reason=names.reason(ticket.reason),
        rule=ticket.rule,
        priority=ticket.priority,
        priority_text=text(f"priorities.{ticket.priority}"),
        asked=ticket.summary.asked,
        since=names.moment(since),
        waited=names.waited(since),
        may_accept=who.may_take(ticket),
        current=ticket.id == current,
        sla=names.due(due.metric, due.at) if due else "",
        overdue=due is not None and due.at <= names.now,
        pending=ticket.state is TicketState.PENDING,
    )


def tint(key: str) -> int:
    """A colour that stays with a person."""
    return sum(key.encode()) % 6


def _colleague(agent: AgentLoad, who: Viewer, names: Names) -> ColleagueRow:
    places = max(agent.capacity, agent.active)
    return ColleagueRow(
        id=agent.id,
        name=names.agents.get(agent.id, agent.name),
        tint=tint(agent.id),
        status=agent.status.value,
        status_text=text_or("statuses", agent.status.value),
        active=agent.active,
        capacity=agent.capacity,
        dots=tuple(place < agent.active for place in range(places)) if places <= _MOST_DOTS else (),
        teams=" · ".join(names.team(team) for team in agent.teams),
        me=agent.id == who.agent_id,
    )


def _ready_first(agent: AgentLoad) -> tuple[int, str]:
    return ("ready", "wrapup", "busy", "away", "off").index(agent.status.value), agent.id
