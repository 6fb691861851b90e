"""Should a person take over, who, by when, and what must they know?"""

from handoff.backlog import Backlog, read_backlog
from handoff.calendars import ALWAYS, Calendar
from handoff.desk import Desk
from handoff.escalation import Command, RaisePriority, Reassign, RemindAgent, RemindTeam, TellSupervisor, escalate
from handoff.fact_file import FactsError, facts_from_json, facts_to_json
from handoff.facts import Facts, Verdict
from handoff.holidays import holidays_known_until
from handoff.policy import Agent, Policy, Rule, Team
from handoff.policy_errors import PolicyError, Problem
from handoff.policy_parser import parse_policy
from handoff.router import Route, Router, RuleJudged, SignalJudged
from handoff.signals import ASK_HUMAN, SIGNALS
from handoff.sla import Clock, SlaDanger
from handoff.sla_policy import Danger, Escalation, Metric, SlaPolicy, SlaStep
from handoff.sla_store import SlaClocks
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
    "Backlog",
    "Calendar",
    "Claimed",
    "Clock",
    "Closed",
    "Command",
    "Danger",
    "Desk",
    "Escalation",
    "Facts",
    "FactsError",
    "Metric",
    "NewTicket",
    "Owner",
    "Policy",
    "PolicyError",
    "Problem",
    "Queued",
    "RaisePriority",
    "Reassign",
    "Refusal",
    "Refused",
    "RemindAgent",
    "RemindTeam",
    "Returned",
    "Route",
    "Router",
    "Rule",
    "RuleJudged",
    "SignalJudged",
    "SlaClocks",
    "SlaDanger",
    "SlaPolicy",
    "SlaStep",
    "Summary",
    "Tables",
    "Team",
    "TellSupervisor",
    "Ticket",
    "TicketEvent",
    "TicketState",
    "ToAgent",
    "ToTeam",
    "Utterance",
    "Verdict",
    "define",
    "escalate",
    "facts_from_json",
    "facts_to_json",
    "holidays_known_until",
    "parse_policy",
    "read_backlog",
]
