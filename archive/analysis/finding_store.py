"""How are findings kept, so that judging again finds the same thing once and a person's word about it stays?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, delete, insert, select, update

from archive.analysis.judging import Finding
from archive.analysis.lines import PEOPLE, agent_of
from archive.analysis.session_store import DueSession

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection

OPEN, CONFIRMED, DISMISSED = "open", "confirmed", "dismissed"


@dataclass(frozen=True, slots=True)
class KeptFinding:
    """A finding as it is kept. entry_ids: its messages, the anchor first. value: seconds or likeness."""

    id: int
    session_id: int
    account: str
    customer: str
    rule: str
    severity: str
    entry_ids: tuple[int, ...]
    agent: str
    value: float | None
    at: datetime
    state: str


class FindingStore:
    """Findings in SQL. Every method works inside the caller's transaction and never commits."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def replace(
        self, connection: AsyncConnection, found: Mapping[int, tuple[DueSession, Sequence[Finding]]], now: datetime
    ) -> None:
        """The findings of these sessions (by id) are exactly these; what people decided about one stays with it."""
        f = self._table
        query = select(f.c.id, f.c.session_id, f.c.rule, f.c.anchor, f.c.state).where(f.c.session_id.in_(list(found)))
        there = {(row.session_id, row.rule, row.anchor): row for row in await connection.execute(query)}
        rows = {
            (session.id, each.rule, each.lines[0].entry_id): _row(session, each)
            for session, findings in found.values()
            for each in findings
        }
        # what is found no more goes, unless a person has dealt with it
        await self._remove(connection, [row.id for key, row in there.items() if key not in rows and row.state == OPEN])
        if new := [{**row, "found_at": now} for key, row in rows.items() if key not in there]:
            await connection.execute(insert(f), new)
        if known := [{"finding": there[key].id, **row} for key, row in rows.items() if key in there]:
            names = ("severity", "entry_ids", "agent", "value", "at")
            values = {name: bindparam(f"new_{name}", type_=f.c[name].type) for name in names}
            change = update(f).where(f.c.id == bindparam("finding")).values(values)
            changes = [{"finding": row["finding"], **{f"new_{name}": row[name] for name in names}} for row in known]
            await connection.execute(change, changes)

    async def find(
        self,
        connection: AsyncConnection,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        rule: str = "",
        state: str = "",
        limit: int = 10_000,
    ) -> list[KeptFinding]:
        """Findings whose anchor was said in [since, until), newest first."""
        f = self._table
        query = select(f).order_by(f.c.at.desc(), f.c.id.desc()).limit(limit)
        query = query if since is None else query.where(f.c.at >= since)
        query = query if until is None else query.where(f.c.at < until)
        query = query.where(f.c.rule == rule) if rule else query
        query = query.where(f.c.state == state) if state else query
        return [_kept(row) for row in await connection.execute(query)]

    async def of_session(self, connection: AsyncConnection, session_id: int) -> list[KeptFinding]:
        """What was found in one session, in the order in which it was said."""
        f = self._table
        query = select(f).where(f.c.session_id == session_id).order_by(f.c.at, f.c.id)
        return [_kept(row) for row in await connection.execute(query)]

    async def review(self, connection: AsyncConnection, finding_id: int, state: str) -> bool:
        """A person says what is to be thought of it; False where there is no such finding."""
        f = self._table
        done = await connection.execute(update(f).where(f.c.id == finding_id).values(state=state))
        return done.rowcount > 0

    async def _remove(self, connection: AsyncConnection, ids: Sequence[int]) -> None:
        if ids:
            await connection.execute(delete(self._table).where(self._table.c.id.in_(ids)))


def _row(session: DueSession, finding: Finding) -> dict[str, object]:
    anchor = finding.lines[0]
    return {
        "session_id": session.id,
        "account": session.account,
        "customer": session.customer,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "anchor": anchor.entry_id,
        "entry_ids": [line.entry_id for line in finding.lines],
        "agent": anchor.who if anchor.voice in PEOPLE else agent_of(finding.lines),
        "value": finding.value,
        "at": anchor.at,
    }


def _kept(row: Row[Any]) -> KeptFinding:
    return KeptFinding(
        id=row.id,
        session_id=row.session_id,
        account=row.account,
        customer=row.customer,
        rule=row.rule,
        severity=row.severity,
        entry_ids=tuple(row.entry_ids),
        agent=row.agent,
        value=row.value,
        at=row.at,
        state=row.state,
    )
