"""Should a person take over, who, by when, and what must they know?"""

from handoff.calendars import ALWAYS, Calendar
from handoff.desk import Desk
from handoff.facts import Facts, Verdict
from handoff.holidays import holidays_known_until
from handoff.policy import ASK_HUMAN, SIGNALS, Agent, Policy, Rule, Team
from handoff.policy_errors import PolicyError, Problem
from handoff.policy_parser import parse_policy
from handoff.router import Router
from handoff.staffing import Demand, Service, Target, UnreachableError, agents_needed, service
from handoff.tables import Tables, define
from handoff.tickets import (
    AgentLoad,
    AgentStatus,
    Assignment,
    Claimed,
    Closed,
    NewTicket,
    Owner,
    Queued,
    Refusal,
    Refused,
    Returned,
    Summary,
    Ticket,
    TicketEvent,
    TicketState,
    ToAgent,
    ToTeam,
    Utterance,
)

__all__ = [
    "ALWAYS",
    "ASK_HUMAN",
    "SIGNALS",
    "Agent",
    "AgentLoad",
    "AgentStatus",
    "Assignment",
    "Calendar",
    "Claimed",
    "Closed",
    "Demand",
    "Desk",
    "Facts",
    "NewTicket",
    "Owner",
    "Policy",
    "PolicyError",
    "Problem",
    "Queued",
    "Refusal",
    "Refused",
    "Returned",
    "Router",
    "Rule",
    "Service",
    "Summary",
    "Tables",
    "Target",
    "Team",
    "Ticket",
    "TicketEvent",
    "TicketState",
    "ToAgent",
    "ToTeam",
    "UnreachableError",
    "Utterance",
    "Verdict",
    "agents_needed",
    "define",
    "holidays_known_until",
    "parse_policy",
    "service",
]
