"""Do the parts of handoff.yaml fit together? What each field alone cannot show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from handoff.policy_errors import Path, Problem, problem_at
from handoff.policy_shape import NEAREST, PolicyShape, RuleShape


def inconsistencies(data: object, shape: PolicyShape) -> Iterator[Problem]:
    """Every name that is not there, is there twice, or leads nowhere. data: with lines, for the problems."""
    yield from _repeated(data, "teams", "id", (team.id for team in shape.teams))
    yield from _repeated(data, "agents", "id", (agent.id for agent in shape.agents))
    yield from _repeated(data, "rules", "name", (rule.name for rule in shape.rules))
    yield from _unknown(data, shape)
    yield from _staffing(data, shape)
    yield from _loops(data, shape)
    yield from _times(data, shape)
    yield from _places(data, shape)
    if shape.rules[-1].when.model_fields_set:
        yield problem_at(data, ("rules", len(shape.rules) - 1, "when"), "last_rule")


def _repeated(data: object, section: str, field: str, values: Iterable[str]) -> Iterator[Problem]:
    listed = list(values)
    counts = Counter(listed)
    for index, value in enumerate(listed):
        if counts[value] > 1 and value in listed[:index]:
            yield problem_at(data, (section, index, field), "used_twice", name=value)


def _unknown(data: object, shape: PolicyShape) -> Iterator[Problem]:
    """Each reference by name: where it stands, what it names, among which."""
    teams, agents = {team.id for team in shape.teams}, {agent.id for agent in shape.agents}
    calendars, slas = set(shape.calendars), set(shape.slas)
    references: list[tuple[Path, str | None, Collection[str], str]] = []
    for index, team in enumerate(shape.teams):
        if team.id == NEAREST:
            yield problem_at(data, ("teams", index, "id"), "nearest_is_ours", name=NEAREST)
        at: Path = ("teams", index)
        references += [((*at, "supervisors", n), each, agents, "agents") for n, each in enumerate(team.supervisors)]
        references += [
            ((*at, "calendar"), team.calendar, calendars, "calendars"),
            ((*at, "sla"), team.sla, slas, "slas"),
        ]
        if team.overflow:
            references.append(((*at, "overflow", "team"), team.overflow.team, teams, "teams"))
    for index, agent in enumerate(shape.agents):
        references += [(("agents", index, "teams", n), each, teams, "teams") for n, each in enumerate(agent.teams)]
        references.append((("agents", index, "shift"), agent.shift, calendars, "calendars"))
    for index, rule in enumerate(shape.rules):
        references.append((("rules", index, "sla"), rule.sla, slas, "slas"))
        field = "fallback" if rule.by_region else "team"
        references.append((("rules", index, field), rule.fallback if rule.by_region else rule.team, teams, "teams"))
    references += [(("regions", n, "team"), each.team, teams, "teams") for n, each in enumerate(shape.regions)]
    references += [(("shops", n, "team"), each.team, teams, "teams") for n, each in enumerate(shape.shops)]
    references += [
        (("region_calendars", name), of, calendars, "calendars") for name, of in shape.region_calendars.items()
    ]
    for path, name, known, section in references:
        if name is not None and name not in known:
            yield problem_at(data, path, _no_such(known, section), name=name, known=tuple(sorted(known)))


def _staffing(data: object, shape: PolicyShape) -> Iterator[Problem]:
    """Every team that a ticket can come to has somebody, with the skills the rule asks for."""
    teams = {team.id for team in shape.teams}
    regional = ({each.team for each in shape.regions} | {each.team for each in shape.shops}) & teams
    for index, region in enumerate(shape.regions):
        yield from _nobody(data, shape, ("regions", index, "team"), region.team, ())
    for index, shop in enumerate(shape.shops):
        yield from _nobody(data, shape, ("shops", index, "team"), shop.team, ())
    for index, team in enumerate(shape.teams):
        if team.overflow:
            yield from _nobody(data, shape, ("teams", index, "overflow", "team"), team.overflow.team, ())
    for index, rule in enumerate(shape.rules):
        at: Path = ("rules", index)
        yield from _nearest(data, shape, at, rule)
        chosen = rule.fallback if rule.by_region else rule.team
        if chosen is not None:
            yield from _nobody(data, shape, (*at, "fallback" if rule.by_region else "team"), chosen, ())
        reached = {each for each in (chosen, *(regional if rule.by_region else ())) if each is not None}
        for each in sorted(reached) if rule.skills else ():
            yield from _nobody(data, shape, (*at, "skills"), each, rule.skills)


def _nearest(data: object, shape: PolicyShape, at: Path, rule: RuleShape) -> Iterator[Problem]:
    if rule.by_region and rule.fallback is None:
        yield problem_at(data, (*at, "team"), "no_fallback")
    if rule.by_region and not (shape.regions or shape.shops):
        yield problem_at(data, (*at, "team"), "no_regions")
    if rule.fallback is not None and not rule.by_region:
        yield problem_at(data, (*at, "fallback"), "fallback_alone", nearest=NEAREST)


def _nobody(data: object, shape: PolicyShape, path: Path, team: str, skills: tuple[str, ...]) -> Iterator[Problem]:
    if team not in {each.id for each in shape.teams}:
        return  # said already
    members = [agent for agent in shape.agents if team in agent.teams]
    if skills and members and not any(set(skills) <= set(agent.skills) for agent in members):
        yield problem_at(data, path, "nobody_skilled", team=team, skills=skills)
    elif not skills and not members:
        yield problem_at(data, path, "nobody_serves", team=team)


def _loops(data: object, shape: PolicyShape) -> Iterator[Problem]:
    to = {team.id: team.overflow.team for team in shape.teams if team.overflow}
    for index, team in enumerate(shape.teams):
        way = [team.id]
        while (following := to.get(way[-1])) is not None and following not in way:
            way.append(following)
        if following == team.id:
            round_ = " → ".join([*way, team.id])
            yield problem_at(data, ("teams", index, "overflow", "team"), "circle", way=round_)


def _times(data: object, shape: PolicyShape) -> Iterator[Problem]:
    for name, calendar in shape.calendars.items():
        if overrun := calendar.overrun():
            yield problem_at(data, ("calendars", name, "weekly"), "hours_overrun", **overrun)
    for name, sla in shape.slas.items():
        if not sla.promises:
            yield problem_at(data, ("slas", name), "no_promise")


def _places(data: object, shape: PolicyShape) -> Iterator[Problem]:
    written: list[tuple[Path, str]] = []
    written += [(("regions", index, "region"), each.region) for index, each in enumerate(shape.regions)]
    written += [(("shops", index, "region"), each.region) for index, each in enumerate(shape.shops)]
    written += [(("region_calendars", name), name) for name in shape.region_calendars]
    for index, rule in enumerate(shape.rules):
        written += [(("rules", index, "when", "regions", n), each) for n, each in enumerate(rule.when.regions)]
    for path, place in written:
        parts = place.split("/")
        if not all(part.strip() for part in parts) or len(parts) > 3:  # noqa: PLR2004 - province, city, district
            yield problem_at(data, path, "no_region", name=place)


def _no_such(known: Collection[str], section: str) -> str:
    """The kind of the problem. Teams and agents there always are."""
    match section:
        case "teams":
            return "no_team"
        case "agents":
            return "no_agent"
        case "calendars":
            return "no_calendar" if known else "no_calendar_yet"
        case _:
            return "no_sla" if known else "no_sla_yet"
