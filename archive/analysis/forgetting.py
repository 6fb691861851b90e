"""How does what was found out about a customer go, when what she said goes or may be analysed no more?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from archive.analysis.progress import write_alone
from archive.analysis.tables import AnalysisTables

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much of each went."""

    results: int
    sessions: int
    findings: int


async def forget(
    connection: AsyncConnection, tables: AnalysisTables, entries: Table, *, account: str, customer: str, now: datetime
) -> Forgotten:
    """Remove all marks, sessions and findings of a customer; sessions of groups in which she spoke are judged anew.

    Inside the caller's transaction, before her entries go: by them her marks are known. An analysis under way writes
    before or after, and after that finds nothing of hers to write about.
    """
    await write_alone(connection)
    r, s, f = tables.results, tables.sessions, tables.findings
    hers = select(entries.c.id).where(entries.c.account == account, entries.c.customer == customer)
    groups = select(entries.c.session_id).where(
        entries.c.account == account, entries.c.customer == customer, entries.c.room != ""
    )
    results = await connection.execute(delete(r).where(r.c.entry_id.in_(hers)))
    findings = await connection.execute(
        delete(f).where(((f.c.account == account) & (f.c.customer == customer)) | f.c.anchor.in_(hers))
    )
    sessions = await connection.execute(delete(s).where(s.c.account == account, s.c.customer == customer))
    await connection.execute(update(s).where(s.c.id.in_(groups)).values(revision=s.c.revision + 1, due_at=now))
    await connection.execute(
        update(entries)
        .where(entries.c.account == account, entries.c.customer == customer, entries.c.room == "")
        .values(session_id=None)
    )
    return Forgotten(results.rowcount, sessions.rowcount, findings.rowcount)
