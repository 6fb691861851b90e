"""What does a rule say in words? Conditions, outcome and promises as a colleague reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.console.catalogue import TEXTS, text, text_or
from bot.console.names import Names
from handoff import Rule

_NAMED = frozenset({"signals", "channels", "moods", "hours", "languages", "stages"})  # values that are machine names


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule. conditions: all must hold; (name, words). count: how many tickets went by it lately."""

    number: int
    name: str
    conditions: tuple[tuple[str, str], ...]
    team: str
    priority: int
    priority_text: str
    skills: tuple[str, ...]
    sla: str
    type: str
    count: int


def rule_row(number: int, rule: Rule, names: Names, titles: Mapping[str, str], count: int) -> RuleRow:
    """A rule for the list. titles: what intents are called."""
    team = names.team(rule.team)
    return RuleRow(
        number=number,
        name=rule.name,
        conditions=conditions(rule, names, titles),
        team=text("rules_outcome.nearest", team=team) if rule.by_region else team,
        priority=rule.priority,
        priority_text=text(f"priorities.{rule.priority}"),
        skills=rule.skills,
        sla=rule.sla,
        type=text_or("rules_types", rule.type),
        count=count,
    )


def conditions(rule: Rule, names: Names, titles: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Each condition by its name, in words; what always holds says so."""
    found = tuple(
        (name, text(f"rules_conditions.{name}", values=_values(name, values, names, titles)))
        for name, values in rule.when.given()
    )
    return found or (("always", text("rules_conditions.always")),)


def signal(name: str, names: Names) -> str:
    """A sign that a person is needed."""
    return text_or("rules_signals", name) if name in TEXTS["rules_signals"] else names.reason(name)


def _values(name: str, values: Iterable[str], names: Names, titles: Mapping[str, str]) -> str:
    called = (titles.get(value, value) if name == "intents" else value for value in values)
    return text("rules_values.or").join(_value(name, value, names) for value in called)


def _value(name: str, value: str, names: Names) -> str:
    if name == "signals":
        return text("rules_values.quoted", value=signal(value, names))
    if name == "channels":
        return text_or("rules_signals", value, names.channel(value))
    if name in _NAMED:
        return text_or("rules_values", value)
    return text("rules_values.quoted", value=value)
