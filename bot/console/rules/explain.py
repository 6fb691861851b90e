"""Why would somebody go where? A form of facts, answered by the rules in force: every signal, every rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from bot.console.access import viewer_of
from bot.console.actions import form_of
from bot.console.catalogue import TEXTS, text, text_or
from bot.console.console import CONSOLE
from bot.console.names import Names
from bot.console.page import render
from bot.console.rules.words import conditions, signal
from handoff import FactsError, Route, facts_from_json

LONGEST_FACT: Final = 500  # characters of one field
_LISTS: Final = frozenset({"category", "tags", "goods", "region"})
_NUMBERS: Final = frozenset({"sentiment", "urgency", "best_probability"})
_SEPARATOR: Final = re.compile(r"[、，,/\s]+")
CHANNELS: Final = ("wecom_kf", "official_account")


async def form(request: web.Request) -> web.Response:
    """The empty form."""
    return await _page(request, {}, {}, None)


async def explain(request: web.Request) -> web.Response:
    """What the rules say of these facts. Nothing is kept, and nothing of it reaches a log."""
    given = {name: value[:LONGEST_FACT] for name, value in (await form_of(request)).items()}
    facts, errors = _facts(given)
    if errors:
        return await _page(request, given, errors, None)
    try:
        route = request.app[CONSOLE].wall_side.rules.explain(facts_from_json(facts))
    except FactsError as error:
        errors = {each.at.split("[")[0]: each.said("zh") for each in error.problems}
        return await _page(request, given, errors, None)
    return await _page(request, given, {}, route)


def _facts(given: Mapping[str, str]) -> tuple[dict[str, object], dict[str, str]]:
    """What was filled in, as facts are written; and what is no number."""
    facts: dict[str, object] = {}
    errors: dict[str, str] = {}
    for name in TEXTS["rules_facts"]:
        value = given.get(name, "").strip()
        if not value:
            continue
        try:
            facts[name] = _fact(name, value)
        except ValueError:
            errors[name] = text("rules_facts_wrong.number")
    return facts, errors


def _fact(name: str, value: str) -> object:
    if name in _LISTS:
        return [each for each in _SEPARATOR.split(value) if each]
    if name in _NUMBERS:
        return float(value)
    if name == "failures":
        return int(value)
    return value == "yes" if name == "open_now" else value


async def _page(
    request: web.Request, given: Mapping[str, str], errors: Mapping[str, str], route: Route | None
) -> web.Response:
    console, who = request.app[CONSOLE], await viewer_of(request)
    names = await Names.of(console)
    context = {
        "given": given,
        "errors": errors,
        "labels": TEXTS["rules_facts"],
        "channels": [(each, text_or("rules_signals", each)) for each in CHANNELS],
        "answer": None if route is None else _answer(route, names, console.wall_side.rules.titles()),
        "tab": "explain",
    }
    return render(request, who, "rules_explain.html", status=422 if errors else 200, **context)


def _answer(route: Route, names: Names, titles: Mapping[str, str]) -> dict[str, object]:
    verdict = route.verdict
    taken = next(index for index, each in enumerate(route.rules) if each.holds)
    return {
        "hand_over": verdict.hand_over,
        "reason": names.reason(verdict.reason) if verdict.reason else "",
        "team": names.team(verdict.team),
        "priority": text_or("priorities", str(verdict.priority)),
        "rule": verdict.rule,
        "sla": verdict.sla,
        "need": verdict.need,
        "ignoring": verdict.ignoring,
        "handing_over": verdict.handing_over,
        "signals": [(signal(each.name, names), each) for each in route.signals],
        "rules": [
            {
                "name": each.rule.name,
                "taken": index == taken,
                "holds": each.holds,
                "conditions": [
                    (words, each.conditions.get(name, True)) for name, words in conditions(each.rule, names, titles)
                ],
            }
            for index, each in enumerate(route.rules)
        ],
    }
