"""Which reviews are there: mine, those I am to write, all of my teams, appeals; and do reviewers agree?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from aiohttp import web

from archive.reviews import Review, ReviewSelection, ReviewState
from bot.access import Right
from bot.console.access import Viewer, id_of, viewer_of
from bot.console.catalogue import text
from bot.console.console import CONSOLE, Console
from bot.console.lookout import lookout_in, working_id
from bot.console.names import Names
from bot.console.page import render
from bot.console.periods import closed_period
from bot.console.reviews.drawn import blank_drawing

PAGE: Final = 50
DAYS: Final = 90  # over which agreement is looked at, where nothing else is asked for
_TOLD: Final = (ReviewState.SCORED, ReviewState.APPEALED, ReviewState.SETTLED)


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A line of a list. total: "" before it is scored; tone: of its flag."""

    id: int
    agent: str
    reviewer: str
    sheet: str
    state: str
    total: str
    tone: str
    moment: str


async def mine_page(request: web.Request) -> web.Response:
    """What others thought of my conversations; reviewers who serve nobody are led to their tasks."""
    who = await viewer_of(request)
    if "mine" not in _lists(who):
        raise web.HTTPSeeOther("/console/reviews/tasks")
    return await _listed(request, who, "mine", ReviewSelection(agent=working_id(who), states=_TOLD))


async def tasks_page(request: web.Request) -> web.Response:
    """What I am to review, and what I have reviewed."""
    who = await viewer_of(request)
    return await _listed(request, who, "tasks", ReviewSelection(reviewer=working_id(who)))


async def all_page(request: web.Request) -> web.Response:
    """Every review of my teams' people; and drawing a new sample."""
    who, console = await viewer_of(request), request.app[CONSOLE]
    drawing = blank_drawing(console, await Names.of(console), who)
    return await _listed(request, who, "all", _seen(request, who), drawing=drawing)


async def appeals_page(request: web.Request) -> web.Response:
    """Appeals that wait to be settled."""
    who = await viewer_of(request)
    which = replace(_seen(request, who), states=(ReviewState.APPEALED,))
    return await _listed(request, who, "appeals", which)


async def agreement_page(request: web.Request) -> web.Response:
    """Cohen's κ of every two reviewers, and of people with the rules."""
    who, console = await viewer_of(request), request.app[CONSOLE]
    when = closed_period(
        request.query.get("since", ""), request.query.get("until", ""), console.tz, console.now(), DAYS
    )
    compared = None
    if when.since is not None and when.until is not None:
        compared = await console.supervision.reviews.compared(lookout_in(request, who), when.since, when.until)
    return render(
        request,
        who,
        "reviews_agreement.html",
        status=422 if when.wrong else 200,
        tabs=_tabs(who, "agreement"),
        period=when,
        compared=compared,
        names=await Names.of(console),
    )


def rows_of(reviews: Sequence[Review], names: Names) -> list[ReviewRow]:
    """The lines of a list."""
    return [
        ReviewRow(
            id=each.id,
            agent=names.agent(each.agent),
            reviewer=names.agent(each.reviewer),
            sheet=each.sheet,
            state=text(f"review_states.{each.state.value}"),
            total="" if each.outcome is None else f"{each.outcome.total:g}",
            tone="" if each.outcome is None else ("good" if each.outcome.passed else "critical"),
            moment=names.moment(each.changed_at),
        )
        for each in reviews
    ]


async def list_context(
    request: web.Request, who: Viewer, tab: str, which: ReviewSelection
) -> tuple[Console, dict[str, object]]:
    """What every list needs. ?before= goes on below an id."""
    console = request.app[CONSOLE]
    before = id_of(request.query.get("before", ""))
    found = await console.supervision.reviews.listed(replace(which, before=before, limit=PAGE + 1))
    context = {
        "tab": tab,
        "tabs": _tabs(who, tab),
        "rows": rows_of(found[:PAGE], await Names.of(console)),
        "more": found[PAGE - 1].id if len(found) > PAGE else 0,
        "is_first": before is None,
        "drawing": None,
    }
    return console, context


def _seen(request: web.Request, who: Viewer) -> ReviewSelection:
    return request.app[CONSOLE].supervision.reviews.of_others(lookout_in(request, who))


async def _listed(request: web.Request, who: Viewer, tab: str, which: ReviewSelection, **more: object) -> web.Response:
    _, context = await list_context(request, who, tab, which)
    context |= more | {"made": id_of(request.query.get("made", ""))}
    return render(request, who, "reviews_list.html", status=200, **context)


def _tabs(who: Viewer, current: str) -> list[tuple[str, str, bool]]:
    """(path, title, whether it is open) of the lists that she may open."""
    return [
        (f"/console/reviews{'' if name == 'mine' else f'/{name}'}", text(f"review_tabs.{name}"), name == current)
        for name in _lists(who)
    ]


def _lists(who: Viewer) -> tuple[str, ...]:
    reviewing = ("tasks", "all", "appeals", "agreement") if who.may(Right.REVIEW_WRITE) else ()
    return reviewing if reviewing and who.agent is None else ("mine", *reviewing)
