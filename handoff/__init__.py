"""Should a person take over, who, by when, and what must they know?"""

from handoff.calendars import ALWAYS, Calendar
from handoff.desk import Desk
from handoff.facts import Facts, Verdict
from handoff.holidays import holidays_known_until
from handoff.measures import Measures, Report
from handoff.measures_values import (
    AgentFigures,
    By,
    OfferFigures,
    SatisfactionFigures,
    Scope,
    ServiceFigures,
    Share,
    SlaFigures,
    Spread,
    Timing,
)
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
    "AgentFigures",
    "AgentLoad",
    "AgentStatus",
    "Assignment",
    "By",
    "Calendar",
    "Claimed",
    "Closed",
    "Demand",
    "Desk",
    "Facts",
    "Measures",
    "NewTicket",
    "OfferFigures",
    "Owner",
    "Policy",
    "PolicyError",
    "Problem",
    "Queued",
    "Refusal",
    "Refused",
    "Report",
    "Returned",
    "Router",
    "Rule",
    "SatisfactionFigures",
    "Scope",
    "Service",
    "ServiceFigures",
    "Share",
    "SlaFigures",
    "Spread",
    "Summary",
    "Tables",
    "Target",
    "Team",
    "Ticket",
    "TicketEvent",
    "TicketState",
    "Timing",
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
