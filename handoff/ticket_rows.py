"""How does a row become a value?"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from handoff.offers import Offer, OfferReason, OfferState
from handoff.outcomes import Owner
from handoff.tickets import Assignment, Ticket, TicketState, summary_from_json

REGION_SEPARATOR = "/"


def ticket_of(row: Row[Any]) -> Ticket:
    """A row of `tickets`."""
    return Ticket(
        id=row.id,
        conversation_id=row.conversation_id,
        account=row.account,
        channel=row.channel,
        customer=row.customer,
        team=row.team,
        priority=row.priority,
        reason=row.reason,
        rule=row.rule,
        signals=tuple(row.signals),
        summary=summary_from_json(row.summary),
        state=TicketState(row.state),
        agent=row.agent,
        outcome=row.outcome,
        opened_at=row.opened_at,
        assigned_at=row.assigned_at,
        closed_at=row.closed_at,
        type=row.type,
        source=row.source,
        region=region_of(row.region),
        skills=tuple(row.skills or ()),
        sla=row.sla,
        facts=row.facts,
        card=row.card,
        queued_at=row.queued_at,
        released_by=row.released_by,
        first_response_at=row.first_response_at,
        pending_until=row.pending_until,
        reopened=row.reopened,
        merged_into=row.merged_into,
        overflowed_at=row.overflowed_at,
        escalated_at=row.escalated_at,
        told_position=row.told_position,
    )


def region_of(kept: str) -> tuple[str, ...]:
    """Province, city, district as far as known, from the column; "" for one between that is not."""
    return tuple(kept.split(REGION_SEPARATOR)) if kept else ()


def offer_of(row: Row[Any]) -> Offer:
    """A row of `offers`."""
    return Offer(
        id=row.id,
        ticket_id=row.ticket_id,
        conversation_id=row.conversation_id,
        agent=row.agent,
        team=row.team,
        channel=row.channel,
        version=row.version,
        made_at=row.made_at,
        expires_at=row.expires_at,
        state=OfferState(row.state),
        ended_at=row.ended_at,
        candidates=tuple(row.candidates),
        exclusions=row.exclusions,
        reason=OfferReason(row.reason),
    )


def assignment_of(row: Row[Any]) -> Assignment:
    """A row of `assignment_log`."""
    return Assignment(
        conversation_id=row.conversation_id,
        version=row.version,
        from_owner=Owner(row.from_owner),
        to_owner=Owner(row.to_owner),
        agent=row.agent,
        team=row.team,
        cause=row.cause,
        candidates=tuple(row.candidates),
        exclusions=row.exclusions,
        reason=row.reason,
        at=row.at,
    )
