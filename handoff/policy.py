"""Who serves whom, and which signals call a person? The shop's policy, as checked values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from handoff.calendars import ALWAYS, Calendar
from handoff.conditions import When
from handoff.places import Place
from handoff.regions import RegionTree
from handoff.signals import SignalPolicy
from handoff.sla_policy import SlaPolicy

LOWEST_PRIORITY: Final = 4


@dataclass(frozen=True, slots=True)
class Overflow:
    """Where a ticket goes that has waited in a queue for so long (business time does not matter here)."""

    team: str
    after_s: int


@dataclass(frozen=True, slots=True)
class Team:
    """People who share a queue.

    supervisors: ids of agents who are called when nobody takes a ticket. calendar: name of its working hours, "" for
    the shop's. sla: name of the SLA policy where a rule names none, "" for none.
    """

    id: str
    name: str
    supervisors: tuple[str, ...] = ()
    calendar: str = ""
    overflow: Overflow | None = None
    sla: str = ""


@dataclass(frozen=True, slots=True)
class Agent:
    """A person who serves. id: her WeCom userid. capacity: conversations at a time.

    channels: channel → how many of them at a time on that channel, where that is less. shift: name of the calendar of
    her working hours, "" if she says herself when she is off.
    """

    id: str
    name: str
    teams: tuple[str, ...]
    capacity: int
    skills: tuple[str, ...] = ()
    channels: Mapping[str, int] = field(default_factory=dict)
    shift: str = ""


@dataclass(frozen=True, slots=True)
class OfferPolicy:
    """How tickets are offered.

    accept_s: how long an agent has to accept. most: after so many offers in vain the supervisor is called.
    last_agent_days: how long the last agent of a customer comes first; 0: never. wrap_up_s: how long an agent has for
    her notes after a conversation; 0: none. grace_s: how long after an agent went off her conversations stay hers.
    near_front: from which place in the queue on the customer is told once more.
    """

    accept_s: int = 60
    most: int = 3
    last_agent_days: int = 30
    wrap_up_s: int = 0
    grace_s: int = 60
    near_front: int = 3


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """What follows where the platform ended a session while its customer was still owed an answer.

    requeue: whether her ticket waits again as soon as she writes, within `within_s` of the end; else the bot answers.
    """

    requeue: bool = True
    within_s: int = 48 * 3600


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a conversation goes. name: the reason agents see. priority: 1 (highest) – 4.

    by_region: the team is the one of the region tree that is nearest; `team` is where none is.
    skills: what an agent must be able to do. sla: name of the SLA policy, "" for the team's. type: of the ticket.
    """

    name: str
    when: When
    team: str
    priority: int
    by_region: bool = False
    skills: tuple[str, ...] = ()
    sla: str = ""
    type: str = "question"


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole of handoff.yaml, checked: every rule's team exists and has agents, the last rule always holds."""

    teams: tuple[Team, ...]
    agents: tuple[Agent, ...]
    signals: SignalPolicy
    rules: tuple[Rule, ...]
    offers: OfferPolicy = OfferPolicy()
    sessions: SessionPolicy = SessionPolicy()
    slas: Mapping[str, SlaPolicy] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    region_calendars: Mapping[Place, str] = field(default_factory=dict)
    regions: RegionTree = field(default_factory=RegionTree)

    def calendar_of(self, team: str, region: tuple[str, ...] = ()) -> Calendar:
        """The working hours that hold for a team in a region: the narrowest region's, the team's, the shop's.

        The shop's is the calendar named "" (around the clock where the pack gives none).
        """
        where = Place.of(region)
        depth, narrowest = max(
            ((place.depth_in(where), name) for place, name in self.region_calendars.items()), default=(0, "")
        )
        if depth:
            return self.calendars[narrowest]
        name = next((each.calendar for each in self.teams if each.id == team), "")
        return self.calendars.get(name) or self.calendars.get("") or ALWAYS
