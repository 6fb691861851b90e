"""What does the page show of the ticket itself: its offer, place, notes, past, and what may be done about it?"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot.console import bubbles
from bot.console.access import Viewer
from bot.console.catalogue import text, text_or
from bot.console.names import Names
from bot.console.rows import seconds_left
from bot.console.tag_view import TagLine, tag_lines
from bot.console.thread_view import Seen
from handoff import Attachment, QueuePlace, Ticket, TicketState


@dataclass(frozen=True, slots=True)
class AttachmentLine:
    """What the customer sent. kind: in words."""

    kind: str
    moment: str


@dataclass(frozen=True, slots=True)
class OtherTicket:
    """Another ticket: of the same customer, or linked to this one. why: how they belong together, or its state."""

    id: int
    asked: str
    moment: str
    why: str


@dataclass(frozen=True, slots=True)
class TicketView:
    """offered: seconds the viewer has to accept, None if it is not offered to her. place: "" where it does not wait.

    may_*: what the viewer may do. known_as: (channel, name, since) of each of her names. labels: of the platform.
    rating: how the customer judged it, "" where she was not asked.
    """

    offered: int | None
    place: str
    pending: str
    attachments: tuple[AttachmentLine, ...]
    past: tuple[OtherTicket, ...]
    links: tuple[OtherTicket, ...]
    may_pend: bool
    may_resume: bool
    may_change: bool
    may_merge: bool
    may_reopen: bool
    tags: tuple[TagLine, ...]
    more_tags: tuple[str, ...]
    known_as: tuple[tuple[str, str, str], ...]
    region: str
    labels: tuple[str, ...]
    rating: str


def ticket_view(seen: Seen, who: Viewer, names: Names) -> TicketView:
    """The ticket for one viewer."""
    ticket, about = seen.ticket, seen.about
    open_now = ticket.state is not TicketState.CLOSED
    hers = who.leads(ticket) or ticket.agent == who.agent_id
    offer = about.offer
    return TicketView(
        offered=seconds_left(offer, names) if offer is not None and offer.agent == who.agent_id else None,
        place=_place(about.place) if about.place is not None else "",
        pending=names.moment(ticket.pending_until) if ticket.pending_until else "",
        attachments=tuple(_attachment(each, names) for each in about.attachments),
        past=tuple(
            _past(each, seen, names) for each in seen.card.tickets if each.id != ticket.id and who.may_read(each)
        ),
        links=tuple(
            OtherTicket(each.other_id, "", names.moment(each.at), text(f"links.{each.kind}")) for each in about.links
        ),
        may_pend=hers and ticket.state is TicketState.ASSIGNED,
        may_resume=hers and ticket.state is TicketState.PENDING,
        may_change=open_now,
        may_merge=open_now and hers,
        tags=tag_lines(about.tags, bubbles.said(seen.thread.entries, names, ""), names),
        more_tags=tuple(about.more_tags),
        known_as=tuple(
            (names.channel(each.channel), each.nickname, names.moment(each.since)) for each in seen.card.names
        ),
        region=text("customer.between").join(seen.card.region),
        labels=seen.card.labels,
        rating=_rating(seen, names),
        may_reopen=not open_now and ticket.merged_into is None and seen.thread.ticket is None,
    )


def _place(place: QueuePlace) -> str:
    if place.ahead == 0:
        return text("place.first")
    if place.expected_wait_s is None:
        return text("place.ahead", ahead=place.ahead)
    return text("place.ahead_minutes", ahead=place.ahead, minutes=max(1, math.ceil(place.expected_wait_s / 60)))


def _attachment(attachment: Attachment, names: Names) -> AttachmentLine:
    kind = text_or("attachments", attachment.kind, text("attachments.file"))
    return AttachmentLine(kind, names.moment(attachment.at))


def _rating(seen: Seen, names: Names) -> str:
    rating = seen.ratings.get(seen.ticket.id)
    if rating is None:
        return ""
    at = names.moment(rating.rated_at or rating.asked_at)
    return text("rating.at", score=names.score(rating), moment=at)


def _past(ticket: Ticket, seen: Seen, names: Names) -> OtherTicket:
    ended = names.outcome(ticket.outcome) if ticket.outcome else text(f"past.{ticket.state}")
    rating = seen.ratings.get(ticket.id)
    if rating is not None and rating.score is not None:
        ended = text("rating.beside", ended=ended, given=text("rating.given", score=names.score(rating)))
    return OtherTicket(ticket.id, ticket.summary.asked, names.moment(ticket.opened_at), ended)
