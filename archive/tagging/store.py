"""How are tags kept: what the rules judged, what people decided, and every change of either?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, Update, bindparam, delete, exists, func, insert, select, tuple_, update

from archive.tagging.evaluation import Judgement, TagState
from archive.tagging.tables import TaggingTables

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

Customer = tuple[str, str]  # account, customer
SAME = 0.005  # a confidence that moved by less is shown as the same, and not written


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of a customer. evidence: ids of entries, the weightiest first. by: who decided it, "" for the rules.

    first_seen, last_seen: of the messages that ever spoke for it; None where people alone did.
    """

    name: str
    state: TagState
    confidence: float
    evidence: tuple[int, ...]
    first_seen: datetime | None
    last_seen: datetime | None
    by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class TagChange:
    """One line of a tag's history."""

    name: str
    state: TagState
    confidence: float
    by: str
    at: datetime


class TagStore:
    """Tags in SQL. Every method works inside the caller's transaction and never commits."""

    def __init__(self, tables: TaggingTables) -> None:
        self._tables = tables
        t = tables.tags
        hers = (t.c.account == bindparam("account"), t.c.customer == bindparam("customer"))
        self._all = select(t).where(*hers).order_by(t.c.confidence.desc(), t.c.tag)

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    async def of(self, connection: AsyncConnection, account: str, customer: str) -> list[Tag]:
        """All tags that a customer has, had or is not to have, the surest first."""
        return [_tag(row) for row in await connection.execute(self._all, {"account": account, "customer": customer})]

    def wears(self, account: ColumnElement[str], customer: ColumnElement[str], tag: str) -> ColumnElement[bool]:
        """The condition that the customer of these columns wears this tag."""
        t = self._tables.tags.c
        now = t.state.in_([state.value for state in TagState if state.is_worn])
        return exists(select(t.tag).where(t.account == account, t.customer == customer, t.tag == tag, now))

    async def of_many(
        self, connection: AsyncConnection, people: Collection[Customer]
    ) -> dict[Customer, dict[str, Tag]]:
        """The tags of several customers by name, faded and forbidden ones too."""
        t = self._tables.tags
        found: dict[Customer, dict[str, Tag]] = {each: {} for each in people}
        if people:
            query = select(t).where(tuple_(t.c.account, t.c.customer).in_(sorted(people)))
            for row in await connection.execute(query):
                found[row.account, row.customer][row.tag] = _tag(row)
        return found

    async def history(
        self, connection: AsyncConnection, account: str, customer: str, *, limit: int = 100
    ) -> list[TagChange]:
        """The last changes of a customer's tags, the newest first."""
        h = self._tables.history
        query = select(h).where(h.c.account == account, h.c.customer == customer).order_by(h.c.id.desc()).limit(limit)
        return [
            TagChange(row.tag, TagState(row.state), row.confidence, row.by, row.at)
            for row in await connection.execute(query)
        ]

    async def accounts_of(self, connection: AsyncConnection, customer: str) -> list[str]:
        """The accounts at which a customer of this id has tags."""
        t = self._tables.tags
        query = select(t.c.account).where(t.c.customer == customer).distinct().order_by(t.c.account)
        return list(await connection.scalars(query))

    async def worn(self, connection: AsyncConnection, since: datetime, until: datetime) -> list[tuple[str, int]]:
        """How many customers wear each tag for something they said in [since, until), the most worn first."""
        t, customers = self._tables.tags, func.count().label("customers")
        query = (
            select(t.c.tag, customers)
            .where(t.c.state.in_([state.value for state in TagState if state.is_worn]))
            .where(t.c.last_seen >= since, t.c.first_seen < until)
            .group_by(t.c.tag)
            .order_by(customers.desc(), t.c.tag)
        )
        return [(row.tag, row.customers) for row in await connection.execute(query)]

    # ── judged by rules ──────────────────────────────────────────────────────────────────────

    async def judged(
        self,
        connection: AsyncConnection,
        person: Customer,
        before: Mapping[str, Tag],
        judgements: Iterable[Judgement],
        now: datetime,
    ) -> bool:
        """Keep what the rules say of a customer; whether the tags that she wears are others now."""
        changed = False
        for each in judgements:
            old = before.get(each.name)
            if old is None and not each.state.is_worn:
                continue
            tag = _as_judged(old, each, now)
            if old is not None and _is_same(old, tag):
                continue
            await self._write(connection, person, old, tag)
            changed = changed or tag.state.is_worn != (old is not None and old.state.is_worn)
        return changed

    # ── decided by people ────────────────────────────────────────────────────────────────────

    async def decide(
        self,
        connection: AsyncConnection,
        person: Customer,
        name: str,
        state: TagState | None,
        *,
        by: str,
        now: datetime,
    ) -> bool:
        """PINNED or VETOED by a person; None: the rules decide again. False where it is so already.

        What is released keeps being worn or not until the rules are asked: note the customer to be looked at.
        """
        before = (await self.of_many(connection, [person]))[person].get(name)
        if state is None:
            if before is None or not before.state.is_decided:
                return False
            state = TagState.ACTIVE if before.state is TagState.PINNED else TagState.FADED
        elif before is not None and before.state is state:
            return False
        evidence = before.evidence if before else ()
        confidence = before.confidence if before else 0.0
        seen = (before.first_seen, before.last_seen) if before else (None, None)
        await self._write(connection, person, before, Tag(name, state, confidence, evidence, *seen, by, now))
        return True

    async def forget(self, connection: AsyncConnection, account: str, customer: str) -> int:
        """Remove a customer's tags with all that is known of them; how many tags there were."""
        gone = 0
        # the watch first, as who writes tags locks it first
        for table in (self._tables.watch, self._tables.tags, self._tables.history):
            which = (table.c.account == account, table.c.customer == customer)
            done = await connection.execute(delete(table).where(*which))
            gone += done.rowcount if table is self._tables.tags else 0
        return gone

    # ── rows ─────────────────────────────────────────────────────────────────────────────────

    async def _write(self, connection: AsyncConnection, person: Customer, old: Tag | None, new: Tag) -> None:
        account, customer = person
        values: dict[str, Any] = {
            "state": new.state.value,
            "confidence": new.confidence,
            "evidence": list(new.evidence),
            "first_seen": new.first_seen,
            "last_seen": new.last_seen,
            "by": new.by,
            "changed_at": new.changed_at,
        }
        if old is None:
            row = {"account": account, "customer": customer, "tag": new.name, **values}
            await connection.execute(insert(self._tables.tags), row)
        else:
            await connection.execute(self._update(person, new.name).values(**values))
        if old is None or old.state is not new.state or old.by != new.by:
            line = {"account": account, "customer": customer, "tag": new.name, "at": new.changed_at}
            line |= {"state": new.state.value, "confidence": new.confidence, "by": new.by}
            await connection.execute(insert(self._tables.history), line)

    def _update(self, person: Customer, name: str) -> Update:
        t = self._tables.tags
        return update(t).where(t.c.account == person[0], t.c.customer == person[1], t.c.tag == name)


def _as_judged(old: Tag | None, judged: Judgement, now: datetime) -> Tag:
    shares = judged.weighed.evidence
    seen = [share.at for share in shares]
    seen += [each for each in (old.first_seen, old.last_seen) if each is not None] if old else []
    moved = old is None or old.state is not judged.state
    evidence = tuple(share.entry_id for share in shares)
    return Tag(
        name=judged.name,
        state=judged.state,
        confidence=round(judged.weighed.confidence, 4),
        # what faded keeps what it once stood on, as long as those messages are there
        evidence=evidence or (old.evidence if old else ()),
        first_seen=min(seen, default=None),
        last_seen=max(seen, default=None),
        by=old.by if old and judged.state.is_decided else "",
        changed_at=now if moved or old is None else old.changed_at,
    )


def _is_same(old: Tag, new: Tag) -> bool:
    same = (old.state, old.evidence, old.last_seen, old.by) == (new.state, new.evidence, new.last_seen, new.by)
    return same and abs(old.confidence - new.confidence) < SAME


def _tag(row: Row[Any]) -> Tag:
    return Tag(
        name=row.tag,
        state=TagState(row.state),
        confidence=row.confidence,
        evidence=tuple(row.evidence),
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        by=row.by,
        changed_at=row.changed_at,
    )


def worn(tags: Sequence[Tag]) -> tuple[str, ...]:
    """The names of the tags that are worn, in their order."""
    return tuple(tag.name for tag in tags if tag.state.is_worn)
