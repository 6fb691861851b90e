"""What do all parts of the desk work with?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import Table

from handoff.bookkeeping import Bookkeeping
from handoff.choosing import Chooser
from handoff.loads import Loads
from handoff.moving import Mover
from handoff.offer_store import OfferStore
from handoff.ownership import Ownership
from handoff.policy import Policy
from handoff.roster import Roster
from handoff.sla_store import SlaClocks
from handoff.tables import Tables
from handoff.ticket_store import TicketStore

SYSTEM = "system"  # who did what nobody decided


@dataclass(frozen=True, slots=True)
class Parts:
    """The stores, and who moves conversations between them."""

    tables: Tables
    conversations: Table
    now: Callable[[], datetime]
    policy: Callable[[], Policy]
    ownership: Ownership
    roster: Roster
    loads: Loads
    tickets: TicketStore
    offers: OfferStore
    clocks: SlaClocks
    mover: Mover
    books: Bookkeeping

    @classmethod
    def over(
        cls, tables: Tables, conversations: Table, now: Callable[[], datetime], policy: Callable[[], Policy]
    ) -> Self:
        """Build them over the tables."""
        ownership, roster = Ownership(conversations, tables), Roster(tables)
        loads, tickets, offers = Loads(tables, roster), TicketStore(tables), OfferStore(tables)
        clocks, chooser = SlaClocks(tables, now, policy), Chooser(tables, conversations, roster)
        return cls(
            tables=tables,
            conversations=conversations,
            now=now,
            policy=policy,
            ownership=ownership,
            roster=roster,
            loads=loads,
            tickets=tickets,
            offers=offers,
            clocks=clocks,
            mover=Mover(ownership=ownership, chooser=chooser, loads=loads, tickets=tickets, offers=offers),
            books=Bookkeeping(ownership, roster, loads, tickets, clocks),
        )


class Part:
    """One part of the desk's commands or reads."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
