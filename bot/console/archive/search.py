"""Which conversations fit what a supervisor looks for? A form and a page of results, the latest first."""

from __future__ import annotations

from aiohttp import web

from archive.playback import FoundPage
from bot.console.access import viewer_of
from bot.console.archive.asked import asked, of_topic
from bot.console.archive.found import row_of
from bot.console.catalogue import TEXTS
from bot.console.console import CONSOLE
from bot.console.lookout import lookout_in, teams_of
from bot.console.names import Names
from bot.console.page import render

_NOTHING = FoundPage((), None)


async def search_page(request: web.Request) -> web.Response:
    """The form, and what fits. ?after= goes on where a page ended."""
    who, console = await viewer_of(request), request.app[CONSOLE]
    form, lookout = asked(request.query, console.tz), lookout_in(request, who)
    supervision, names = console.supervision, await Names.of(console)
    wish, topic_name = form.wish, ""
    if form.topic:
        topic = await supervision.reports.topic(form.topic, form.period.since, form.period.until, lookout)
        topic_name = topic.name if topic else ""
        wish = of_topic(wish, topic.questions if topic else ())
    page = _NOTHING if form.period.wrong else await supervision.archive.find(wish, lookout.narrowed(form.team))
    return render(
        request,
        who,
        "archive_search.html",
        status=422 if form.period.wrong else 200,
        form=form,
        choices=supervision.archive.choices(),
        agents=sorted(names.agents.items(), key=lambda each: each[1]),
        teams=teams_of(lookout, console),
        topic_name=topic_name,
        feelings=TEXTS["archive_feelings"],
        rows=[row_of(each, form.wish.text, names) for each in page.found],
        next_page=form.page_after(page.after) if page.after else "",
        narrowed=any(form.fields.values()),
        is_first=form.wish.after is None,
    )
