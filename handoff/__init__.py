"""Should a person take over, who, by when, and what must they know?"""

from handoff.calendars import ALWAYS, Calendar
from handoff.desk import Desk
from handoff.fact_file import FactsError, facts_from_json, facts_to_json
from handoff.facts import Facts, Verdict
from handoff.holidays import holidays_known_until
from handoff.policy import Agent, Policy, Rule, Team
from handoff.policy_errors import PolicyError, Problem
from handoff.policy_parser import parse_policy
from handoff.router import Route, Router, RuleJudged, SignalJudged
from handoff.signals import ASK_HUMAN, SIGNALS
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
    "Desk",
    "Facts",
    "FactsError",
    "NewTicket",
    "Owner",
    "Policy",
    "PolicyError",
    "Problem",
    "Queued",
    "Refusal",
    "Refused",
    "Returned",
    "Route",
    "Router",
    "Rule",
    "RuleJudged",
    "SignalJudged",
    "Summary",
    "Tables",
    "Team",
    "Ticket",
    "TicketEvent",
    "TicketState",
    "ToAgent",
    "ToTeam",
    "Utterance",
    "Verdict",
    "define",
    "facts_from_json",
    "facts_to_json",
    "holidays_known_until",
    "parse_policy",
]
