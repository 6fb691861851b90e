"""How does one review look: the conversation, the sheet, what was commented, what became of it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import web

from archive.reviews import ReviewEvent, ReviewState
from bot.access import Right
from bot.console.access import Viewer, viewer_of
from bot.console.archive.played import findings_of, lines_of, mood_curve
from bot.console.catalogue import text
from bot.console.console import CONSOLE
from bot.console.lookout import lookout_in, whole_id, working_id
from bot.console.names import Names
from bot.console.page import render
from bot.supervision import OpenedReview


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed and is shown again. marks: by node; comments: by entry id. wrong: by field; refused: why not."""

    marks: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    comments: Mapping[int, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""


@dataclass(frozen=True, slots=True)
class CommentShown:
    """A comment beside an utterance."""

    by: str
    text: str


@dataclass(frozen=True, slots=True)
class EventShown:
    """A line of the history."""

    who: str
    what: str
    moment: str
    total: str
    note: str


@dataclass(frozen=True, slots=True)
class NodeShown:
    """A line of the sheet. mark: as typed or kept, "": none yet, "-": does not apply. automatic: rules that found."""

    number: int
    name: str
    ask: str
    weight: str
    points: int
    fatal: bool
    mark: str
    automatic: tuple[str, ...]
    is_looked_at: bool
    wrong: str


async def opened_review(request: web.Request, who: Viewer) -> OpenedReview:
    """The review of the path. Raises HTTPNotFound where there is none that she may see."""
    console = request.app[CONSOLE]
    opened = await console.supervision.reviews.opened(whole_id(request, "review"), lookout_in(request, who))
    if opened is None:
        raise web.HTTPNotFound
    return opened


async def review_page(request: web.Request) -> web.Response:
    """One review."""
    who = await viewer_of(request)
    return await shown(request, who, await opened_review(request, who), Typed())


async def shown(request: web.Request, who: Viewer, opened: OpenedReview, typed: Typed) -> web.Response:
    """The page; what was typed stays where it was wrong."""
    names, review = await Names.of(request.app[CONSOLE]), opened.review
    played = opened.replay.playback if opened.replay else None
    lines = lines_of(played, names) if played else []
    may_score = (
        review.reviewer == working_id(who)
        and review.state in {ReviewState.ASSIGNED, ReviewState.SCORED}
        and opened.sheet is not None
        and played is not None
    )
    may_settle = (
        who.may(Right.REVIEW_WRITE)
        and review.state is ReviewState.APPEALED
        and review.agent != working_id(who)
        and opened.sheet is not None
    )
    back = "mine" if review.agent == working_id(who) else "tasks" if review.reviewer == working_id(who) else "all"
    mine = _last_comments(opened.events, working_id(who)) if may_score else {}
    return render(
        request,
        who,
        "reviews_one.html",
        status=422 if typed.wrong else 409 if typed.refused else 200,
        review=review,
        agent=names.agent(review.agent),
        reviewer=names.agent(review.reviewer),
        state=text(f"review_states.{review.state.value}"),
        lines=lines,
        curve=mood_curve(lines),
        findings=findings_of(played, names) if played else [],
        comments=_comments(opened.events, names),
        typed=typed.comments or mine,
        may_comment=may_score,
        may_score=may_score,
        may_settle=may_settle,
        may_appeal=review.agent == working_id(who) and review.state is ReviewState.SCORED,
        nodes=_nodes(opened, typed),
        sheet=opened.sheet,
        note=typed.note or (_last_note(opened.events, working_id(who)) if may_score else ""),
        wrong=typed.wrong,
        refused=typed.refused,
        events=[_event(each, names) for each in opened.events],
        saved=request.query.get("saved") == "1",
        back=f"/console/reviews{'' if back == 'mine' else f'/{back}'}",
        back_title=text(f"review_tabs.{back}"),
    )


def _nodes(opened: OpenedReview, typed: Typed) -> list[NodeShown]:
    marks = opened.review.marks or {}
    if opened.sheet is None:
        points = opened.review.outcome.points if opened.review.outcome else {}
        return [
            NodeShown(
                n,
                name,
                "",
                "",
                points.get(name, 1),
                fatal=False,
                mark=_mark(mark),
                automatic=(),
                is_looked_at=False,
                wrong="",
            )
            for n, (name, mark) in enumerate(marks.items())
        ]
    whole = sum(node.weight for node in opened.sheet.nodes)
    return [
        NodeShown(
            number=number,
            name=node.name,
            ask=node.ask,
            weight=f"{node.weight / whole:.0%}",
            points=node.points,
            fatal=node.fatal,
            mark=typed.marks.get(node.name, _mark(marks[node.name]) if node.name in marks else ""),
            automatic=tuple(sorted({each.rule for each in opened.automatic.get(node.name, ())})),
            is_looked_at=bool(node.rules),
            wrong=typed.wrong.get(node.name, ""),
        )
        for number, node in enumerate(opened.sheet.nodes)
    ]


def _mark(mark: int | None) -> str:
    return "-" if mark is None else str(mark)


def _comments(events: Sequence[ReviewEvent], names: Names) -> dict[int, list[CommentShown]]:
    """The newest words of each reviewer about each utterance, by entry id."""
    latest: dict[tuple[int, str], str] = {}
    for event in events:
        if event.kind is ReviewState.SCORED:
            latest = {key: said for key, said in latest.items() if key[1] != event.by}
        latest |= {(each.entry_id, event.by): each.text for each in event.words.comments}
    found: dict[int, list[CommentShown]] = {}
    for (entry_id, by), said in latest.items():
        found.setdefault(entry_id, []).append(CommentShown(names.agent(by), said))
    return found


def _last_comments(events: Sequence[ReviewEvent], by: str) -> dict[int, str]:
    scored = _last_scored(events, by)
    return {each.entry_id: each.text for each in scored.words.comments} if scored else {}


def _last_note(events: Sequence[ReviewEvent], by: str) -> str:
    scored = _last_scored(events, by)
    return scored.words.note if scored else ""


def _last_scored(events: Sequence[ReviewEvent], by: str) -> ReviewEvent | None:
    return next((each for each in reversed(events) if each.kind is ReviewState.SCORED and each.by == by), None)


def _event(each: ReviewEvent, names: Names) -> EventShown:
    return EventShown(
        who=names.agent(each.by),
        what=text(f"review_events.{each.kind.value}"),
        moment=names.moment(each.at),
        total="" if each.total is None else f"{each.total:g}",
        note=each.words.note,
    )
