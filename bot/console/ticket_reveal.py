"""How is one of a ticket's private fields revealed?"""

from __future__ import annotations

from aiohttp import web

from bot.console.access import ticket_for, viewer_of
from bot.console.actions import form_of
from bot.console.revealing import reveal
from bot.console.session import PATH
from bot.console.ticket_private import private_fields, values


async def reveal_field(request: web.Request) -> web.Response:
    """看完整内容: one field, with a reason."""
    who, form = await viewer_of(request), await form_of(request)
    ticket = await ticket_for(request, who, int(request.match_info["ticket"]))
    name = form.get("field", "")
    field = next((each for each in private_fields(ticket, who) if each.name == name and each.action), None)
    if field is None:
        raise web.HTTPBadRequest
    value = values(ticket)[name][1]
    back = f"{PATH}/tickets/{ticket.id}"
    return await reveal(request, form, field=field, value=value, on=f"ticket:{ticket.id}", back=back)
