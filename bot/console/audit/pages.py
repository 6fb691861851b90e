"""What does the audit log show? The newest rows first, filtered, page by page; and whether its chain is whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from bot.access import Action, Broken, Head, Record
from bot.console.access import id_of, viewer_of
from bot.console.audit.filters import wanted_of
from bot.console.catalogue import text, text_or
from bot.console.console import CONSOLE
from bot.console.names import Names
from bot.console.page import render

PAGE: Final = 100
FILTERS: Final = ("who", "action", "on", "since", "until")


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row in words."""

    number: int
    moment: str
    who: str
    who_id: str
    action: str
    object: str
    reason: str
    address: str


async def audit_page(request: web.Request) -> web.Response:
    """The log. ?who, ?action, ?on, ?since, ?until filter; ?before= goes on."""
    console = request.app[CONSOLE]
    given = {name: request.query.get(name, "") for name in FILTERS}
    wanted = wanted_of(given, console.tz, before=id_of(request.query.get("before", "")))
    found = await console.access.log.page(wanted, limit=PAGE + 1)
    return await _page(request, given, found, more=len(found) > PAGE, chain="", whole=True)


async def chain_page(request: web.Request) -> web.Response:
    """Is it whole? Reads all of it."""
    console = request.app[CONSOLE]
    chain, whole = _chain_words(await console.access.log.verify())
    given = dict.fromkeys(FILTERS, "")
    found = await console.access.log.page(wanted_of(given, console.tz), limit=PAGE + 1)
    return await _page(request, given, found, more=len(found) > PAGE, chain=chain, whole=whole)


async def _page(
    request: web.Request,
    given: Mapping[str, str],
    found: list[Record],
    *,
    more: bool,
    chain: str,
    whole: bool,
) -> web.Response:
    console = request.app[CONSOLE]
    names, shown = await Names.of(console), found[:PAGE]
    onward = {**{name: value for name, value in given.items() if value}, "before": shown[-1].number} if more else {}
    return render(
        request,
        await viewer_of(request),
        "audit_log.html",
        rows=[_row(each, names) for each in shown],
        given=given,
        filtered=any(given.values()),
        actions=[(each.value, text(f"audit_actions.{each}")) for each in Action],
        more=f"?{urlencode(onward)}" if more else "",
        chain=chain,
        whole=whole,
    )


def _row(record: Record, names: Names) -> AuditRow:
    return AuditRow(
        number=record.number,
        moment=names.moment(record.at),
        who=names.agent(record.who) or text("audit_chain.nobody"),
        who_id=record.who,
        action=text_or("audit_actions", record.action),
        object=record.object,
        reason=text_or("people_ways", record.reason) if record.action == Action.SIGNED_IN else record.reason,
        address=record.address,
    )


def _chain_words(found: Head | Broken) -> tuple[str, bool]:
    match found:
        case Broken(number=number, why=why):
            return text(f"audit_chain.{why}", number=number), False
        case Head(number=number, hash=head):
            return text("audit_chain.whole", number=number, head=head[:12]), True
