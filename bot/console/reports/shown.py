"""What does the report page show: the measures at once, and what was said as soon as it is reckoned?"""

from __future__ import annotations

from urllib.parse import urlencode

import aiohttp_jinja2
from aiohttp import web

from bot.access import Right
from bot.console.access import viewer_of
from bot.console.console import CONSOLE
from bot.console.names import Names
from bot.console.page import render
from bot.console.reports.asked import report_asked
from bot.console.reports.pictures import picture


async def report_page(request: web.Request) -> web.Response:
    """The measures of a period and team."""
    who, console = await viewer_of(request), request.app[CONSOLE]
    asked = report_asked(request, who)
    pictures = []
    if asked.window is not None:
        desk = console.supervision.reports
        sheets = await desk.figures(desk.scope(*asked.window, asked.team))
        pictures = [picture(each) for each in sheets.values()]
    return render(
        request,
        who,
        "reports_page.html",
        status=422 if asked.wrong else 200,
        asked=asked,
        pictures=pictures,
        may_export=who.may(Right.DATA_EXPORT),
    )


async def said_fragment(request: web.Request) -> web.Response:
    """Topics, bursts and moods of the same period, loaded by the page when it is there."""
    who, console = await viewer_of(request), request.app[CONSOLE]
    asked = report_asked(request, who)
    if asked.window is None:
        raise web.HTTPBadRequest
    report, sheets = await console.supervision.reports.said(*asked.window, asked.lookout)
    period = {"since": asked.period.first, "until": asked.period.last, "team": asked.team}
    may_search = who.may(Right.ARCHIVE_READ)
    links = {
        "topics": [_search({"topic": each.id} | period) for each in report.topics],
        "bursts": [_search({"q": each.key} | period) for each in report.bursts],
    }
    context = {
        "pictures": [picture(each, links.get(name, ()) if may_search else ()) for name, each in sheets.items()],
        "report": report,
        "reckoned": (await Names.of(console)).moment(report.at),
    }
    return aiohttp_jinja2.render_template("reports_said.html", request, context)


def _search(fields: dict[str, str]) -> str:
    return "/console/archive?" + urlencode({name: value for name, value in fields.items() if value})
