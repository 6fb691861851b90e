"""How does the transcript keep what somebody said about being archived?"""

from __future__ import annotations

from archive.consent.values import Consent, ConsentFact
from archive.entry import Entry, Voice
from archive.finance.kinds import KINDS, show
from archive.finance.people import SOURCE


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
