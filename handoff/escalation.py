"""What is to be done about a promise in danger? Commands; who carries them out is not decided here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from handoff.policy import Policy
from handoff.sla import SlaDanger
from handoff.sla_policy import Escalation
from handoff.tickets import Ticket, TicketState

HIGHEST_PRIORITY = 1


@dataclass(frozen=True, slots=True)
class RemindAgent:
    """Tell her who has the ticket."""

    agent: str


@dataclass(frozen=True, slots=True)
class RemindTeam:
    """Tell the team in whose queue it waits."""

    team: str


@dataclass(frozen=True, slots=True)
class RaisePriority:
    """Let it come before others. to: 1 is the highest."""

    to: int


@dataclass(frozen=True, slots=True)
class Reassign:
    """Take it from the agent, back to the queue, to be offered to somebody else."""

    agent: str


@dataclass(frozen=True, slots=True)
class TellSupervisor:
    """Tell those who answer for the team."""

    supervisors: tuple[str, ...]


Command = RemindAgent | RemindTeam | RaisePriority | Reassign | TellSupervisor


def escalate(danger: SlaDanger, ticket: Ticket, policy: Policy) -> tuple[Command, ...]:
    """The commands of the steps that are due, in order, none twice.

    Nothing is left to raise at the highest priority, and nobody to take a waiting ticket from: then the step is empty.
    A team without a supervisor is reminded itself, so that no danger passes in silence.
    """
    return tuple(dict.fromkeys(_commands(danger, ticket, policy)))


def _commands(danger: SlaDanger, ticket: Ticket, policy: Policy) -> Iterator[Command]:
    agent = ticket.agent if ticket.state is not TicketState.OPEN else None
    priority = ticket.priority
    for step in danger.steps:
        match step:
            case Escalation.REMIND:
                yield RemindTeam(ticket.team) if agent is None else RemindAgent(agent)
            case Escalation.RAISE_PRIORITY:
                if priority > HIGHEST_PRIORITY:
                    priority -= 1
                    yield RaisePriority(priority)
            case Escalation.REASSIGN:
                if agent is not None:
                    yield Reassign(agent)
                    agent = None
            case Escalation.TELL_SUPERVISOR:
                supervisors = next((each.supervisors for each in policy.teams if each.id == ticket.team), ())
                yield TellSupervisor(supervisors) if supervisors else RemindTeam(ticket.team)
