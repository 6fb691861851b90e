"""Who is offered which ticket? Pure: queues and agents in, offers out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

from handoff.agents import AgentLoad, ChannelLoad
from handoff.offers import OfferReason
from handoff.outcomes import Refusal
from handoff.tickets import Ticket


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ticket that waits and is offered to nobody.

    version: its conversation's. passed: who let it pass since it waits, or gave it back. in_vain: how many offers did
    not lead to anything since. last_agent: who served this customer last, None if nobody did lately.
    """

    ticket: Ticket
    version: int
    passed: frozenset[str] = frozenset()
    in_vain: int = 0
    last_agent: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """An offer to be made, and why to her: see `Offer`."""

    waiting: Waiting
    agent: str
    reason: OfferReason
    candidates: tuple[str, ...]
    exclusions: Mapping[str, str]


@dataclass(slots=True)
class Planner:
    """Gives tickets to agents, in the order in which they come, and keeps in mind what it gave.

    members: all agents of the teams. free: who of them may be offered something (those whose rows are held).
    A ticket that nobody can take now is skipped: it keeps nothing from those behind it.
    """

    members: Iterable[AgentLoad]
    free: Collection[str]
    now: datetime
    _loads: dict[str, AgentLoad] = field(init=False)
    _teams: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self._loads = {each.id: each for each in self.members}
        self._teams = {}
        for each in self._loads.values():
            for team in each.teams:
                self._teams.setdefault(team, []).append(each.id)

    @property
    def has_room(self) -> bool:
        """Can anybody be offered anything more?"""
        return any(self._loads[agent].room for agent in self.free if agent in self._loads)

    @property
    def free_teams(self) -> Collection[str]:
        """The teams of those who may be offered something."""
        return {team for agent in self.free if agent in self._loads for team in self._loads[agent].teams}

    def plan(self, queue: Iterable[Waiting]) -> Iterator[Plan]:
        """Offers for what waits, most urgent first."""
        for waiting in queue:
            if (plan := self._plan_one(waiting)) is not None:
                self._give(plan)
                yield plan

    def _plan_one(self, waiting: Waiting) -> Plan | None:
        ticket = waiting.ticket
        met = {
            agent: obstacle(self._loads[agent], waiting, self.now, free=agent in self.free)
            for agent in self._teams.get(ticket.team, ())
        }
        able = [self._loads[agent] for agent, why in met.items() if why is None]
        if not able:
            return None
        ranked = ranking(able, waiting.last_agent)
        return Plan(
            waiting,
            ranked[0],
            OfferReason.LAST_AGENT if ranked[0] == waiting.last_agent else OfferReason.LEAST_LOADED,
            tuple(ranked),
            {agent: why.value for agent, why in sorted(met.items()) if why is not None},
        )

    def _give(self, plan: Plan) -> None:
        agent, channel = self._loads[plan.agent], plan.waiting.ticket.channel
        channels = dict(agent.channels)
        if limit := channels.get(channel):
            channels[channel] = ChannelLoad(limit.active + 1, limit.capacity)
        self._loads[agent.id] = replace(agent, offered=agent.offered + 1, channels=channels, last_assigned_at=self.now)


def obstacle(agent: AgentLoad, waiting: Waiting, now: datetime, *, free: bool = True) -> Refusal | None:
    """What keeps a ticket from being offered to an agent; None if nothing does."""
    ticket = waiting.ticket
    if agent.id in waiting.passed:
        return Refusal.PASSED
    against = agent.obstacle(team=ticket.team, channel=ticket.channel, skills=ticket.skills, now=now)
    return against or (None if free else Refusal.AGENT_NOT_READY)  # she became free this very moment


def ranking(able: Sequence[AgentLoad], last_agent: str | None) -> list[str]:
    """Who comes first: the customer's last agent, the least loaded for her capacity, who waited longest."""

    def place(agent: AgentLoad) -> tuple[bool, Fraction, float, str]:
        load = Fraction(agent.active + agent.offered, agent.capacity)
        since = agent.last_assigned_at.timestamp() if agent.last_assigned_at else float("-inf")
        return agent.id != last_agent, load, since, agent.id

    return [agent.id for agent in sorted(able, key=place)]


def nobody_can(members: Iterable[AgentLoad], waiting: Waiting, now: datetime) -> bool:
    """Is there none in the team who is there, busy or not, has the skills, and did not let it pass?"""
    ticket = waiting.ticket
    return not any(
        ticket.team in each.teams and each.is_present(now) and each.can(ticket.skills) and each.id not in waiting.passed
        for each in members
    )
