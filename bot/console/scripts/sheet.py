"""One script: read, written, previewed, checked, submitted and approved."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import aiohttp_jinja2
import structlog
from aiohttp import web

from bot.access import Right
from bot.console.access import Viewer, viewer_of
from bot.console.catalogue import TEXTS, text
from bot.console.console import CONSOLE
from bot.console.names import Names
from bot.console.page import render
from bot.console.scripts.form import Form, empty_form, form_of, posted_form, script_in
from bot.console.scripts.wechat import bubbles_of
from bot.console.session import actor_of
from bot.learning import UseKind
from bot.platform.media import MAGIC_BYTES, recognise
from bot.studio.differences import differences
from bot.studio.scripts import Sheet, needs_approval
from knowledge_base import CHANNELS, STATES, MoveRefused, Overtaken, Script, State

LONGEST_WHY = 500  # what the history keeps
_COUNTED = (UseKind.SHOWN, UseKind.CHOSEN, UseKind.UNHELPFUL, UseKind.PERSON)
_log = structlog.get_logger()


async def new_page(request: web.Request) -> web.Response:
    """The empty form."""
    return await _page(request, await viewer_of(request), None, empty_form())


async def sheet_page(request: web.Request) -> web.Response:
    """The script and its form."""
    sheet = await _sheet(request)
    return await _page(request, await viewer_of(request), sheet, form_of(sheet.shown))


async def create(request: web.Request) -> web.Response:
    """A new draft."""
    who, form = await viewer_of(request), posted_form(await request.post())
    return await _save(request, who, None, form)


async def save(request: web.Request) -> web.Response:
    """The draft as it was typed; where somebody else saved meanwhile both are shown, and nothing is lost."""
    who, form = await viewer_of(request), posted_form(await request.post())
    return await _save(request, who, await _sheet(request), form)


async def move(request: web.Request) -> web.Response:
    """The next step: to review, live, back, out of service."""
    who, sheet = await viewer_of(request), await _sheet(request)
    fields = await request.post()
    to = str(fields.get("to", ""))
    if to not in STATES:
        raise web.HTTPBadRequest
    if needs_approval(sheet, cast("State", to)) and not who.may(Right.SCRIPT_APPROVE):
        raise web.HTTPForbidden
    scripts, why = request.app[CONSOLE].studio.scripts, str(fields.get("why", ""))[:LONGEST_WHY]
    token, actor = str(fields.get("token", "")), actor_of(request)
    try:
        await scripts.move(sheet.script.id, cast("State", to), token, by=actor, why=why)
    except MoveRefused:
        return await _page(request, who, sheet, form_of(sheet.shown), status=409, wrong=text("scripts_says.refused"))
    except Overtaken:
        return await _page(request, who, sheet, form_of(sheet.shown), status=409, wrong=text("scripts_says.overtaken"))
    return _see(sheet.script.id)


async def discard(request: web.Request) -> web.Response:
    """Forget the edit of a live script."""
    who, sheet = await viewer_of(request), await _sheet(request)
    try:
        await request.app[CONSOLE].studio.scripts.discard(sheet.script.id, str((await request.post()).get("token", "")))
    except Overtaken:
        return await _page(request, who, sheet, form_of(sheet.shown), status=409, wrong=text("scripts_says.overtaken"))
    return _see(sheet.script.id)


async def preview(request: web.Request) -> web.Response:
    """How the form as typed would look; a fragment. What is not right yet is said in its place."""
    fields = await request.post()
    made = script_in(posted_form(fields), str(fields.get("of", "")))
    channel = str(fields.get("channel", ""))
    shown = await bubbles_of(request.app[CONSOLE], made, channel) if isinstance(made, Script) else ()
    context = {"bubbles": shown, "shop": request.app[CONSOLE].shop_name(), "mistaken": isinstance(made, Form)}
    return aiohttp_jinja2.render_template("scripts_preview.html", request, context)


async def findings(request: web.Request) -> web.Response:
    """What the checks find about it; a fragment."""
    sheet = await _sheet(request)
    found = await request.app[CONSOLE].studio.checks.about(sheet.script.id)
    context = {"found": found, "me": sheet.script.id, "kinds": TEXTS["scripts_findings"]}
    return aiohttp_jinja2.render_template("scripts_findings.html", request, context)


async def picture(request: web.Request) -> web.Response:
    """A picture of the content pack."""
    data = await request.app[CONSOLE].studio.scripts.picture(request.match_info["name"])
    if data is None:
        raise web.HTTPNotFound
    _, content_type = recognise(data[:MAGIC_BYTES])
    return web.Response(body=data, content_type=content_type)


async def _sheet(request: web.Request) -> Sheet:
    sheet = await request.app[CONSOLE].studio.scripts.sheet(request.match_info["script"])
    if sheet is None:
        raise web.HTTPNotFound
    return sheet


async def _save(request: web.Request, who: Viewer, sheet: Sheet | None, form: Form) -> web.Response:
    made = script_in(form, sheet.script.id if sheet else "")
    if isinstance(made, Form):
        return await _page(request, who, sheet, made, status=422)
    try:
        await request.app[CONSOLE].studio.scripts.save(made, form.texts.get("token", ""), by=who.id)
    except Overtaken:
        theirs = await request.app[CONSOLE].studio.scripts.sheet(made.id)
        return await _page(request, who, theirs, form, status=409, mine=made)
    _log.info("console.script_saved", script=made.id, person=who.id)
    return _see(made.id)


async def _page(
    request: web.Request,
    who: Viewer,
    sheet: Sheet | None,
    form: Form,
    *,
    status: int = 200,
    wrong: str = "",
    mine: Script | None = None,
) -> web.Response:
    console = request.app[CONSOLE]
    shown = sheet.shown if sheet else None
    steps = (
        [to for to in sheet.steps if who.may(Right.SCRIPT_APPROVE) or not needs_approval(sheet, to)] if sheet else []
    )
    counted = await console.studio.scripts.counted(sheet.script.id) if sheet else None
    return render(
        request,
        who,
        "scripts_sheet.html",
        status=status,
        sheet=sheet,
        form=form,
        steps=steps,
        wrong=wrong,
        names=await Names.of(console),
        conflict=differences(replace(sheet.shown, state="draft"), mine) if sheet and mine else None,
        pending=differences(sheet.script, replace(sheet.edit.script, state="live")) if sheet and sheet.edit else None,
        bubbles=await bubbles_of(console, shown, CHANNELS[0]) if shown else (),
        mistaken=False,
        counted=[(kind.value, counted[kind]) for kind in _COUNTED] if counted else [],
        channels=CHANNELS,
        words=TEXTS,
    )


def _see(script_id: str) -> web.Response:
    return web.Response(status=303, headers={"Location": f"/console/scripts/s/{script_id}"})
