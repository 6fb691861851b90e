"""How is one of a ticket's private fields revealed?"""

from __future__ import annotations

from aiohttp import web

from bot.console.access import ticket_for, viewer_of
from bot.console.actions import form_of
from bot.console.revealing import reveal
from bot.console.session import PATH
from bot.console.ticket_private import private_fields, values
from handoff import Ticket


async def reveal_field(request: web.Request) -> web.Response:
    """看完整内容: one field, with a reason."""
    ticket = await ticket_for(request, await viewer_of(request), int(request.match_info["ticket"]))
    page = f"{PATH}/tickets/{ticket.id}"
    return await revealed(request, ticket, action=f"{page}/reveal", back=page)


async def revealed(request: web.Request, ticket: Ticket, *, action: str, back: str) -> web.Response:
    """The field that the form names, or the question for a reason. action: of the form. back: the page it stands on.

    Raises HTTPBadRequest for a field that this viewer cannot ask for.
    """
    who, form = await viewer_of(request), await form_of(request)
    name = form.get("field", "")
    fields = private_fields(ticket, who, action=action)
    field = next((each for each in fields if each.name == name and each.action), None)
    if field is None:
        raise web.HTTPBadRequest
    return await reveal(request, form, field=field, value=values(ticket)[name][1], on=f"ticket:{ticket.id}", back=back)
