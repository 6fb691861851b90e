"""Should a person take over, who, by when, and what must they know?"""

from handoff.agents import AgentLoad, AgentStatus, ChannelLoad
from handoff.calendars import ALWAYS, Calendar
from handoff.desk import Desk
from handoff.facts import Facts, Verdict
from handoff.holidays import holidays_known_until
from handoff.offers import Declined, Escalated, Offer, Offered, OfferEnded, OfferReason, OfferState
from handoff.outcomes import Claimed, Closed, Owner, Queued, Refusal, Refused, Returned
from handoff.policy import ASK_HUMAN, SIGNALS, Agent, OfferPolicy, Overflow, Policy, Rule, Team
from handoff.policy_errors import PolicyError, Problem
from handoff.policy_parser import parse_policy
from handoff.presence import Absence, StatusChanged
from handoff.queue_places import QueuePlace
from handoff.replay import replay
from handoff.router import Router
from handoff.tables import Tables, define
from handoff.ticket_extras import Attachment, Link, LinkKind, Note
from handoff.tickets import (
    Assignment,
    NewTicket,
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
    "Absence",
    "Agent",
    "AgentLoad",
    "AgentStatus",
    "Assignment",
    "Attachment",
    "Calendar",
    "ChannelLoad",
    "Claimed",
    "Closed",
    "Declined",
    "Desk",
    "Escalated",
    "Facts",
    "Link",
    "LinkKind",
    "NewTicket",
    "Note",
    "Offer",
    "OfferEnded",
    "OfferPolicy",
    "OfferReason",
    "OfferState",
    "Offered",
    "Overflow",
    "Owner",
    "Policy",
    "PolicyError",
    "Problem",
    "QueuePlace",
    "Queued",
    "Refusal",
    "Refused",
    "Returned",
    "Router",
    "Rule",
    "StatusChanged",
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
    "holidays_known_until",
    "parse_policy",
    "replay",
]
