"""What can she do beside the chat? Decide about a tag, and see one private field with a reason."""

from __future__ import annotations

from aiohttp import web

from bot.console.access import ticket_for, viewer_of
from bot.console.actions import form_of
from bot.console.console import CONSOLE
from bot.console.sidebar.customer import shown
from bot.console.sidebar.shell import app_of
from bot.console.ticket_actions import decide_tag
from bot.console.ticket_reveal import revealed
from bot.sidebar import PATH


async def tag(request: web.Request) -> web.Response:
    """钉住, 不是, 交回规则: as on the ticket's page. Answers with the customer as she stands then."""
    app_of(request)
    who, form = await viewer_of(request), await form_of(request)
    ticket = await ticket_for(request, who, int(request.match_info["ticket"]))
    await decide_tag(request.app[CONSOLE], who, ticket, form)
    return await shown(request, who, form.get("id", ""))


async def reveal_field(request: web.Request) -> web.Response:
    """看完整内容, and back to the sidebar."""
    app = app_of(request)
    ticket = await ticket_for(request, await viewer_of(request), int(request.match_info["ticket"]))
    root = f"{PATH}/{app.account}"
    return await revealed(request, ticket, action=f"{root}/tickets/{ticket.id}/reveal", back=root)
