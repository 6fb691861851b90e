"""Which of a ticket's fields tell who the customer is, and how is one of them revealed?"""

from __future__ import annotations

from aiohttp import web

from bot.access import Right
from bot.console.access import Viewer, ticket_for, viewer_of
from bot.console.catalogue import text, text_or
from bot.console.revealing import Field, Revealing, reveal
from bot.console.session import PATH
from bot.console.sign_in.forms import form_of
from handoff import Ticket


def private_fields(ticket: Ticket, who: Viewer) -> tuple[Field, ...]:
    """What is known of the customer: what was collected, and the platform's id of her, as this viewer sees it."""
    revealing = Revealing(f"{PATH}/tickets/{ticket.id}/reveal", allowed=who.may(Right.FIELD_REVEAL))
    return tuple(revealing.field(name, label, value) for name, (label, value) in _values(ticket).items())


async def reveal_field(request: web.Request) -> web.Response:
    """看完整内容: one field, with a reason."""
    who, form = await viewer_of(request), await form_of(request)
    ticket = await ticket_for(request, who, int(request.match_info["ticket"]))
    name = form.get("field", "")
    field = next((each for each in private_fields(ticket, who) if each.name == name and each.action), None)
    if field is None:
        raise web.HTTPBadRequest
    value = _values(ticket)[name][1]
    back = f"{PATH}/tickets/{ticket.id}"
    return await reveal(request, form, field=field, value=value, on=f"ticket:{ticket.id}", back=back)


def _values(ticket: Ticket) -> dict[str, tuple[str, str]]:
    collected = {name: (text_or("collected", name), value) for name, value in ticket.summary.collected.items()}
    return {**collected, "customer": (text("revealing.customer"), ticket.customer)}
