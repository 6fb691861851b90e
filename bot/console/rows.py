"""What does the list show? Tickets by tab and filter, offers, and what the colleagues do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, get_args

from archive.analysis import NEGATIVE, POSITIVE
from bot.console.access import Viewer
from bot.console.catalogue import text, text_or
from bot.console.list_state import MOST_PAGES, ListState
from bot.console.names import Names
from bot.desk_list import Listing, Tab, Wanted
from bot.ticket_work import Due
from handoff import COUNTED, AgentLoad, Offer, Ticket, TicketState

_CHANNELS: Final = ("wecom_kf", "official_account")
_MOST_DOTS = 12  # a capacity above it is shown in figures only


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One ticket of the list. waited: since it was opened, or since it was taken. tint: 0–5, of the avatar.

    unread: messages of hers that the viewer has not seen. mood: negative | positive | "". with_whom: the colleague who
    has it, "" for the viewer herself and nobody. icon: of the channel.
    """

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
    waiting: bool = False
    closed: bool = False
    outcome: str = ""
    with_whom: str = ""
    unread: int = 0
    mood: str = ""
    mood_text: str = ""
    icon: str = ""


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
class TabView:
    """One tab. path: where it leads. count: "" where it is not counted."""

    name: str
    text: str
    path: str
    count: str
    current: bool


@dataclass(frozen=True, slots=True)
class Lists:
    """The list. address: its own as a query, which links to tickets carry on. more: the address of the next page.

    grow: the address of this page with one page more, "" where it is as long as it may be. nothing: what stands in the
    place of no rows. colleagues: none beside an open ticket, whose page has no place for them.
    """

    offers: tuple[OfferRow, ...]
    tabs: tuple[TabView, ...]
    rows: tuple[TicketRow, ...]
    address: str
    more: str
    grow: str
    nothing: str
    wanted: Wanted
    teams: tuple[tuple[str, str], ...]
    channels: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]
    colleagues: tuple[ColleagueRow, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """What was read for the list. counts: of her tickets, and of those that wait. offered: what rows show of offers."""

    state: ListState
    page: Listing
    counts: tuple[int, int]
    offers: Sequence[tuple[Offer, Ticket]]
    offered: Listing
    tags: Sequence[str]


def lists(who: Viewer, listed: Listed, names: Names, *, current: int | None = None) -> Lists:
    """The list as this viewer may see it. current: the ticket whose page is open."""
    state, page = listed.state, listed.page
    offered = {ticket.id for _, ticket in listed.offers}
    following = replace(state, after=page.after, pages=1) if page.after else None
    grows = page.after is not None and state.pages < MOST_PAGES
    return Lists(
        offers=tuple(
            OfferRow(ticket_row(ticket, who, names, known=listed.offered), seconds_left(offer, names))
            for offer, ticket in listed.offers
        ),
        tabs=_tabs(state, listed.counts),
        rows=tuple(
            ticket_row(each, who, names, current=current, known=page)
            for each in page.tickets
            if who.may_read(each) and (each.id not in offered or state.wanted.tab != "waiting")
        ),
        address=state.address(),
        more=following.address() if following else "",
        grow=replace(state, pages=state.pages + 1).address() if grows else "",
        nothing=text(f"list.nothing_{'found' if state.wanted.is_narrowed else state.wanted.tab}"),
        wanted=state.wanted,
        teams=tuple((team, names.team(team)) for team in sorted(who.sees)),
        channels=tuple((kind, names.channel(kind)) for kind in _CHANNELS),
        tags=tuple(listed.tags),
        colleagues=tuple(_colleague(each, who, names) for each in sorted(who.beside, key=_ready_first))
        if current is None
        else (),
    )


def _tabs(state: ListState, counts: tuple[int, int]) -> tuple[TabView, ...]:
    counted = dict(zip(("mine", "waiting"), counts, strict=True))
    return tuple(
        TabView(
            name=tab,
            text=text(f"tabs.{tab}"),
            path=state.on(tab).address(),
            count=_count(counted[tab]) if tab in counted else "",
            current=state.wanted.tab == tab,
        )
        for tab in get_args(Tab)
    )


def _count(number: int) -> str:
    return text("list.at_least", count=COUNTED - 1) if number >= COUNTED else str(number)


def seconds_left(offer: Offer, names: Names) -> int:
    """How long an offer may still be accepted."""
    return max(0, round((offer.expires_at - names.now).total_seconds()))


def ticket_row(
    ticket: Ticket,
    who: Viewer,
    names: Names,
    *,
    current: int | None = None,
    due: Due | None = None,
    known: Listing | None = None,
) -> TicketRow:
    """One ticket as the list shows it. known: what was read of it with others."""
    since = ticket.assigned_at if ticket.state is TicketState.ASSIGNED and ticket.assigned_at else ticket.opened_at
    known = known or Listing()
    due = due or known.due.get(ticket.id)
    closed = ticket.state is TicketState.CLOSED
    mood = _mood(known.moods.get(ticket.conversation_id))
    other = ticket.agent if ticket.agent and ticket.agent != who.agent_id and not closed else ""
    return TicketRow(
        id=ticket.id,
        customer=names.customer(
            ticket.account, ticket.customer, known.nicknames.get((ticket.account, ticket.customer), "")
        ),
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
        sla=names.due(due.metric, due.at) if due and not closed else "",
        overdue=due is not None and due.at <= names.now,
        pending=ticket.state is TicketState.PENDING,
        waiting=ticket.state is TicketState.OPEN,
        closed=closed,
        outcome=names.outcome(ticket.outcome) if ticket.outcome else "",
        with_whom=names.agent(other) if other else "",
        # what stands open beside the list is read there
        unread=0 if ticket.id == current else known.unread.get(ticket.conversation_id, 0),
        mood=mood,
        mood_text=text(f"moods.{mood}") if mood else "",
        icon=f"channel-{ticket.channel}",
    )


def _mood(felt: float | None) -> str:
    if felt is None or NEGATIVE < felt < POSITIVE:
        return ""
    return "negative" if felt <= NEGATIVE else "positive"


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
