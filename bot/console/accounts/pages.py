"""How do the accounts stand? Read at once; what the platforms say is asked only when somebody wants to know."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from bot.account_desk import LONGEST_S, Examined
from bot.console.access import id_of, viewer_of
from bot.console.accounts.view import letter_rows, queue_rows, standing_of, usage_rows
from bot.console.catalogue import text
from bot.console.console import CONSOLE
from bot.console.names import Names
from bot.console.page import render
from bot.console.session import PATH

PAGE: Final = 50  # letters on a page
MOST_AT_ONCE: Final = PAGE


async def accounts_page(request: web.Request) -> web.Response:
    """Accounts, queues, dead letters, limits."""
    return await _page(request)


async def examine(request: web.Request) -> web.Response:
    """检查一遍: what the doctor asks, now; the page comes when it is through, or when the time is over."""
    found = await request.app[CONSOLE].wall_side.accounts.examine()
    return await _page(request, examined=found, note="" if found else text("accounts_notes.busy"))


async def retry(request: web.Request) -> web.Response:
    """重新送出: those that were chosen; uncertain ones only where she says that twice is better than never."""
    who, desk = await viewer_of(request), request.app[CONSOLE].wall_side.accounts
    form = await request.post()
    chosen = [each for value in form.getall("letter", []) if (each := id_of(str(value))) is not None]
    if not chosen:
        return await _page(request, status=422, note=text("accounts_notes.none_chosen"))
    done = await desk.retry(chosen[:MOST_AT_ONCE], by=who.id, uncertain_too=form.get("uncertain") == "yes")
    more = f"?retried={len(done.retried)}&refused={len(done.refused)}#letters"
    return web.Response(status=303, headers={"Location": f"{PATH}/accounts{more}"})


async def _page(
    request: web.Request, *, status: int = 200, examined: Examined | None = None, note: str = ""
) -> web.Response:
    console, who = request.app[CONSOLE], await viewer_of(request)
    desk, names = console.wall_side.accounts, await Names.of(console)
    letters = await desk.letters(before=id_of(request.query.get("before", "")), limit=PAGE + 1)
    health = await desk.health()
    retried, refused = (id_of(request.query.get(name, "")) for name in ("retried", "refused"))
    context = {
        "accounts": [(each.name, text(f"accounts_kinds.{each.kind}")) for each in desk.settings.accounts],
        "examined": examined,
        "lines": [each.line("zh") for each in examined.findings] if examined else [],
        "examined_at": names.moment(examined.at) if examined else "",
        "cut_off": text("accounts_notes.cut_off", seconds=round(LONGEST_S)),
        "standing": standing_of(health),
        "queues": queue_rows(health, names),
        "usage": usage_rows(await desk.usage()),
        "letters": letter_rows(letters[:PAGE], names),
        "next": letters[PAGE - 1].id if len(letters) > PAGE else None,
        "note": note,
        "retried": text("accounts_notes.retried", count=retried) if retried else "",
        "refused": text("accounts_notes.refused", count=refused) if refused else "",
    }
    return render(request, who, "accounts.html", status=status, **context)
