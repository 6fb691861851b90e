"""Is this handoff.yaml usable? Turns its data into a Policy, or says what to correct."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.resources import files
from types import MappingProxyType

from pydantic import ValidationError

from handoff.policy import WORDED_SIGNALS, Agent, Policy, Rule, Team, Trigger, When
from handoff.policy_errors import PolicyError, Problem, problem_at, problems_of
from handoff.policy_shape import PolicyShape, RuleShape, TriggerShape, TriggersShape, WhenShape
from handoff.wording import Wording


def parse_policy(data: object, source: str = "handoff.yaml") -> Policy:
    """Check the data of a handoff.yaml and prepare it for the router.

    data: what a YAML reader gives; with ruamel's round-trip reader, errors name the line too.
    source: the file's name, for errors. Raises PolicyError with every problem found.
    """
    try:
        shape = PolicyShape.model_validate(data)
    except ValidationError as error:
        raise PolicyError(source, problems_of(data, error)) from error
    if problems := tuple(_inconsistencies(data, shape)):
        raise PolicyError(source, problems)
    return Policy(
        teams=tuple(Team(team.id, team.name) for team in shape.teams),
        agents=tuple(Agent(one.id, one.name, tuple(sorted(set(one.teams))), one.capacity) for one in shape.agents),
        triggers=MappingProxyType({name: _trigger(name, shape.triggers) for name in WORDED_SIGNALS}),
        nothing_found_times=_times(shape.triggers),
        rules=tuple(_rule(rule) for rule in shape.rules),
    )


def _read_defaults() -> tuple[MappingProxyType[str, TriggerShape], int]:
    """Our own wording per signal, and on which failure in a row a person is called."""
    text = files("handoff").joinpath("defaults.toml").read_text(encoding="utf-8")
    values = tomllib.loads(text)
    triggers = {name: TriggerShape.model_validate(values[name]) for name in WORDED_SIGNALS}
    return MappingProxyType(triggers), int(values["nothing_found"]["times"])


# Read on import: a policy may be parsed inside the event loop, where no file is read.
_DEFAULT_TRIGGERS, _DEFAULT_TIMES = _read_defaults()


def _trigger(name: str, shapes: TriggersShape) -> Trigger:
    given: TriggerShape = getattr(shapes, name)
    ours = _DEFAULT_TRIGGERS[name]
    confidence = given.min_confidence if given.min_confidence is not None else ours.min_confidence
    return Trigger(
        words=Wording.of(_or_default(given.words, ours.words)),
        except_words=Wording.of(_or_default(given.except_words, ours.except_words)),
        intents=frozenset(_or_default(given.intents, ours.intents)),
        min_confidence=confidence if confidence is not None else 1.0,
    )


def _or_default(given: tuple[str, ...] | None, ours: tuple[str, ...] | None) -> tuple[str, ...]:
    return given if given is not None else ours or ()


def _times(shapes: TriggersShape) -> int:
    return shapes.nothing_found.times if shapes.nothing_found else _DEFAULT_TIMES


def _rule(shape: RuleShape) -> Rule:
    return Rule(shape.name, _when(shape.when), shape.team, shape.priority)


def _when(shape: WhenShape) -> When:
    return When(
        signals=frozenset(shape.signals),
        intents=frozenset(shape.intents),
        stages=frozenset(shape.stages),
        categories=frozenset(shape.categories),
        channels=frozenset(shape.channels),
        text_words=Wording.of(shape.text_words),
    )


def _inconsistencies(data: object, shape: PolicyShape) -> Iterator[Problem]:
    """What each field alone cannot show."""
    yield from _repeated(data, "teams", "id", (team.id for team in shape.teams))
    yield from _repeated(data, "agents", "id", (agent.id for agent in shape.agents))
    yield from _repeated(data, "rules", "name", (rule.name for rule in shape.rules))
    known = {team.id for team in shape.teams}
    staffed = {team for agent in shape.agents for team in agent.teams}
    for index, agent in enumerate(shape.agents):
        for place, team in enumerate(agent.teams):
            if team not in known:
                yield problem_at(data, ("agents", index, "teams", place), _no_such_team(team, known))
    for index, rule in enumerate(shape.rules):
        if rule.team not in known:
            yield problem_at(data, ("rules", index, "team"), _no_such_team(rule.team, known))
        elif rule.team not in staffed:
            remedy = f"nobody serves in {rule.team!r}; give an agent this team or route to another"
            yield problem_at(data, ("rules", index, "team"), remedy)
    if not _when(shape.rules[-1].when).always:
        remedy = "the last rule must take what is left; end the list with a rule whose `when` is {}"
        yield problem_at(data, ("rules", len(shape.rules) - 1, "when"), remedy)


def _repeated(data: object, section: str, field: str, values: Iterable[str]) -> Iterator[Problem]:
    listed = list(values)
    counts = Counter(listed)
    for index, value in enumerate(listed):
        if counts[value] > 1 and value in listed[:index]:
            yield problem_at(data, (section, index, field), f"{value!r} is used twice; give each its own")


def _no_such_team(team: str, known: set[str]) -> str:
    return f"there is no team {team!r}; use one of {', '.join(sorted(known))} or add it under teams"
