"""Should a person take over, who, by when, and what must they know?"""

from handoff.calendars import ALWAYS, Calendar
from handoff.desk import Desk
from handoff.facts import Facts, Verdict
from handoff.holidays import holidays_known_until
from handoff.measures import Measures
from handoff.measures_figures import AgentFigures, OfferFigures, SatisfactionFigures, ServiceFigures, SlaFigures
from handoff.measures_groups import Groups, Report
from handoff.measures_values import By, Scope, Share, Spread, Timing
from handoff.policy import ASK_HUMAN, SIGNALS, Agent, Policy, Rule, Team
from handoff.policy_errors import PolicyError, Problem
from handoff.policy_parser import parse_policy
from handoff.router import Router
from handoff.staffing import Demand, Service, Target, UnreachableError, agents_needed, service
from handoff.staffing_forecast import (
    Errors,
    History,
    TestedWeek,
    TooLittleHistoryError,
    back_test,
    forecast,
)
from handoff.staffing_history import Arrivals, read_arrivals
from handoff.staffing_plan import HandleTimes, Quarter, Staffing, handed_over
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
    "Arrivals",
    "Assignment",
    "By",
    "Calendar",
    "Claimed",
    "Closed",
    "Demand",
    "Desk",
    "Errors",
    "Facts",
    "Groups",
    "HandleTimes",
    "History",
    "Measures",
    "NewTicket",
    "OfferFigures",
    "Owner",
    "Policy",
    "PolicyError",
    "Problem",
    "Quarter",
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
    "Staffing",
    "Summary",
    "Tables",
    "Target",
    "Team",
    "TestedWeek",
    "Ticket",
    "TicketEvent",
    "TicketState",
    "Timing",
    "ToAgent",
    "ToTeam",
    "TooLittleHistoryError",
    "UnreachableError",
    "Utterance",
    "Verdict",
    "agents_needed",
    "back_test",
    "define",
    "forecast",
    "handed_over",
    "holidays_known_until",
    "parse_policy",
    "read_arrivals",
    "service",
]
