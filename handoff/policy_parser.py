"""Is this handoff.yaml usable? Turns its data into a Policy, or says what to correct."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from pydantic import ValidationError

from handoff.conditions import When
from handoff.places import Place
from handoff.policy import Agent, OfferPolicy, Overflow, Policy, Rule, SessionPolicy, Team
from handoff.policy_checks import inconsistencies
from handoff.policy_errors import PolicyError, problems_of
from handoff.policy_shape import AgentShape, OffersShape, PolicyShape, RuleShape, TeamShape
from handoff.regions import BranchShop, Node, RegionTree
from handoff.rule_checks import rules_in_vain
from handoff.signal_parser import signal_policy

SHOPS_CALENDAR: Final = "shop"  # the name of the calendar that holds where no other is named


def parse_policy(data: object, source: str = "handoff.yaml") -> Policy:
    """Check the data of a handoff.yaml and prepare it for the router.

    data: what a YAML reader gives; with ruamel's round-trip reader, errors name the line too.
    source: the file's name, for errors. Raises PolicyError with every problem found.
    """
    try:
        shape = PolicyShape.model_validate(data)
    except ValidationError as error:
        raise PolicyError(source, problems_of(data, error)) from error
    signals = signal_policy(shape.triggers, shape.signals)
    rules = tuple(_rule(rule) for rule in shape.rules)
    problems = (*inconsistencies(data, shape), *rules_in_vain(data, rules, signals))
    if problems:
        raise PolicyError(source, problems)
    calendars = {name: each.calendar(name) for name, each in shape.calendars.items()}
    if SHOPS_CALENDAR in calendars:
        calendars[""] = calendars[SHOPS_CALENDAR]
    return Policy(
        teams=tuple(map(_team, shape.teams)),
        agents=tuple(map(_agent, shape.agents)),
        signals=signals,
        rules=rules,
        offers=_offers(shape.offers),
        sessions=SessionPolicy(requeue=shape.sessions.ended == "requeue", within_s=shape.sessions.within),
        slas=MappingProxyType({name: each.policy(name) for name, each in shape.slas.items()}),
        calendars=MappingProxyType(calendars),
        region_calendars=MappingProxyType({Place.parse(name): of for name, of in shape.region_calendars.items()}),
        regions=RegionTree(
            tuple(Node(Place.parse(each.region), each.team) for each in shape.regions),
            tuple(
                BranchShop(each.name, Place.parse(each.region), (each.lat, each.lng), each.team, each.max_km)
                for each in shape.shops
            ),
        ),
    )


def _team(shape: TeamShape) -> Team:
    return Team(
        shape.id,
        shape.name,
        supervisors=tuple(dict.fromkeys(shape.supervisors)),
        calendar=shape.calendar or "",
        overflow=Overflow(shape.overflow.team, shape.overflow.after) if shape.overflow else None,
        sla=shape.sla or "",
    )


def _agent(shape: AgentShape) -> Agent:
    return Agent(
        shape.id,
        shape.name,
        tuple(sorted(set(shape.teams))),
        shape.capacity,
        skills=tuple(sorted(set(shape.skills))),
        channels=MappingProxyType(dict(shape.channels)),
        shift=shape.shift or "",
    )


def _offers(shape: OffersShape) -> OfferPolicy:
    return OfferPolicy(
        accept_s=shape.accept,
        most=shape.most,
        last_agent_days=shape.last_agent_days,
        wrap_up_s=shape.wrap_up,
        grace_s=shape.grace,
        near_front=shape.near_front,
    )


def _rule(shape: RuleShape) -> Rule:
    return Rule(
        shape.name,
        When(**shape.when.model_dump()),
        (shape.fallback or "") if shape.by_region else shape.team,
        shape.priority,
        by_region=shape.by_region,
        skills=tuple(sorted(set(shape.skills))),
        sla=shape.sla or "",
        type=shape.type,
    )
