"""Can every rule of the list ever be the first that holds? A rule that cannot is refused, never kept in silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import Final

from handoff.conditions import NEGATIVE, When
from handoff.policy import Rule
from handoff.policy_errors import Path, Problem, line_at, problem_at
from handoff.signals import OUT_OF_HOURS, SignalPolicy
from handoff.wording import normalise

MOST_CASES: Final = 4_096  # of one rule that are told apart; a longer one is compared as a whole


def rules_in_vain(data: object, rules: Sequence[Rule], signals: SignalPolicy) -> Iterator[Problem]:
    """Every rule that no message can reach, with what takes it away. Never one that some message can reach."""
    for index, rule in enumerate(rules):
        at: Path = ("rules", index, "when")
        contradiction = next(_contradictions(rule.when, signals), None)
        if contradiction is not None:
            condition, remedy = contradiction
            yield problem_at(data, (*at, condition), f"can never match: {remedy}")
        elif takers := shadowing(rules[:index], rule):
            named = " and ".join(f"{rules[each].name!r}{_at_line(data, each)}" for each in takers)
            take = "takes" if len(takers) == 1 else "take"
            remedy = f"can never match: {named} above {take} all of it; move it up or remove it"
            yield problem_at(data, at, remedy)


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


def _contradictions(when: When, policy: SignalPolicy) -> Iterator[tuple[str, str]]:
    """Conditions that nothing can meet: which, and why."""
    if when.text_words and not any(map(normalise, when.text_words)):
        yield "text_words", "it has neither letters nor digits; write words"
    if when.signals and all(map(policy.is_off, when.signals)):
        names = ", ".join(when.signals)
        yield "signals", f"{names} is switched off under triggers or signals; switch it on or remove the rule"
    if when.signals == (OUT_OF_HOURS,) and when.hours == ("open",):
        yield "hours", f"{OUT_OF_HOURS} is a signal of closed hours; remove one of both"
    if set(when.signals) == {"mood_trend"} and set(when.moods) == {"calm"} and policy.mood_trend.below <= NEGATIVE:
        yield "moods", "mood_trend is no signal of a calm customer; remove one of both"


def _at_line(data: object, index: int) -> str:
    line = line_at(data, ("rules", index))
    return f" (line {line})" if line is not None else ""
