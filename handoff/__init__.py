"""Should a person take over, who, by when, and what must they know?"""

from handoff.agents import AgentLoad, AgentStatus, ChannelLoad
from handoff.backlog import Backlog, read_backlog
from handoff.board import COUNTED, Board, RowKey
from handoff.calendars import ALWAYS, Calendar
from handoff.conditions import is_urgent
from handoff.desk import Desk
from handoff.dry_run import Outcome, Replayed, RoutedTicket, replay_routes, tickets_since
from handoff.escalation import Command, RaisePriority, Reassign, RemindAgent, RemindTeam, TellSupervisor, escalate
from handoff.fact_file import FactsError, facts_from_json, facts_to_json
from handoff.facts import Facts, Verdict
from handoff.forgetting import forget_tickets
from handoff.holidays import holidays_known_until
from handoff.measures import Measures
from handoff.measures_figures import AgentFigures, OfferFigures, SatisfactionFigures, ServiceFigures, SlaFigures
from handoff.measures_groups import Groups, Report
from handoff.measures_values import By, Scope, Share, Spread, Timing
from handoff.mentions import Mention
from handoff.offers import Declined, Escalated, Offer, Offered, OfferEnded, OfferReason, OfferState
from handoff.outcomes import Claimed, Closed, Owner, Queued, Refusal, Refused, Returned
from handoff.places import Place
from handoff.policy import Agent, OfferPolicy, Overflow, Policy, Rule, Team
from handoff.policy_errors import PolicyError, Problem, mistake, shape_words
from handoff.policy_parser import parse_policy
from handoff.presence import Absence, StatusChanged
from handoff.queue_places import QueuePlace
from handoff.ratings import BEST, UNHAPPY, Rated, Rating, Ratings
from handoff.replay import replay
from handoff.router import Route, Router, RuleJudged, SignalJudged
from handoff.signals import ASK_HUMAN, SIGNALS
from handoff.sla import Clock, SlaDanger
from handoff.sla_policy import Danger, Escalation, Metric, SlaPolicy, SlaStep
from handoff.sla_store import SlaClocks
from handoff.staffing import Demand, Service, Target, UnreachableError, agents_needed, service
from handoff.staffing_forecast import Errors, History, TestedWeek, TooLittleHistoryError, back_test, forecast
from handoff.staffing_history import Arrivals, read_arrivals
from handoff.staffing_plan import HandleTimes, Quarter, Staffing, handed_over
from handoff.standing import AgentDay, QueueStanding
from handoff.supervision import GIVEN_BACK, TAKEN_OVER, Attendance, attending
from handoff.tables import Tables, define
from handoff.ticket_extras import WHISPERED, Attachment, Link, LinkKind, Note
from handoff.tickets import Assignment, NewTicket, Summary, Ticket, TicketEvent, TicketState, ToAgent, ToTeam, Utterance
from handoff.touched import Touched

__all__ = [
    "ALWAYS",
    "ASK_HUMAN",
    "BEST",
    "COUNTED",
    "GIVEN_BACK",
    "SIGNALS",
    "TAKEN_OVER",
    "UNHAPPY",
    "WHISPERED",
    "Absence",
    "Agent",
    "AgentDay",
    "AgentFigures",
    "AgentLoad",
    "AgentStatus",
    "Arrivals",
    "Assignment",
    "Attachment",
    "Attendance",
    "Backlog",
    "Board",
    "By",
    "Calendar",
    "ChannelLoad",
    "Claimed",
    "Clock",
    "Closed",
    "Command",
    "Danger",
    "Declined",
    "Demand",
    "Desk",
    "Errors",
    "Escalated",
    "Escalation",
    "Facts",
    "FactsError",
    "Groups",
    "HandleTimes",
    "History",
    "Link",
    "LinkKind",
    "Measures",
    "Mention",
    "Metric",
    "NewTicket",
    "Note",
    "Offer",
    "OfferEnded",
    "OfferFigures",
    "OfferPolicy",
    "OfferReason",
    "OfferState",
    "Offered",
    "Outcome",
    "Overflow",
    "Owner",
    "Place",
    "Policy",
    "PolicyError",
    "Problem",
    "Quarter",
    "QueuePlace",
    "QueueStanding",
    "Queued",
    "RaisePriority",
    "Rated",
    "Rating",
    "Ratings",
    "Reassign",
    "Refusal",
    "Refused",
    "RemindAgent",
    "RemindTeam",
    "Replayed",
    "Report",
    "Returned",
    "Route",
    "RoutedTicket",
    "Router",
    "RowKey",
    "Rule",
    "RuleJudged",
    "SatisfactionFigures",
    "Scope",
    "Service",
    "ServiceFigures",
    "Share",
    "SignalJudged",
    "SlaClocks",
    "SlaDanger",
    "SlaFigures",
    "SlaPolicy",
    "SlaStep",
    "Spread",
    "Staffing",
    "StatusChanged",
    "Summary",
    "Tables",
    "Target",
    "Team",
    "TellSupervisor",
    "TestedWeek",
    "Ticket",
    "TicketEvent",
    "TicketState",
    "Timing",
    "ToAgent",
    "ToTeam",
    "TooLittleHistoryError",
    "Touched",
    "UnreachableError",
    "Utterance",
    "Verdict",
    "agents_needed",
    "attending",
    "back_test",
    "define",
    "escalate",
    "facts_from_json",
    "facts_to_json",
    "forecast",
    "forget_tickets",
    "handed_over",
    "holidays_known_until",
    "is_urgent",
    "mistake",
    "parse_policy",
    "read_arrivals",
    "read_backlog",
    "replay",
    "replay_routes",
    "service",
    "shape_words",
    "tickets_since",
]
