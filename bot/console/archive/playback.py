"""How does one conversation read again: line by line, with its mood, its findings and its facts?"""

from __future__ import annotations

from aiohttp import web

from bot.access import Action
from bot.console.access import id_of, viewer_of
from bot.console.actions import form_of
from bot.console.archive.played import facts_of, findings_of, lines_of, mood_curve
from bot.console.catalogue import TEXTS
from bot.console.console import CONSOLE
from bot.console.lookout import lookout_in, whole_id
from bot.console.names import Names
from bot.console.page import render
from bot.console.session import actor_of


async def decide(request: web.Request) -> web.Response:
    """Confirm or dismiss a finding of the conversation. Raises HTTPNotFound where she may not see it."""
    who, session, form = await viewer_of(request), whole_id(request, "session"), await form_of(request)
    finding, state = id_of(form.get("finding", "")), form.get("state", "")
    if finding is None or state not in TEXTS["archive_states"]:
        raise web.HTTPBadRequest
    console = request.app[CONSOLE]
    lookout, actor = lookout_in(request, who), actor_of(request)
    if not await console.supervision.reviews.decide(session, finding, state, lookout, actor=actor):
        raise web.HTTPNotFound
    return web.Response(status=303, headers={"Location": f"/console/archive/conversation/{session}"})


async def playback_page(request: web.Request) -> web.Response:
    """The conversation. Raises HTTPNotFound where there is none that she may see."""
    who, console = await viewer_of(request), request.app[CONSOLE]
    replay = await console.supervision.archive.play(whole_id(request, "session"), lookout_in(request, who))
    if replay is None:
        raise web.HTTPNotFound
    await console.access.log.record(
        Action.CONVERSATION_READ, by=actor_of(request), on=f"session:{replay.playback.session.id}"
    )
    names, played = await Names.of(console), replay.playback
    lines = lines_of(played, names)
    return render(
        request,
        who,
        "archive_playback.html",
        session=played.session,
        title=names.customer(played.session.account, played.session.customer or played.session.room),
        began=names.moment(played.session.started_at),
        lines=lines,
        curve=mood_curve(lines),
        findings=findings_of(played, names),
        facts=facts_of(played.session, names),
        keywords=played.keywords,
        tags=played.tags,
        tickets=[(number, names.team(team)) for number, team in replay.tickets],
        withheld=played.withheld,
        earlier=played.earlier,
        later=played.later,
        severities=TEXTS["archive_severities"],
    )
