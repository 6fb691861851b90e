"""How are webhooks made, tried, switched and removed? A form, and a page for each with what it was told."""

from __future__ import annotations

from aiohttp import web

from bot.api import Hook, HookInvalid
from bot.console.access import viewer_of
from bot.console.catalogue import text
from bot.console.connect.rows import delivery_row, hook_row
from bot.console.connect.token_pages import Typed, show
from bot.console.console import CONSOLE
from bot.console.names import Names
from bot.console.page import render
from bot.console.session import actor_of


async def add(request: web.Request) -> web.Response:
    """A new webhook; its page shows the secret."""
    who, form = await viewer_of(request), await request.post()
    name, url = str(form.get("name", "")).strip(), str(form.get("url", "")).strip()
    events = [str(each) for each in form.getall("events", [])]
    try:
        hook = await request.app[CONSOLE].hooks.add(name, url, events, by=actor_of(request))
    except HookInvalid as error:
        wrong = {error.field: text(f"connect_wrong.{error.why}")}
        return await show(request, who, hook=Typed({"name": name, "url": url}, frozenset(events), wrong))
    return _back(hook.id)


async def detail(request: web.Request) -> web.Response:
    """One webhook: its secret, and what it was told."""
    who, console = await viewer_of(request), request.app[CONSOLE]
    hook, names = await _hook(request), await Names.of(console)
    return render(
        request,
        who,
        "connect_webhook.html",
        hook=hook_row(hook, names),
        secret=console.hooks.secret_of(hook),
        deliveries=[delivery_row(each, names) for each in await console.hooks.deliveries(hook.id)],
    )


async def switch(request: web.Request) -> web.Response:
    """On, or off."""
    hook = await _hook(request)
    await request.app[CONSOLE].hooks.switch(hook.id, on=hook.state != "on", by=actor_of(request))
    return _back(hook.id)


async def try_out(request: web.Request) -> web.Response:
    """Tell it of nothing, to see that it hears."""
    hook = await _hook(request)
    await request.app[CONSOLE].hooks.try_out(hook.id)
    return _back(hook.id)


async def renew(request: web.Request) -> web.Response:
    """Another secret."""
    hook = await _hook(request)
    await request.app[CONSOLE].hooks.renew(hook.id, by=actor_of(request))
    return _back(hook.id)


async def remove(request: web.Request) -> web.Response:
    """It is gone."""
    hook = await _hook(request)
    await request.app[CONSOLE].hooks.remove(hook.id, by=actor_of(request))
    return web.Response(status=303, headers={"Location": "/console/connect"})


async def again(request: web.Request) -> web.Response:
    """Send once more what was given up."""
    hook = await _hook(request)
    await request.app[CONSOLE].hooks.again(hook.id, request.match_info["delivery"])
    return _back(hook.id)


async def _hook(request: web.Request) -> Hook:
    hook = await request.app[CONSOLE].hooks.get(int(request.match_info["hook"]))
    if hook is None:
        raise web.HTTPNotFound
    return hook


def _back(hook_id: int) -> web.Response:
    return web.Response(status=303, headers={"Location": f"/console/connect/webhooks/{hook_id}"})
