"""What may stand in handoff.yaml? Field by field, before the parts are checked against each other."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from handoff.conditions import Feeling, Hours
from handoff.policy import LOWEST_PRIORITY
from handoff.shape import Channel, Duration, Key, Name, NamePattern, Shape, TicketType, Words
from handoff.signal_shape import SignalsShape, TriggersShape
from handoff.signals import SignalName
from handoff.time_shape import CalendarShape, SlaShape

NEAREST = "nearest"  # in a rule, instead of a team
Some = Field(default=(), min_length=1)  # a list that is given must hold something; left out it asks nothing


class OverflowShape(Shape):
    """`overflow: {team: night, after: 10m}`."""

    team: Key
    after: Annotated[Duration, Field(gt=0)]


class TeamShape(Shape):
    """`- {id: presale, name: 售前组, supervisors: [lina], calendar: office, sla: standard, overflow: {…}}`."""

    id: Key
    name: Name
    supervisors: tuple[Key, ...] = ()
    calendar: Key | None = None
    overflow: OverflowShape | None = None
    sla: Key | None = None


class AgentShape(Shape):
    """`- {id: chenjing, name: 陈静, teams: [presale], capacity: 5, skills: […], channels: {…}, shift: day}`."""

    id: Key
    name: Name
    teams: tuple[Key, ...] = Field(min_length=1)
    capacity: int = Field(ge=0, le=1000)
    skills: tuple[Key, ...] = ()
    channels: dict[Channel, Annotated[int, Field(ge=0, le=1000)]] = Field(default_factory=dict)
    shift: Key | None = None


class OffersShape(Shape):
    """`offers: {accept: 60s, most: 3, last_agent_days: 30, wrap_up: 2m, grace: 60s, near_front: 3}`."""

    accept: Annotated[Duration, Field(gt=0)] = 60
    most: int = Field(default=3, ge=1)
    last_agent_days: int = Field(default=30, ge=0)
    wrap_up: Duration = 0
    grace: Duration = 60
    near_front: int = Field(default=3, ge=0)


class SessionsShape(Shape):
    """`sessions: {ended: requeue, within: 48h}`."""

    ended: Literal["requeue", "close"] = "requeue"
    within: Annotated[Duration, Field(gt=0)] = 48 * 3600


class WhenShape(Shape):
    """`when:`; any of each list, all lists that are given."""

    signals: tuple[SignalName, ...] = Some
    intents: Words = Some
    stages: Words = Some
    categories: Words = Some
    channels: Words = Some
    text_words: Words = Some
    regions: Words = Some
    tags: Words = Some
    sources: tuple[NamePattern, ...] = Some
    goods: Words = Some
    moods: tuple[Feeling, ...] = Some
    hours: tuple[Hours, ...] = Some
    languages: tuple[Literal["zh", "en", "other"], ...] = Some


class RuleShape(Shape):
    """`- {name: …, when: {…}, team: …, priority: …}`; `team: nearest` with a `fallback` asks the regions."""

    name: Name
    when: WhenShape
    team: Key
    priority: int = Field(ge=1, le=LOWEST_PRIORITY)
    fallback: Key | None = None
    skills: tuple[Key, ...] = ()
    sla: Key | None = None
    type: TicketType = "question"

    @property
    def by_region(self) -> bool:
        """Is the team asked from the regions?"""
        return self.team == NEAREST


class RegionShape(Shape):
    """`- {region: 广东省/深圳市, team: shenzhen}`."""

    region: Name
    team: Key


class BranchShopShape(Shape):
    """`- {name: 南山店, region: 广东省/深圳市/南山区, lat: 22.53, lng: 113.93, team: nanshan, max_km: 30}`."""

    name: Name
    region: Name
    lat: float = Field(ge=-90, le=90)
    lng: float = Field(ge=-180, le=180)
    team: Key
    max_km: float | None = Field(default=None, gt=0)


class PolicyShape(Shape):
    """The whole file."""

    version: Literal[1]
    teams: tuple[TeamShape, ...] = Field(min_length=1)
    agents: tuple[AgentShape, ...] = Field(min_length=1)
    offers: OffersShape = OffersShape()
    sessions: SessionsShape = SessionsShape()
    slas: dict[Key, SlaShape] = Field(default_factory=dict)
    calendars: dict[Key, CalendarShape] = Field(default_factory=dict)
    region_calendars: dict[Name, Key] = Field(default_factory=dict)
    regions: tuple[RegionShape, ...] = ()
    shops: tuple[BranchShopShape, ...] = ()
    triggers: TriggersShape = TriggersShape()
    signals: SignalsShape = SignalsShape()
    rules: tuple[RuleShape, ...] = Field(min_length=1)
