"""Should a person take over, and which team? Pure: the same facts give the same verdict."""

from __future__ import annotations

from handoff.facts import Facts, Verdict
from handoff.policy import ASK_HUMAN, SIGNALS, Policy
from handoff.wording import normalise


class Router:
    """Applies a policy to facts; never raises, whatever the facts are."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def route(self, facts: Facts) -> Verdict:
        """Collect the signals, then take the first rule that holds."""
        normalised = normalise(facts.text)
        signals = tuple(name for name in SIGNALS if self._fires(name, facts, normalised))
        found = frozenset(signals)
        rule = next(rule for rule in self._policy.rules if rule.when.holds(facts, normalised, found))
        return Verdict(
            hand_over=bool(signals),
            reason=signals[0] if signals else "",
            signals=signals,
            team=rule.team,
            priority=rule.priority,
            rule=rule.name,
        )

    def _fires(self, signal: str, facts: Facts, normalised: str) -> bool:
        match signal:
            case "engine_failed":
                return facts.engine_failed
            case "nothing_found":
                return facts.failures >= self._policy.nothing_found_times
            case "asked_for_person" if facts.choice == ASK_HUMAN:
                return True
            case _:
                return self._policy.triggers[signal].fires(facts, normalised)
