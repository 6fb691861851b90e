"""Whom may a note name, whom does it name, and where does she read of it?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import aiohttp_jinja2
from aiohttp import web

from bot.access import Right
from bot.console.access import Viewer, ticket_for, viewer, viewer_of
from bot.console.catalogue import text
from bot.console.console import CONSOLE, Console
from bot.console.names import Names
from bot.console.session import PATH
from handoff import Mention, Ticket
from knowledge_base import findable, wanted

MOST_OFFERED: Final = 8
_AT: Final = ("@", "＠")


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who may come in here. may_see: the ticket that the note is about."""

    id: str
    name: str
    may_see: bool


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a note names. wrong: why it cannot be written so, "" where it can."""

    people: frozenset[str] = frozenset()
    wrong: str = ""


async def colleagues_of(console: Console, ticket: Ticket) -> list[Colleague]:
    """Everybody of the house, by name, with whether she may open this ticket."""
    everybody, supervisors = await console.workbench.agents(), console.supervisors()
    people = await console.access.administration.everybody()
    rows = {each.agent or each.id for each in people} | {each.id for each in people}
    found = [viewer(each.id, everybody, supervisors, each) for each in people]
    found += [viewer(each.id, everybody, supervisors) for each in everybody if each.id not in rows]
    known = [Colleague(each.id, each.name, _opens(each, ticket)) for each in found if each is not None]
    return sorted(known, key=lambda each: (each.name, each.id))


def named_in(words: str, colleagues: Sequence[Colleague]) -> Named:
    """Whom the words name after an @, by the longest name that fits; of namesakes those who may see it."""
    people: set[str] = set()
    for at, char in enumerate(words):
        if char not in _AT:
            continue
        fits = [each for each in colleagues if each.name and words.startswith(each.name, at + 1)]
        longest = max((len(each.name) for each in fits), default=0)
        meant = [each for each in fits if len(each.name) == longest]
        may_see = {each.id for each in meant if each.may_see}
        if meant and not may_see:
            return Named(wrong=text("mentions.may_not_see", name=meant[0].name))
        people |= may_see
    return Named(frozenset(people))


async def named(console: Console, ticket: Ticket, words: str) -> Named:
    """Whom a note about this ticket names; nobody is looked for where there is no @."""
    if not any(each in words for each in _AT):
        return Named()
    return named_in(words, await colleagues_of(console, ticket))


async def options(request: web.Request) -> web.Response:
    """Those whom ?q= means by name, pinyin or first letters, as options of a list; only who may see the ticket."""
    who, console = await viewer_of(request), request.app[CONSOLE]
    ticket = await ticket_for(request, who, int(request.match_info["ticket"]))
    asked = wanted(request.query.get("q", "")[:64])
    able = [each for each in await colleagues_of(console, ticket) if each.may_see and each.id != who.id]
    fit = await asyncio.to_thread(lambda: [each for each in able if asked in findable(each.name, each.id)])
    return aiohttp_jinja2.render_template("mention_options.html", request, {"found": fit[:MOST_OFFERED]})


async def open_mention(request: web.Request) -> web.Response:
    """She has seen it: to the conversation, as an agent or as a supervisor."""
    who, console = await viewer_of(request), request.app[CONSOLE]
    ticket_id = await console.tickets.see_mention(int(request.match_info["mention"]), who.id)
    if ticket_id is None:
        raise web.HTTPNotFound
    place = "tickets" if who.may(Right.DESK_WORK) else "wall/watch"
    return web.Response(status=303, headers={"Location": f"{PATH}/{place}/{ticket_id}"})


def notices_of(mentions: Sequence[Mention], names: Names) -> list[dict[str, object]]:
    """What she has not opened yet, in words."""
    return [
        {
            "id": each.id,
            "words": text("mentions.told", by=names.agent(each.by), ticket=each.ticket_id),
            "at": names.moment(each.at),
        }
        for each in mentions
    ]


def _opens(who: Viewer, ticket: Ticket) -> bool:
    if who.may(Right.DESK_WORK):
        return who.may_read(ticket)
    return who.may(Right.CONVERSATION_WATCH) and who.leads(ticket)
