"""Of which customers is the platform to be told something, who is at it, and how did it end?"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, and_, case, delete, or_, select, tuple_, update

from archive.tagging import Customer
from bot.domain import ChannelKind
from bot.store.dialect import insert_for
from bot.tagging.follows import Follow
from bot.tagging.tables import tag_follows, tag_targets

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

LEASE = timedelta(seconds=120)  # longer than telling of 50 followers takes; telling twice says the same
_t, _f = tag_targets.c, tag_follows.c


class TargetState(StrEnum):
    """PENDING: there may be something to tell. WAITING: until somebody follows. DEAD: look at it."""

    PENDING = "pending"
    DONE = "done"
    WAITING = "waiting"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Target:
    """A customer, as she was when she was claimed. asks: what stands at the platform is to be asked first."""

    account: str
    customer: str
    revision: int
    attempts: int
    asks: bool
    forgets: bool

    @property
    def person(self) -> Customer:
        """By whom her tags are kept."""
        return (self.account, self.customer)


@dataclass(frozen=True, slots=True)
class Job:
    """One or, at official accounts, several customers of an account, under one lease."""

    account: str
    channel: ChannelKind
    token: str
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """How it ended for a target. again_at: of PENDING. counts: this was a try."""

    state: TargetState
    error: str = ""
    advice: str = ""
    again_at: datetime | None = None
    counts: bool = False


class TagTargets:
    """Targets in SQL. Methods with a connection work in the caller's transaction and never commit.

    channels: of the accounts that tags are written to, by name.
    """

    def __init__(
        self, engine: AsyncEngine, channels: Mapping[str, ChannelKind], *, now: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._channels = channels
        self._now = now

    # ── something is to be told ──────────────────────────────────────────────────────────────

    async def changed(self, connection: AsyncConnection, people: Sequence[Customer]) -> None:
        """Their tags are others now."""
        await self._put(connection, people, asks=False)

    async def ask(self, connection: AsyncConnection, people: Sequence[Customer]) -> None:
        """What stands at the platform may be otherwise: ask, then write."""
        await self._put(connection, people, asks=True)

    async def forget(self, connection: AsyncConnection, account: str, customer: str) -> bool:
        """Take all of ours away from her, then forget her too; True if something has to be taken away."""
        mine = (_t.account == account, _t.customer == customer)
        rows = await connection.execute(select(_f.ours).where(_f.account == account, _f.customer == customer))
        if any(row.ours for row in rows):
            now = self._now()
            values: dict[str, Any] = {"state": TargetState.PENDING.value, "forgets": 1, "asks": 0, "next_at": now}
            change = update(tag_targets).where(*mine).values(**values, revision=_t.revision + 1, attempts=0)
            await connection.execute(change)
            return True
        await self._drop(connection, account, customer)
        return False

    async def retry(self, connection: AsyncConnection) -> int:
        """Give those that died another chance; how many there were."""
        values: dict[str, Any] = {"state": TargetState.PENDING.value, "attempts": 0, "next_at": self._now()}
        change = update(tag_targets).where(_t.state == TargetState.DEAD.value)
        return (await connection.execute(change.values(**values, asks=1, error=None, advice=None))).rowcount

    async def known(self, connection: AsyncConnection, account: str = "") -> list[Customer]:
        """Everybody the platform was told of, of one account or all."""
        query = select(_t.account, _t.customer).where(_t.forgets == 0)
        rows = await connection.execute(query.where(_t.account == account) if account else query)
        return [(row.account, row.customer) for row in rows]

    async def is_known(self, connection: AsyncConnection, account: str, customer: str) -> bool:
        """Whether the platform was ever told of her tags."""
        query = select(_t.customer).where(_t.account == account, _t.customer == customer)
        return (await connection.execute(query)).one_or_none() is not None

    async def _put(self, connection: AsyncConnection, people: Iterable[Customer], *, asks: bool) -> None:
        now = self._now()
        rows = [
            {
                "account": account,
                "customer": customer,
                "channel": self._channels[account].value,
                "state": TargetState.PENDING.value,
                "next_at": now,
                "changed_at": now,
            }
            for account, customer in sorted(set(people))
            if account in self._channels
        ]
        if not rows:
            return
        values: dict[str, Any] = {
            "state": TargetState.PENDING.value,
            "forgets": _t.forgets if asks else 0,  # what happened on her card is no reason to remember her
            "revision": _t.revision + 1,
            "attempts": 0,
            "next_at": now,
            "changed_at": now,
            # who had nobody to give her tags may have somebody now
            "asks": 1 if asks else case((_t.state == TargetState.WAITING.value, 1), else_=_t.asks),
        }
        insert = insert_for(connection, tag_targets)
        upsert = insert.on_conflict_do_update(index_elements=["account", "customer"], set_=values)
        await connection.execute(upsert, rows)

    # ── telling ──────────────────────────────────────────────────────────────────────────────

    async def claim(self, most: Mapping[ChannelKind, int]) -> Job | None:
        """Who waits longest and nobody is at, with others of the same account. most: how many at once, by channel."""
        now = self._now()
        free = or_(_t.lease_until.is_(None), _t.lease_until < now)
        due = and_(_t.state == TargetState.PENDING.value, _t.next_at <= now, free)
        query = select(tag_targets).where(due).order_by(_t.next_at, _t.account, _t.customer)
        async with self._engine.begin() as connection:
            first = (await connection.execute(query.limit(1).with_for_update(skip_locked=True))).one_or_none()
            if first is None:
                return None
            channel = ChannelKind(first.channel)
            rows = [first]
            if most.get(channel, 1) > 1:
                others = query.where(_t.account == first.account).limit(most[channel])
                rows = list((await connection.execute(others.with_for_update(skip_locked=True))).all())
            token = uuid.uuid4().hex
            people = [(row.account, row.customer) for row in rows]
            lease = update(tag_targets).where(tuple_(_t.account, _t.customer).in_(people))
            await connection.execute(lease.values(lease_token=token, lease_until=now + LEASE))
        return Job(first.account, channel, token, tuple(map(_target, rows)))

    async def end(self, job: Job, endings: Mapping[Customer, Ending]) -> None:
        """Let go of a job; what changed meanwhile stays pending, what another took over is left to it."""
        now = self._now()
        async with self._engine.begin() as connection:
            for target in job.targets:
                ending = endings[target.person]
                mine = (_t.account == target.account, _t.customer == target.customer, _t.lease_token == job.token)
                row = (await connection.execute(select(_t.revision).where(*mine).with_for_update())).one_or_none()
                if row is None:
                    continue
                same = row.revision == target.revision
                if target.forgets and same and ending.state in {TargetState.DONE, TargetState.WAITING}:
                    await self._drop(connection, *target.person)
                    continue
                state = ending.state if same else TargetState.PENDING
                values: dict[str, Any] = {
                    "state": state.value,
                    "attempts": target.attempts + 1 if ending.counts and same else 0,
                    "next_at": (ending.again_at or now) if same else now,
                    "error": ending.error[:500] or None,
                    "advice": ending.advice[:500] or None,
                    "lease_token": None,
                    "lease_until": None,
                    "changed_at": now,
                }
                await connection.execute(update(tag_targets).where(*mine).values(values))

    async def asked(self, connection: AsyncConnection, target: Target) -> None:
        """What stands at the platform is known now."""
        mine = (_t.account == target.account, _t.customer == target.customer, _t.revision == target.revision)
        await connection.execute(update(tag_targets).where(*mine).values(asks=0))

    # ── what stands there ────────────────────────────────────────────────────────────────────

    async def follows(
        self, connection: AsyncConnection, people: Collection[Customer]
    ) -> dict[Customer, dict[str, Follow]]:
        """What we know of these customers' tags at the platform, by member."""
        found: dict[Customer, dict[str, Follow]] = {each: {} for each in people}
        query = select(tag_follows).where(tuple_(_f.account, _f.customer).in_(sorted(people)))
        for row in await connection.execute(query):
            found[row.account, row.customer][row.member] = _follow(row)
        return found

    async def keep(self, connection: AsyncConnection, person: Customer, follows: Iterable[Follow]) -> None:
        """Write what we know of a customer's tags with some members."""
        account, customer = person
        for each in follows:
            values = {
                "live": int(each.live),
                "written": sorted(each.written),
                "ours": sorted(each.ours),
                "theirs": sorted(each.theirs),
                "others": each.others,
                "marked_at": each.marked_at,
            }
            row = {"account": account, "customer": customer, "member": each.member, **values}
            insert = insert_for(connection, tag_follows).values(row)
            upsert = insert.on_conflict_do_update(index_elements=["account", "customer", "member"], set_=values)
            await connection.execute(upsert)

    async def lost(self, connection: AsyncConnection, account: str, customer: str) -> None:
        """Nobody gives her tags any more."""
        await connection.execute(
            update(tag_follows).where(_f.account == account, _f.customer == customer).values(live=0)
        )

    async def _drop(self, connection: AsyncConnection, account: str, customer: str) -> None:
        for table in (tag_follows, tag_targets):
            await connection.execute(delete(table).where(table.c.account == account, table.c.customer == customer))


def _target(row: Row[Any]) -> Target:
    return Target(row.account, row.customer, row.revision, row.attempts, bool(row.asks), bool(row.forgets))


def _follow(row: Row[Any]) -> Follow:
    names = (frozenset(row.written), frozenset(row.ours), frozenset(row.theirs))
    return Follow(row.member, bool(row.live), *names, row.others, row.marked_at)
