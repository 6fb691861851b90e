"""How do a report's figures leave as a file? CSV for Excel, or a workbook; a right of its own."""

from __future__ import annotations

import asyncio

from aiohttp import web

from bot.access import Action
from bot.console.access import viewer_of
from bot.console.console import CONSOLE
from bot.console.reports.asked import report_asked
from bot.console.session import actor_of
from bot.figures import BOM, Sheet, as_workbook

_CSV = "text/csv"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def export_file(request: web.Request) -> web.Response:
    """?form=csv | xlsx, with the fields of the report page. Raises HTTPBadRequest for what that page would refuse."""
    who, console = await viewer_of(request), request.app[CONSOLE]
    asked, form = report_asked(request, who), request.query.get("form", "")
    if asked.window is None or form not in {"csv", "xlsx"}:
        raise web.HTTPBadRequest
    desk = console.supervision.reports
    figures = await desk.figures(desk.scope(*asked.window, asked.team))
    _, said = await desk.said(*asked.window, asked.lookout)
    sheets = [*figures.values(), *said.values()]
    await console.access.log.record(Action.DATA_EXPORTED, by=actor_of(request), on=f"reports:{form}")
    body = await asyncio.to_thread(_csv if form == "csv" else as_workbook, sheets)
    name = f"xiaoer-{asked.period.first}-{asked.period.last}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(
        body=body, content_type=_CSV if form == "csv" else _XLSX, charset="utf-8" if form == "csv" else None,
        headers=headers,
    )  # fmt: skip


def _csv(sheets: list[Sheet]) -> bytes:
    """Each report under its title, an empty line between two."""
    return (BOM + "\r\n".join(f"{each.title}\r\n{each.as_csv()}" for each in sheets)).encode()
