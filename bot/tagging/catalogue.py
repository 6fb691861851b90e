"""Which tags does an account have at its platform, under which ids? Ours are made once, by one process at a time."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import delete, or_, select, update

from bot.platform import ApiError, PlatformError, Verdict
from bot.store.dialect import insert_for
from bot.store.engine import read_only
from bot.tagging.tables import tag_catalogue, tag_catalogues

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

Name = tuple[str, str]  # group ("" where there are none), tag
LEASE = timedelta(seconds=120)  # longer than reading and making take with all retries
TRY_AGAIN = timedelta(minutes=10)  # until what could not be made is tried again

_c, _s = tag_catalogue.c, tag_catalogues.c


class CatalogueBusy(Exception):  # noqa: N818 - reads as the fact it is
    """Another process is reading or making tags; look again in a moment."""


@dataclass(frozen=True, slots=True)
class Made:
    """What making tags came to. problem: why some are not there, "" where all are."""

    ids: Mapping[Name, str]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A tag at the platform. since: when it got its id; who had it before that lost it to nobody's decision on her."""

    id: str
    since: datetime


class TagShelf(Protocol):
    """The calls of one platform about its list of tags."""

    async def read(self, account: str) -> dict[Name, str]:
        """Every tag there is, with its id. Raises PlatformError."""
        ...

    async def make(self, account: str, names: Sequence[Name], there: Mapping[Name, str]) -> Made:
        """Make these. there: what it has. Raises PlatformError where it may go better later."""
        ...


@dataclass(frozen=True, slots=True)
class TagCatalogue:
    """Tags' ids, kept here. Reads the platform's list before anything is made."""

    engine: AsyncEngine
    now: Callable[[], datetime]

    async def ids(self, shelf: TagShelf, account: str, wanted: Collection[Name]) -> dict[Name, str]:
        """The ids of those of the wanted tags that can be had. Raises PlatformError, CatalogueBusy."""
        async with read_only(self.engine).connect() as connection:
            known = await _rows(connection, account)
            state = (await connection.execute(select(tag_catalogues).where(_s.account == account))).one_or_none()
        missing = sorted(set(wanted) - set(known))
        rests = state is not None and state.problem and state.read_at > self.now() - TRY_AGAIN
        if state is None or state.stale or (missing and not rests):
            known = await self._read_and_make(shelf, account, wanted)
        return {name: known[name] for name in wanted if known.get(name)}

    async def kept(self, connection: AsyncConnection, account: str) -> dict[Name, Kept]:
        """The tags as they were last known, those that the shop has no rule for any more too."""
        query = select(_c.grouping, _c.name, _c.platform_id, _c.since).where(_c.account == account)
        rows = await connection.execute(query.where(_c.platform_id != ""))
        return {(row.grouping, row.name): Kept(row.platform_id, row.since) for row in rows}

    async def outdated(self, connection: AsyncConnection, account: str) -> None:
        """The platform's list changed: it is read again before it is used."""
        row = {"account": account, "stale": 1}
        insert = insert_for(connection, tag_catalogues).values(row)
        await connection.execute(insert.on_conflict_do_update(index_elements=["account"], set_={"stale": 1}))

    async def make_again(self, connection: AsyncConnection) -> None:
        """Somebody wants what was deleted at the platform, or could not be made, to be made now."""
        await connection.execute(delete(tag_catalogue).where(_c.platform_id == ""))
        await connection.execute(update(tag_catalogues).values(stale=1, problem=None))

    async def problems(self, connection: AsyncConnection) -> dict[str, str]:
        """Why tags of ours are not there, by account."""
        rows = await connection.execute(select(_s.account, _s.problem).where(_s.problem.is_not(None)))
        return {row.account: row.problem for row in rows}

    async def _read_and_make(self, shelf: TagShelf, account: str, wanted: Collection[Name]) -> dict[Name, str]:
        token = uuid.uuid4().hex
        await self._take(account, token)
        problem: str | None = None
        try:
            there = await shelf.read(account)
            async with self.engine.begin() as connection:
                known = await self._remember(connection, account, there, wanted)
            missing = sorted(set(wanted) - set(known))
            if missing:
                made = await shelf.make(account, missing, there)
                problem = made.problem or None
                async with self.engine.begin() as connection:
                    await _put(connection, account, made.ids, self.now())
                known |= made.ids
        except PlatformError:
            await self._let_go(account, token, {})
            raise
        await self._let_go(account, token, {"stale": 0, "read_at": self.now(), "problem": problem})
        return known

    async def _take(self, account: str, token: str) -> None:
        now = self.now()
        async with self.engine.begin() as connection:
            insert = insert_for(connection, tag_catalogues).values(account=account)
            await connection.execute(insert.on_conflict_do_nothing())
            free = or_(_s.lease_until.is_(None), _s.lease_until < now)
            taken = update(tag_catalogues).where(_s.account == account, free)
            if (await connection.execute(taken.values(lease_token=token, lease_until=now + LEASE))).rowcount != 1:
                raise CatalogueBusy(account)

    async def _let_go(self, account: str, token: str, values: Mapping[str, Any]) -> None:
        async with self.engine.begin() as connection:
            mine = update(tag_catalogues).where(_s.account == account, _s.lease_token == token)
            await connection.execute(mine.values(**values, lease_token=None, lease_until=None))

    async def _remember(
        self, connection: AsyncConnection, account: str, there: Mapping[Name, str], wanted: Collection[Name]
    ) -> dict[Name, str]:
        """Keep the ids of what is wanted; what we knew and is not there any more, people deleted: it is left so."""
        known = await _rows(connection, account)
        found = {name: there[name] for name in {*known, *wanted} if name in there}
        gone = {name: "" for name in known if name not in there}
        await _put(connection, account, {**found, **gone}, self.now())
        return {**found, **gone}


async def _rows(connection: AsyncConnection, account: str) -> dict[Name, str]:
    query = select(_c.grouping, _c.name, _c.platform_id).where(_c.account == account)
    return {(row.grouping, row.name): row.platform_id for row in await connection.execute(query)}


async def _put(connection: AsyncConnection, account: str, ids: Mapping[Name, str], now: datetime) -> None:
    rows = [
        {"account": account, "grouping": grouping, "name": name, "platform_id": platform_id, "since": now}
        for (grouping, name), platform_id in sorted(ids.items())
    ]
    if rows:
        insert = insert_for(connection, tag_catalogue)
        excluded = insert.excluded
        upsert = insert.on_conflict_do_update(
            index_elements=["account", "grouping", "name"],
            set_={"platform_id": excluded.platform_id, "since": excluded.since},
            where=_c.platform_id != excluded.platform_id,
        )
        await connection.execute(upsert, rows)


def is_final(error: PlatformError) -> bool:
    """Whether the platform refused for good, so that trying again at once is in vain."""
    return isinstance(error, ApiError) and error.verdict is Verdict.GIVE_UP
