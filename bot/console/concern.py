"""Does what happened concern an open page, and what must it read again? Decided from the news alone, without a query.

A page is told of tickets that its viewer may see, and of nothing else: not even that there are others.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.console.access import Viewer
from bot.desk_list import Tab
from bot.desk_news import Moved, News
from handoff import Ticket, TicketState


@dataclass(frozen=True, slots=True)
class Showing:
    """What an open page shows its viewer. tab: of the list, None where it shows no list.

    conversation: whose thread it shows, None for none. people: it shows how colleagues are. teams: of a wall, whose
    agents and queues it shows.
    """

    who: Viewer
    tab: Tab | None = None
    conversation: int | None = None
    people: bool = False
    teams: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Notice:
    """What a page reads again. everything: all of it.

    thread: the conversation that it shows. rows: those of these tickets, where its list has them. hers: its list, at
    once, for a ticket of hers came or went. list: its list (or wall), when its turn comes.
    """

    everything: bool = False
    thread: bool = False
    rows: frozenset[int] = frozenset()
    hers: bool = False
    list: bool = False

    def __or__(self, other: Notice) -> Notice:
        return Notice(
            everything=self.everything or other.everything,
            thread=self.thread or other.thread,
            rows=self.rows | other.rows,
            hers=self.hers or other.hers,
            list=self.list or other.list,
        )

    def __bool__(self) -> bool:
        return self.everything or self.thread or bool(self.rows) or self.hers or self.list


def notice_of(news: News, page: Showing) -> Notice:
    """What this page is to be told of it; an empty notice where it concerns her not."""
    others = any(talk == page.conversation and agent != page.who.agent_id for talk, agent in news.presences)
    thread = others or page.conversation in news.conversations
    if page.teams:
        return Notice(everything=news.everything, thread=thread, list=_on_the_wall(news, page.teams))
    moved = [each for each in news.moved if _concerns(each, page.who)] if page.tab is not None else []
    elsewhere = {each.ticket.id for each in moved}
    return Notice(
        everything=news.everything,
        thread=thread,
        rows=frozenset(each.id for each in news.tickets if each.id not in elsewhere and _is_listed(each, page)),
        hers=any(page.who.agent_id in each.touched.agents for each in moved),
        list=bool(moved) or (news.people and page.people),
    )


def _concerns(moved: Moved, who: Viewer) -> bool:
    """May it have come into a list of hers, or left one?"""
    if who.agent_id and who.agent_id in moved.touched.agents:
        return True
    return bool(moved.touched.teams & who.sees) and who.covers(moved.ticket)


def _is_listed(ticket: Ticket, page: Showing) -> bool:
    who = page.who
    match page.tab:
        case "mine":
            return ticket.agent == who.agent_id and who.agent_id != ""
        case "waiting":
            return ticket.state is TicketState.OPEN and who.may_read(ticket)
        case "all":
            return who.may_read(ticket)
        case None:
            return False


def _on_the_wall(news: News, teams: frozenset[str]) -> bool:
    """A wall shows since when customers wait for words, besides who has whom."""
    return (
        news.people
        or any(each.touched.teams & teams for each in news.moved)
        or any(each.agent and each.team in teams for each in news.tickets)
    )
