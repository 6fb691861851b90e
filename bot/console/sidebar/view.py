"""What does the sidebar show of a customer? Words for the page, of what was read for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from archive import Entry, Voice
from archive.tagging import Tag
from bot.console.bubbles import anchor
from bot.console.catalogue import text
from bot.console.names import Names
from bot.console.tag_view import TagLine, tag_lines
from bot.customer_card import CustomerCard
from bot.ticket_work import About, Due
from handoff import Ticket, TicketEvent, TicketState

MOST_TICKETS: Final = 5  # what a narrow page holds; the workbench has the rest
MOST_QUOTES: Final = 3  # messages that are quoted for a tag


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read. door: the ticket whose conversation `entries` are, and what is known `about` it.

    more: tickets that are not among `tickets`. due, events: by ticket.
    """

    card: CustomerCard
    door: Ticket
    tickets: Sequence[Ticket]
    more: int
    entries: Sequence[Entry]
    about: About
    due: Mapping[int, Due]
    events: Mapping[int, Sequence[TicketEvent]]


@dataclass(frozen=True, slots=True)
class Quote:
    """A message that speaks for a tag. path: where it stands."""

    moment: str
    words: str
    path: str


@dataclass(frozen=True, slots=True)
class TagCard:
    """A tag with what speaks for it. elsewhere: how many further messages do."""

    line: TagLine
    quotes: tuple[Quote, ...]
    elsewhere: int


@dataclass(frozen=True, slots=True)
class TicketCard:
    """One ticket in a line or two. promises: what she was promised, or is due."""

    id: int
    asked: str
    state: str
    kind: str
    owner: str
    moment: str
    promises: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CardView:
    """asked: what she wrote last, "" where nothing is known; asked_key: tells it from what she writes next.

    known_as: (channel, nickname, since) of each of her names.
    """

    name: str
    region: str
    known_as: tuple[tuple[str, str, str], ...]
    labels: tuple[str, ...]
    door: int
    asked: str
    asked_at: str
    asked_key: str
    tags: tuple[TagCard, ...]
    more_tags: tuple[str, ...]
    tickets: tuple[TicketCard, ...]
    more: int


def card_view(seen: Seen, names: Names) -> CardView:
    """The page's words."""
    said = [entry for entry in seen.entries if entry.voice is Voice.CUSTOMER and not entry.recalled]
    last = said[-1] if said else None
    known = seen.card.names
    nickname = next((each.nickname for each in known if each.nickname), "")
    return CardView(
        name=names.customer(seen.door.account, seen.door.customer, nickname),
        region=text("customer.between").join(seen.card.region),
        known_as=tuple((names.channel(each.channel), each.nickname, names.moment(each.since)) for each in known),
        labels=seen.card.labels,
        door=seen.door.id,
        asked="" if last is None else last.text or text("sidebar.no_words"),
        asked_at="" if last is None else names.moment(last.at),
        asked_key="" if last is None else str(last.id),
        tags=tuple(_tag(tag, seen, names) for tag in seen.about.tags),
        more_tags=tuple(seen.about.more_tags),
        tickets=tuple(_ticket(ticket, seen, names) for ticket in seen.tickets),
        more=seen.more,
    )


def _tag(tag: Tag, seen: Seen, names: Names) -> TagCard:
    (line,) = tag_lines([tag], (), names)
    entries = {entry.id: entry for entry in seen.entries if entry.text and not entry.recalled}
    spoke = [entries[each] for each in tag.evidence if each in entries][-MOST_QUOTES:]
    quotes = tuple(_quote(entry, seen.door, names) for entry in spoke)
    return TagCard(line, quotes, len(tag.evidence) - len(quotes))


def _quote(entry: Entry, door: Ticket, names: Names) -> Quote:
    path = f"/console/tickets/{door.id}#{anchor(entry.id or 0)}"
    return Quote(names.moment(entry.at), entry.text, path)


def _ticket(ticket: Ticket, seen: Seen, names: Names) -> TicketCard:
    ended = names.outcome(ticket.outcome) if ticket.outcome else ""
    return TicketCard(
        id=ticket.id,
        asked=ticket.summary.asked,
        state=ended or text(f"past.{ticket.state}"),
        kind=ticket.state.value,
        owner=names.agent(ticket.agent) if ticket.agent else names.team(ticket.team),
        moment=names.moment(ticket.opened_at),
        promises=tuple(dict.fromkeys(_promises(ticket, seen, names))),
    )


def _promises(ticket: Ticket, seen: Seen, names: Names) -> Iterator[str]:
    """When something is due, what she was told to expect, and what a colleague left open."""
    due = seen.due.get(ticket.id)
    if due is not None and ticket.state is not TicketState.CLOSED:
        yield names.due(due.metric, due.at)
    if ticket.summary.promised:
        yield ticket.summary.promised
    left_open = [event.detail for event in seen.events.get(ticket.id, ())]
    # in the WeCom client a session is ended, not given back: then only the line in the transcript says it
    left_open += [entry.body for entry in seen.entries if entry.body.get("ticket") == ticket.id]
    for each in left_open:
        promises = each.get("promises")
        if isinstance(promises, list):
            yield from map(str, promises)
