"""Should a person take over, who, by when, and what must they know?"""

from handoff.desk import Desk
from handoff.facts import Facts, Verdict
from handoff.policy import ASK_HUMAN, SIGNALS, Agent, Policy, Rule, Team
from handoff.policy_errors import PolicyError, Problem
from handoff.policy_parser import parse_policy
from handoff.ratings import BEST, UNHAPPY, Rated, Ratings
from handoff.router import Router
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
    "ASK_HUMAN",
    "BEST",
    "SIGNALS",
    "UNHAPPY",
    "Agent",
    "AgentLoad",
    "AgentStatus",
    "Assignment",
    "Claimed",
    "Closed",
    "Desk",
    "Facts",
    "NewTicket",
    "Owner",
    "Policy",
    "PolicyError",
    "Problem",
    "Queued",
    "Rated",
    "Ratings",
    "Refusal",
    "Refused",
    "Returned",
    "Router",
    "Rule",
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
    "parse_policy",
]
