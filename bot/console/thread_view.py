"""What does a ticket's page show around the transcript, and what may its viewer do there?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.access import Right
from bot.console import bubbles
from bot.console.access import Viewer
from bot.console.bubbles import Bubble
from bot.console.catalogue import TEXTS, text
from bot.console.names import Names
from bot.console.rows import TicketRow, ticket_row, tint
from bot.console.session import PATH
from bot.console.why import WhyMoved, why_moved
from bot.customer_card import CustomerCard
from bot.domain import ChannelKind
from bot.presences import Presence
from bot.thread_reasons import Reasons
from bot.ticket_work import About, Due
from bot.workbench import Thread
from handoff import Rating, Ticket, TicketEvent, TicketState


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a ticket's history."""

    moment: str
    words: str
    note: str


@dataclass(frozen=True, slots=True)
class ThreadView:
    """Everything the templates of a ticket's page ask for.

    may_say: the composer is open; hint: why it is not, or what to know about it; is_last: only one message may still be
    sent, so that Enter alone must not send it. successor: the id of the conversation's newer ticket, 0 if none.
    colleagues, teams: (id, words) to whom it can be passed on. read: the entry that she had seen before she looked.
    may_ask: she can ask whether the customer is satisfied. moves: why it changed hands. others: who is here beside her.
    """

    ticket: TicketRow
    conversation_id: int
    customer: str
    tint: int
    scene: str
    owner: str
    owner_text: str
    bubbles: tuple[Bubble, ...]
    may_say: bool
    hint: str
    may_accept: bool
    may_end: bool
    may_return: bool
    may_hand_to_client: bool
    is_last: bool
    may_pass_on: bool
    successor: int
    budget: str
    signals: tuple[str, ...]
    tried: tuple[str, ...]
    outcome: str
    history: tuple[Line, ...]
    colleagues: tuple[tuple[str, str], ...]
    teams: tuple[tuple[str, str], ...]
    outcomes: tuple[tuple[str, str], ...]
    read: int
    may_ask: bool
    moves: tuple[WhyMoved, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read for the page. inline: the account can only answer inside callbacks' responses.

    read: the entry that she had seen before. asks: the shop asks its customers whether they are satisfied.
    ratings: what the customer answered, by ticket: of this one and her others.
    """

    ticket: Ticket
    thread: Thread
    events: Sequence[TicketEvent]
    inline: bool
    about: About
    due: Due | None
    reasons: Reasons = field(default_factory=Reasons)
    others: Sequence[Presence] = ()
    read: int = 0
    asks: bool = False
    card: CustomerCard = field(default_factory=CustomerCard)
    ratings: Mapping[int, Rating] = field(default_factory=dict)


def thread_view(seen: Seen, who: Viewer, names: Names) -> ThreadView:
    """The page of one ticket for one viewer."""
    ticket, thread = seen.ticket, seen.thread
    closed = ticket.state is TicketState.CLOSED
    mine = not closed and ticket.agent == who.agent_id
    may_say, hint = composing(seen, who, names)
    customer = names.customer(ticket.account, thread.customer, thread.nickname)
    may_pass_on = not closed and who.may_pass_on(ticket)
    return ThreadView(
        ticket=ticket_row(ticket, who, names, due=seen.due),
        conversation_id=thread.conversation_id,
        customer=customer,
        tint=tint(thread.customer),
        scene=thread.scene,
        owner="closed" if closed else thread.owner,
        owner_text=_owner_text(seen, names, mine=mine),
        bubbles=(
            *bubbles.said(thread.entries, names, customer, _around(seen, who)),
            *bubbles.unsaid(thread.unsent, names),
        ),
        may_say=may_say,
        hint=hint,
        may_accept=who.may_take(ticket),
        may_end=mine,
        may_return=mine and thread.mode == "console",
        may_hand_to_client=mine and thread.mode == "console" and thread.channel is ChannelKind.WECOM_KF,
        is_last=may_say and hint == text("composing.last"),
        may_pass_on=may_pass_on,
        successor=thread.ticket.id if thread.ticket and thread.ticket.id != ticket.id else 0,
        budget=_budget_text(seen, names),
        signals=tuple(names.reason(signal) for signal in ticket.signals if signal != ticket.reason),
        tried=ticket.summary.tried,
        outcome=names.outcome(ticket.outcome) if ticket.outcome else "",
        history=tuple(line for _, line in sorted(_history(seen, names), key=lambda each: each[0])),
        colleagues=_colleagues(ticket, who, names) if may_pass_on else (),
        teams=tuple((team, name) for team, name in names.teams.items() if team != thread.team) if may_pass_on else (),
        outcomes=tuple(TEXTS["outcomes"].items()),
        read=seen.read,
        may_ask=may_say and seen.asks,
        moves=why_moved(seen.reasons.assignments, names),
        others=tuple(
            text(f"presence.{'typing' if each.typing else 'viewing'}", agent=names.agent(each.agent))
            for each in seen.others
        ),
    )


def _around(seen: Seen, who: Viewer) -> bubbles.Around:
    return bubbles.Around(
        files_of=f"{PATH}/tickets/{seen.ticket.id}" if who.may(Right.DESK_WORK) else "",  # where they are served
        notes=seen.about.notes,
        events=seen.events,
        reasons=seen.reasons.turns,
        rating=seen.ratings.get(seen.ticket.id),
        read=seen.read,
    )


def composing(seen: Seen, who: Viewer, names: Names) -> tuple[bool, str]:
    """May she write now, and what must she know about it?"""
    ticket, thread = seen.ticket, seen.thread
    if ticket.state is TicketState.CLOSED:
        return False, text("composing.closed")
    budget = _budget(seen, names)
    if ticket.state is TicketState.OPEN:
        silent = thread.mode == "console" and budget in {"none", "over"}
        return False, text(f"composing.before_{budget}") if silent else text("composing.waiting")
    if ticket.agent != who.agent_id:
        return False, text("composing.others", agent=names.agent(ticket.agent or ""))
    if thread.mode == "client":
        return False, text("composing.client")
    if budget == "left":
        return True, text("composing.last") if thread.budget.sends_left == 1 else ""
    return budget == "inline", text(f"composing.{budget}")


def _budget(seen: Seen, names: Names) -> Literal["left", "none", "over", "inline"]:
    budget = seen.thread.budget
    if seen.inline:
        return "inline"
    if budget.ends_at is None or budget.ends_at <= names.now:
        return "over"
    return "left" if budget.sends_left > 0 else "none"


def _budget_text(seen: Seen, names: Names) -> str:
    kind, budget = _budget(seen, names), seen.thread.budget
    until = names.moment(budget.ends_at) if budget.ends_at else ""
    return text(f"budget.{kind}", sends=budget.sends_left, until=until)


def _owner_text(seen: Seen, names: Names, *, mine: bool) -> str:
    if seen.ticket.state is TicketState.CLOSED:
        return text("owners.closed")
    if mine:
        return text("owners.mine")
    return text(f"owners.{seen.thread.owner}", agent=names.agent(seen.ticket.agent or ""))


def _history(seen: Seen, names: Names) -> Iterator[tuple[datetime, Line]]:
    """What happened to the ticket, and how the customer judged it."""
    yield from ((event.at, _line(event, names)) for event in seen.events)
    rating = seen.ratings.get(seen.ticket.id)
    if rating is not None and rating.rated_at is not None:
        words = text("rating.given", score=names.score(rating))
        yield rating.rated_at, Line(moment=names.moment(rating.rated_at), words=words, note="")


def _line(event: TicketEvent, names: Names) -> Line:
    detail = event.detail
    promises = detail.get("promises")
    notes = [names.outcome(str(detail["outcome"]))] if detail.get("outcome") else []
    if event.kind == "reopened":
        notes.append(names.reason(str(detail.get("reason", ""))))
    if isinstance(promises, list):
        notes.extend(map(str, promises))
    return Line(
        moment=names.moment(event.at), words=bubbles.event_words("events", event, names), note=" · ".join(notes)
    )


def _colleagues(ticket: Ticket, who: Viewer, names: Names) -> tuple[tuple[str, str], ...]:
    """Who could take it: the others of its team; those who are ready first."""
    others = [
        each for each in who.everybody if ticket.team in each.teams and each.id not in {ticket.agent, who.agent_id}
    ]
    others.sort(key=lambda each: (each.status.value != "ready", each.active, each.id))
    return tuple(
        (
            each.id,
            text(
                "passing.colleague",
                name=names.agents.get(each.id, each.name),
                status=text(f"statuses.{each.status.value}"),
                active=each.active,
                capacity=each.capacity,
            ),
        )
        for each in others
    )
