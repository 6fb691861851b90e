"""How is a telephone number, an id or an address shown? Masked, until somebody who may asks with a reason.

For any module: `Revealing(action, allowed=…).field(name, label, value)` for the page, drawn by the macro of
`revealing.html`; and a POST route behind Right.FIELD_REVEAL whose handler ends in `reveal(request, …)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import aiohttp_jinja2
from aiohttp import web

from bot.access import Action
from bot.console.catalogue import text
from bot.console.console import CONSOLE
from bot.console.login import csrf_token
from bot.console.session import actor_of, session_of
from bot.masking import mask
from nlu import find_entities

SHORTEST_REASON: Final = 4  # characters: a word of two says nothing
LONGEST_REASON: Final = 200
# Names of fields, and kinds of entities, that tell who somebody is or where she can be found.
PRIVATE: Final = frozenset({"phone", "id_number", "address", "card", "mail", "customer", "unionid"})
_HIDDEN: Final = "····"
_TAIL: Final = 4  # characters by which a colleague recognises what she knows already
_LONG: Final = 8  # of what is shorter no tail is shown


@dataclass(frozen=True, slots=True)
class Field:
    """One value on a page. shown: what is drawn. action: where the reveal is asked for, "" where it cannot be."""

    name: str
    label: str
    shown: str
    action: str = ""


@dataclass(frozen=True, slots=True)
class Revealing:
    """The private fields of one object. action: its route for reveals. allowed: the viewer may use it."""

    action: str
    allowed: bool

    def field(self, name: str, label: str, value: str) -> Field:
        """The field as this viewer sees it."""
        if not is_private(name, value):
            return Field(name, label, value)
        return Field(name, label, masked(value), self.action if self.allowed else "")


def is_private(name: str, value: str) -> bool:
    """Does the field, by its name or by what it holds, tell who somebody is?"""
    return bool(value) and (name in PRIVATE or any(each.type in PRIVATE for each in find_entities(value)))


def masked(value: str) -> str:
    """The value with its end only, where it is a number or an id; else with what tells replaced by what it is."""
    if value.isascii():
        return _HIDDEN + (value[-_TAIL:] if len(value) > _LONG else "")
    hidden = mask(value)
    return hidden if hidden != value else _HIDDEN


async def reveal(
    request: web.Request, form: dict[str, str], *, field: Field, value: str, on: str, back: str
) -> web.Response:
    """Show one value on this answer alone, and write down who saw it and why.

    field: as the page shows it. on: the object for the audit log, e.g. "ticket:12". back: the page it stands on.
    A missing reason is 422, beside the field.
    """
    reason = form.get("reason", "").strip()[:LONGEST_REASON]
    context = {
        "shop": request.app[CONSOLE].shop_name(),
        "csrf": csrf_token(request.app[CONSOLE].secret, session_of(request)),
        "field": field,
        "reason": reason,
        "back": back,
        "value": "",
        "problem": "",
    }
    if len(reason) < SHORTEST_REASON:
        context["problem"] = text("revealing.no_reason", least=SHORTEST_REASON)
        return aiohttp_jinja2.render_template("revealing_page.html", request, context, status=422)
    log = request.app[CONSOLE].access.log
    await log.record(Action.FIELD_REVEALED, by=actor_of(request), on=f"{on}#{field.name}", reason=reason)
    context["value"] = value
    return aiohttp_jinja2.render_template("revealing_page.html", request, context)
