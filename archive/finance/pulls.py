"""Whose archive has news, who reads it, how far, and how far behind are we?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, true, update

from archive.finance.inserting import insert_for
from archive.finance.leases import hold, take

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection

ERROR_CHARS = 200  # of the column; names of errors, never what was said


@dataclass(frozen=True, slots=True)
class PullClaim:
    """One account's archive, ours to read until the lease expires. seq: read so far; failures: in a row."""

    id: int
    account: str
    seq: int
    rings: int
    failures: int
    lease: str


@dataclass(frozen=True, slots=True)
class PullState:
    """How an account stands. complete_until: nothing said before is unread. code, error: of the last try, 0 and ""."""

    account: str
    seq: int
    complete_until: datetime
    failures: int
    code: int
    error: str
    is_held: bool

    def lag_s(self, now: datetime) -> float:
        """Seconds by which the oldest unread message can be old at most."""
        return max((now - self.complete_until).total_seconds(), 0.0)


class Pulls:
    """Cursors and leases. Every method works inside the caller's transaction and never commits."""

    def __init__(self, pulls: Table, now: Callable[[], datetime], lease_s: float) -> None:
        self._pulls = pulls
        self._now = now
        self._lease = timedelta(seconds=lease_s)

    async def register(self, connection: AsyncConnection, accounts: Sequence[str]) -> None:
        """Make sure that these are read, from the oldest message the platform still has."""
        now = self._now()
        rows = [
            {"account": account, "rings": 1, "ready_at": now, "complete_until": now} for account in sorted(accounts)
        ]
        if rows:
            await connection.execute(insert_for(connection, self._pulls).on_conflict_do_nothing(), rows)

    async def ring(self, connection: AsyncConnection, account: str) -> None:
        """There is news. An account that was put off stays put off: its trouble is not over by that."""
        pulls = self._pulls
        await connection.execute(update(pulls).where(pulls.c.account == account).values(rings=pulls.c.rings + 1))

    async def ring_again(self, connection: AsyncConnection, *, older_than_s: float) -> None:
        """The timer beside the doorbell: a bell may be lost."""
        pulls = self._pulls
        before = self._now() - timedelta(seconds=older_than_s)
        await connection.execute(
            update(pulls)
            .where(pulls.c.rings == pulls.c.rings_answered, pulls.c.complete_until < before)
            .values(rings=pulls.c.rings + 1)
        )

    async def claim(
        self, connection: AsyncConnection, accounts: Sequence[str], *, asked: bool = False
    ) -> PullClaim | None:
        """One of these accounts that has news and that nobody reads, or None.

        asked: somebody wants it read now, whether it has news, or was put off, or not.
        """
        pulls, now = self._pulls, self._now()
        due = (true(),) if asked else (pulls.c.rings > pulls.c.rings_answered, pulls.c.ready_at <= now)
        row = await take(
            connection, pulls, pulls.c.account.in_(accounts), *due, order=pulls.c.ready_at, now=now,
            until=now + self._lease,
        )  # fmt: skip
        if row is None:
            return None
        return PullClaim(row.id, row.account, row.seq, row.rings, row.failures, row.lease_token)

    async def renew(self, connection: AsyncConnection, claim: PullClaim) -> None:
        """It takes longer. Raises LeaseLost."""
        await hold(connection, self._pulls, claim.id, claim.lease, lease_until=self._now() + self._lease)

    async def advance(
        self, connection: AsyncConnection, claim: PullClaim, seq: int, said_until: datetime | None
    ) -> None:
        """All up to `seq` is stored in this transaction; said_until: when the last of it was said. Raises LeaseLost."""
        known = {} if said_until is None else {"complete_until": min(said_until, self._now())}
        await hold(
            connection, self._pulls, claim.id, claim.lease, seq=seq, lease_until=self._now() + self._lease, **known
        )

    async def finish(self, connection: AsyncConnection, claim: PullClaim) -> None:
        """The last page was read; what rang meanwhile rings on. Raises LeaseLost."""
        await hold(
            connection, self._pulls, claim.id, claim.lease,
            rings_answered=claim.rings, complete_until=self._now(), failures=0, code=0, error="", lease_token=None,
            lease_until=None,
        )  # fmt: skip

    async def let_go(self, connection: AsyncConnection, claim: PullClaim) -> None:
        """Stop in the middle; whoever comes next goes on. Raises LeaseLost."""
        await hold(connection, self._pulls, claim.id, claim.lease, lease_token=None, lease_until=None)

    async def postpone(
        self, connection: AsyncConnection, claim: PullClaim, until: datetime, *, code: int, error: str
    ) -> None:
        """Reading failed; try again at `until`. Raises LeaseLost."""
        await hold(
            connection, self._pulls, claim.id, claim.lease,
            ready_at=until, failures=claim.failures + 1, code=code, error=error[:ERROR_CHARS], lease_token=None,
            lease_until=None,
        )  # fmt: skip

    async def states(self, connection: AsyncConnection) -> list[PullState]:
        """Every account that is read, by name."""
        pulls, now = self._pulls, self._now()
        rows = await connection.execute(select(pulls).order_by(pulls.c.account))
        return [
            PullState(
                account=row.account,
                seq=row.seq,
                complete_until=row.complete_until,
                failures=row.failures,
                code=row.code,
                error=row.error,
                is_held=row.lease_until is not None and row.lease_until >= now,
            )
            for row in rows
        ]
