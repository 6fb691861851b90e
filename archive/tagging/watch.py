"""Whose tags may have changed, and whose may change by time alone?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Update, case, func, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from archive.tagging.store import Customer
from archive.tagging.tables import TaggingTables

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

RETRY = timedelta(seconds=60)  # after the first failure of a customer; doubles
MOST_DOUBLINGS = 7  # two hours


@dataclass(frozen=True, slots=True)
class Watched:
    """A customer whose tags are to be looked at, as it was when that was read."""

    account: str
    customer: str
    revision: int
    failures: int

    @property
    def person(self) -> Customer:
        """By whom her tags are kept."""
        return (self.account, self.customer)


class TagWatch:
    """Who is to be looked at, in SQL. Every method works inside the caller's transaction and never commits."""

    def __init__(self, tables: TaggingTables) -> None:
        self._watch = tables.watch

    async def notice(self, connection: AsyncConnection, people: Collection[Customer], due_at: datetime) -> None:
        """Something of these customers changed: look at them at `due_at`, or sooner where that was due already."""
        rows = [
            {"account": account, "customer": customer, "due_at": due_at}
            for account, customer in sorted(set(people))  # in order: two transactions do not wait in a circle
            if customer
        ]
        if not rows:
            return
        w = self._watch
        insert = postgresql.insert(w) if connection.dialect.name == "postgresql" else sqlite.insert(w)
        later = or_(w.c.due_at.is_(None), w.c.due_at > insert.excluded.due_at)
        upsert = insert.on_conflict_do_update(
            index_elements=["account", "customer"],
            set_={
                "revision": w.c.revision + 1,
                "due_at": case((later, insert.excluded.due_at), else_=w.c.due_at),
                "failures": 0,
                "error": "",
            },
        )
        await connection.execute(upsert, rows)

    async def due(self, connection: AsyncConnection, rules: int, now: datetime, limit: int) -> list[Watched]:
        """Who is to be looked at now: who wrote last comes first, then whom other rules judged."""
        w = self._watch
        columns = select(w.c.account, w.c.customer, w.c.revision, w.c.failures)
        waiting = columns.where(w.c.due_at <= now).order_by(w.c.due_at.desc(), w.c.account, w.c.customer).limit(limit)
        found = [Watched(*row) for row in await connection.execute(waiting)]
        if len(found) < limit:
            outdated = columns.where(w.c.rules != rules, w.c.due_at.is_(None) | (w.c.due_at > now), w.c.failures == 0)
            found += [Watched(*row) for row in await connection.execute(outdated.limit(limit - len(found)))]
        return found

    async def unchanged(self, connection: AsyncConnection, seen: Sequence[Watched]) -> list[Watched]:
        """Those of them of whom nothing changed since; nobody changes them before this transaction ends."""
        w = self._watch
        people = [each.person for each in seen]
        query = select(w.c.account, w.c.customer, w.c.revision).where(tuple_(w.c.account, w.c.customer).in_(people))
        rows = await connection.execute(query.order_by(w.c.account, w.c.customer).with_for_update())
        now = {(row.account, row.customer): row.revision for row in rows}
        return [each for each in seen if now.get(each.person) == each.revision]

    async def settle(self, connection: AsyncConnection, seen: Watched, rules: int, due_at: datetime | None) -> None:
        """She was looked at by these rules; again at `due_at`, None: not before something changes."""
        # whoever read her at the same time has read her in vain
        values = {"rules": rules, "revision": self._watch.c.revision + 1, "due_at": due_at, "failures": 0, "error": ""}
        await connection.execute(self._update(seen).values(values))

    async def fail(self, connection: AsyncConnection, seen: Watched, error: str, now: datetime) -> None:
        """She could not be looked at; again later, and later each time."""
        due_at = now + RETRY * 2 ** min(seen.failures, MOST_DOUBLINGS)
        change = self._update(seen).values(due_at=due_at, failures=self._watch.c.failures + 1, error=error[:64])
        await connection.execute(change)

    async def counts(self, connection: AsyncConnection, now: datetime) -> dict[str, int]:
        """How many are due, and how many could not be looked at, by the class of the error."""
        w = self._watch
        due = await connection.scalar(select(func.count()).select_from(w).where(w.c.due_at <= now))
        failed = select(w.c.error, func.count()).where(w.c.due_at.is_not(None), w.c.error != "").group_by(w.c.error)
        return {"due": due or 0, **{str(error): count for error, count in await connection.execute(failed)}}

    def _update(self, seen: Watched) -> Update:
        w = self._watch
        return update(w).where(w.c.account == seen.account, w.c.customer == seen.customer)
