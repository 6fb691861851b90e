"""Should a person take over, and which team? Pure: the same facts give the same verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from handoff.conditions import Seen
from handoff.facts import Facts, Verdict
from handoff.policy import Policy, Rule
from handoff.signals import SIGNALS
from handoff.weighing import weigh
from handoff.wording import normalise


@dataclass(frozen=True, slots=True)
class RuleJudged:
    """One rule asked about facts. conditions: those it has, and whether each holds. It holds if all do."""

    rule: Rule
    conditions: Mapping[str, bool]

    @property
    def holds(self) -> bool:
        """Do all its conditions hold?"""
        return all(self.conditions.values())


@dataclass(frozen=True, slots=True)
class SignalJudged:
    """One signal asked about facts: did it fire, what does it weigh, what does it cost to ignore it?"""

    name: str
    fired: bool
    weight: float
    cost: float


@dataclass(frozen=True, slots=True)
class Route:
    """A verdict with all that led to it, in the policy's order; the first rule that holds has it."""

    verdict: Verdict
    signals: tuple[SignalJudged, ...]
    rules: tuple[RuleJudged, ...]


class Router:
    """Applies a policy to facts; never raises, whatever the facts are."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def route(self, facts: Facts) -> Verdict:
        """Collect the signals, weigh them, then take the first rule that holds."""
        seen, signals = self._seen(facts)
        rule = next(rule for rule in self._policy.rules if rule.when.holds(seen))
        balance = weigh(self._policy.signals, signals, choice=facts.choice)
        return Verdict(
            hand_over=balance.calls_a_person,
            reason=signals[0] if signals else "",
            signals=signals,
            team=self._team(rule, facts),
            priority=rule.priority,
            rule=rule.name,
            skills=rule.skills,
            sla=rule.sla,
            type=rule.type,
            weights=balance.weights,
            need=balance.need,
            ignoring=balance.ignoring,
            handing_over=balance.handing_over,
        )

    def explain(self, facts: Facts) -> Route:
        """The verdict, with every signal and every rule, those that did not count included."""
        seen, signals = self._seen(facts)
        verdict = self.route(facts)
        stakes = self._policy.signals.stakes
        return Route(
            verdict,
            tuple(
                SignalJudged(name, name in signals, verdict.weights.get(name, stakes[name].weight), stakes[name].cost)
                for name in SIGNALS
            ),
            tuple(RuleJudged(rule, rule.when.judged(seen)) for rule in self._policy.rules),
        )

    def _seen(self, facts: Facts) -> tuple[Seen, tuple[str, ...]]:
        normalised = normalise(facts.text)
        signals = self._policy.signals.found(Seen(facts, normalised))
        return Seen(facts, normalised, frozenset(signals)), signals

    def _team(self, rule: Rule, facts: Facts) -> str:
        near = self._policy.regions.team_for(facts.region, facts.position) if rule.by_region else None
        return near if near is not None else rule.team
