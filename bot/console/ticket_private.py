"""Which of a ticket's fields tell who the customer is?"""

from __future__ import annotations

from bot.access import Right
from bot.console.access import Viewer
from bot.console.catalogue import text, text_or
from bot.console.revealing import Field, Revealing
from bot.console.session import PATH
from handoff import Ticket


def private_fields(ticket: Ticket, who: Viewer, *, action: str = "") -> tuple[Field, ...]:
    """What is known of the customer: what was collected, and the platform's id of her, as this viewer sees it.

    action: where another page than the ticket's asks for one of them.
    """
    revealing = Revealing(action or f"{PATH}/tickets/{ticket.id}/reveal", allowed=who.may(Right.FIELD_REVEAL))
    return tuple(revealing.field(name, label, value) for name, (label, value) in values(ticket).items())


def values(ticket: Ticket) -> dict[str, tuple[str, str]]:
    """Label and value of each field, by its name; the platform's id of her comes last."""
    collected = {name: (text_or("collected", name), value) for name, value in ticket.summary.collected.items()}
    return {**collected, "customer": (text("revealing.customer"), ticket.customer)}
