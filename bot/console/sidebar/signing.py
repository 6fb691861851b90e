"""Who may have a page signed for WeCom's JS-SDK? Whoever is signed in, and no page but the sidebar's own."""

from __future__ import annotations

import structlog
from aiohttp import web

from bot.console.actions import form_of
from bot.console.catalogue import text
from bot.console.console import CONSOLE
from bot.console.sidebar.shell import app_of
from bot.platform import ApiError, PlatformError, TicketKind

_log = structlog.get_logger()


async def sign(request: web.Request) -> web.Response:
    """JSON as the SDK wants it: timestamp, nonceStr, signature; else why not, and what to do.

    url: of the page, as it is there. kind: corp | agent. again: "1" where WeCom refused the last signature.
    """
    app, form, signer = app_of(request), await form_of(request), request.app[CONSOLE].sidebar.signer
    try:
        kind = TicketKind(form.get("kind", ""))
    except ValueError as error:
        raise web.HTTPBadRequest from error
    try:
        signed = await signer.signed(app.account, kind, form.get("url", ""), again=form.get("again") == "1")
    except PlatformError as error:
        _log.warning("console.sidebar_unsigned", account=app.account, error=str(error))
        advice = error.advice if isinstance(error, ApiError) else text("sidebar.unreachable")
        return web.json_response({"why": text("sidebar.no_ticket"), "advice": advice}, status=502)
    if signed is None:
        _log.warning("console.sidebar_foreign_page", account=app.account)
        advice = text("sidebar.foreign_advice", pages=signer.pages)
        return web.json_response({"why": text("sidebar.foreign"), "advice": advice}, status=422)
    return web.json_response({"timestamp": signed.timestamp, "nonceStr": signed.nonce, "signature": signed.signature})
