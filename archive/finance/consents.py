"""What did somebody say about being archived?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from archive.entry import Entry, Voice
from archive.finance.kinds import KINDS, show
from archive.finance.people import SOURCE


class Consent(StrEnum):
    """How a person stands to being archived, in the platform's words."""

    AGREE = "Agree"
    DISAGREE = "Disagree"


@dataclass(frozen=True, slots=True)
class ConsentFact:
    """Somebody said yes or no to being archived. counterpart: the member's userid, or the group's id.

    source: how we know: "archive_message", or "event" for msg_audit_approved.
    """

    account: str
    customer: str
    counterpart: str
    status: Consent
    changed_at: datetime
    source: str


def consent_entry(fact: ConsentFact, source_id: str) -> Entry:
    """How the transcript keeps a fact that came by itself (an event, not a message)."""
    name = "agree" if fact.status is Consent.AGREE else "disagree"
    return Entry(
        source=SOURCE,
        source_id=source_id,
        conversation_id=None,
        account=fact.account,
        customer=fact.customer,
        voice=Voice.SYSTEM,
        kind=KINDS[name],
        at=fact.changed_at,
        text=show(name, {}).text,
        body={"to": [fact.counterpart]},
    )
