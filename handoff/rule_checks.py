"""Can every rule of the list ever be the first that holds? A rule that cannot is refused, never kept in silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import Final

from handoff.conditions import NEGATIVE, When
from handoff.policy import Rule
from handoff.policy_errors import Named, Path, Problem, line_at, problem_at
from handoff.signals import OUT_OF_HOURS, SignalPolicy
from handoff.wording import normalise

MOST_CASES: Final = 4_096  # of one rule that are told apart; a longer one is compared as a whole


def rules_in_vain(data: object, rules: Sequence[Rule], signals: SignalPolicy) -> Iterator[Problem]:
    """Every rule that no message can reach, with what takes it away. Never one that some message can reach."""
    for index, rule in enumerate(rules):
        at: Path = ("rules", index, "when")
        contradiction = next(_contradictions(rule.when, signals), None)
        if contradiction is not None:
            condition, kind, values = contradiction
            yield problem_at(data, (*at, condition), kind, **values)
        elif takers := shadowing(rules[:index], rule):
            named = tuple(Named(rules[each].name, line_at(data, ("rules", each))) for each in takers)
            yield problem_at(data, at, "shadowed" if len(takers) == 1 else "shadowed_together", rules=named)


def shadowing(earlier: Sequence[Rule], rule: Rule) -> tuple[int, ...]:
    """The earlier rules that together hold wherever `rule` does; none if that is not certain.

    The rule is cut into cases of one value a condition; each must be included in one earlier rule.
    """
    takers: set[int] = set()
    for case in _cases(rule.when):
        taker = next((index for index, each in enumerate(earlier) if each.when.includes(case)), None)
        if taker is None:
            return ()
        takers.add(taker)
    return tuple(sorted(takers))


def _cases(when: When) -> Iterator[When]:
    given = dict(when.given())
    if prod(map(len, given.values())) > MOST_CASES:
        yield when
        return
    for values in product(*given.values()):
        yield When(**{name: (value,) for name, value in zip(given, values, strict=True)})  # type: ignore[arg-type]  # names and values come from a When


def _contradictions(when: When, policy: SignalPolicy) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Conditions that nothing can meet: which, and why, as a kind of problem with its values."""
    if when.text_words and not any(map(normalise, when.text_words)):
        yield "text_words", "never_words", {}
    if when.signals and all(map(policy.is_off, when.signals)):
        yield "signals", "never_switched_off", {"signals": when.signals}
    if when.signals == (OUT_OF_HOURS,) and when.hours == ("open",):
        yield "hours", "never_open", {"signal": OUT_OF_HOURS}
    if set(when.signals) == {"mood_trend"} and set(when.moods) == {"calm"} and policy.mood_trend.below <= NEGATIVE:
        yield "moods", "never_calm", {}
