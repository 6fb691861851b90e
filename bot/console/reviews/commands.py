"""What may be done about reviews: draw, score, appeal, settle? Each form checked, then one command."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Mapping
from typing import Final, Protocol

import structlog
from aiohttp import web

from archive.reviews import Comment, Marks, MarksBroken, ReviewRefused, Words
from bot.access import Actor
from bot.console.access import Viewer, viewer_of
from bot.console.actions import form_of
from bot.console.catalogue import text
from bot.console.console import CONSOLE
from bot.console.lookout import lookout_in, working_id
from bot.console.names import Names
from bot.console.page import render
from bot.console.reviews.drawn import read_drawing
from bot.console.reviews.lists import list_context
from bot.console.reviews.one import Typed, opened_review, shown
from bot.console.session import actor_of
from bot.supervision import OpenedReview

LONGEST_NOTE: Final = 1000
LONGEST_COMMENT: Final = 500
_COMMENT: Final = re.compile(r"comment-(\d{1,18})")
_log = structlog.get_logger()


class _Command(Protocol):
    """A step of which marks and words are part."""

    def __call__(
        self, opened: OpenedReview, marks: Marks, words: Words, by: str, *, actor: Actor
    ) -> Awaitable[ReviewRefused | None]: ...


async def draw(request: web.Request) -> web.Response:
    """Draw a sample and deal it out."""
    who, console = await viewer_of(request), request.app[CONSOLE]
    form = await form_of(request)
    chosen = [str(each) for each in (await request.post()).getall("reviewers", [])]
    read = read_drawing(console, await Names.of(console), who, form, chosen)
    lookout = lookout_in(request, who)
    if read.drawing is None:
        which = console.supervision.reviews.of_others(lookout)
        _, context = await list_context(request, who, "all", which)
        return render(request, who, "reviews_list.html", status=422, **(context | {"drawing": read, "made": None}))
    made = await console.supervision.reviews.draw(read.drawing, lookout, actor=actor_of(request))
    return _see(f"/console/reviews/all?made={made}")


async def score(request: web.Request) -> web.Response:
    """The reviewer's marks and comments."""
    return await _judged(request, request.app[CONSOLE].supervision.reviews.score)


async def settle(request: web.Request) -> web.Response:
    """What counts after an appeal."""
    return await _judged(request, request.app[CONSOLE].supervision.reviews.settle)


async def appeal(request: web.Request) -> web.Response:
    """Whose work it was disagrees, with reasons."""
    who = await viewer_of(request)
    opened, form = await opened_review(request, who), await form_of(request)
    typed = Typed(note=_note(form))
    if not typed.note:
        return await shown(request, who, opened, Typed(wrong={"note": text("review_forms.no_reason")}))
    desk, words = request.app[CONSOLE].supervision.reviews, Words(typed.note)
    refused = await desk.appeal(opened, words, working_id(who), actor=actor_of(request))
    return await _done(request, who, opened, refused, typed)


async def _judged(request: web.Request, command: _Command) -> web.Response:
    who = await viewer_of(request)
    opened, form = await opened_review(request, who), await form_of(request)
    given = {} if opened.sheet is None else _given(form, [node.name for node in opened.sheet.nodes])
    typed = Typed(given, _note(form), _comments(form, opened))
    words = Words(typed.note, tuple(Comment(*each) for each in typed.comments.items()))
    try:
        marks = {name: _mark(value) for name, value in given.items() if value}
        refused = await command(opened, marks, words, working_id(who), actor=actor_of(request))
    except MarksBroken as broken:
        wrong = dict.fromkeys(broken.nodes, text("review_forms.no_mark"))
        return await shown(request, who, opened, Typed(given, typed.note, typed.comments, wrong))
    if refused is ReviewRefused.NO_REASON:
        wrong = {"note": text("review_forms.no_reason")}
        return await shown(request, who, opened, Typed(given, typed.note, typed.comments, wrong))
    return await _done(request, who, opened, refused, typed)


async def _done(
    request: web.Request, who: Viewer, opened: OpenedReview, refused: ReviewRefused | None, typed: Typed
) -> web.Response:
    outcome = "done" if refused is None else refused.value
    _log.info("console.review", person=who.id, review=opened.review.id, outcome=outcome)
    if refused is None:
        return _see(f"/console/reviews/{opened.review.id}?saved=1")
    why = text(f"review_refusals.{refused.value}")
    return await shown(request, who, opened, Typed(typed.marks, typed.note, typed.comments, refused=why))


def _given(form: Mapping[str, str], nodes: list[str]) -> dict[str, str]:
    """What was chosen for each node, by its place on the sheet; "" for nothing."""
    return {name: form.get(f"mark-{number}", "") for number, name in enumerate(nodes)}


def _mark(value: str) -> int | None:
    if value == "-":
        return None
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 2 else -1  # noqa: PLR2004 - at most 10


def _note(form: Mapping[str, str]) -> str:
    return form.get("note", "").replace("\r\n", "\n").strip()[:LONGEST_NOTE]


def _comments(form: Mapping[str, str], opened: OpenedReview) -> dict[int, str]:
    """Comments on utterances of this conversation, by entry id."""
    known = {each.entry.id for each in opened.replay.playback.lines} if opened.replay else set()
    found = ((_COMMENT.fullmatch(name), said.strip()[:LONGEST_COMMENT]) for name, said in form.items())
    return {int(match[1]): said for match, said in found if match and said and int(match[1]) in known}


def _see(path: str) -> web.Response:
    return web.Response(status=303, headers={"Location": path})
