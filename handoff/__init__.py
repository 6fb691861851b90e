"""Should a person take over, who, by when, and what must they know?"""

from handoff.calendars import ALWAYS, Calendar
from handoff.conditions import is_urgent
from handoff.desk import Desk
from handoff.dry_run import Outcome, Replayed, RoutedTicket, replay_routes, tickets_since
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
    "Outcome",
    "Owner",
    "Policy",
    "PolicyError",
    "Problem",
    "Queued",
    "Refusal",
    "Refused",
    "Replayed",
    "Returned",
    "Route",
    "RoutedTicket",
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
    "is_urgent",
    "parse_policy",
    "replay_routes",
    "tickets_since",
]
