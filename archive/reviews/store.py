"""How are reviews kept: assigned once, scored, appealed against, settled, each change an event?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from archive.errors import Unsealable
from archive.reviews.sheets import Marks
from archive.reviews.tables import ReviewTables, place_of_event
from archive.reviews.values import (
    Comment,
    Outcome,
    Review,
    ReviewEvent,
    ReviewRefused,
    ReviewSelection,
    ReviewState,
    ToReview,
    Words,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from archive.record import Archive
    from archive.sealing import DataKey

_NOTHING = Words()


class ReviewStore:
    """Reviews in SQL. Every method works inside the caller's transaction and never commits."""

    def __init__(self, tables: ReviewTables, archive: Archive) -> None:
        self._reviews, self._events, self._archive = tables.reviews, tables.events, archive
        once = ["anchor", "agent", "reviewer"]
        self._assigns = {
            "postgresql": postgresql.insert(self._reviews).on_conflict_do_nothing(index_elements=once),
            "sqlite": sqlite.insert(self._reviews).on_conflict_do_nothing(index_elements=once),
        }

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    async def find(self, connection: AsyncConnection, review_id: int) -> Review | None:
        """A review."""
        row = (await connection.execute(select(self._reviews).where(self._reviews.c.id == review_id))).one_or_none()
        return None if row is None else _review(row)

    async def listed(self, connection: AsyncConnection, which: ReviewSelection) -> list[Review]:
        """Reviews, the newest first, at most `limit`."""
        query = self._chosen(which).order_by(self._reviews.c.id.desc()).limit(which.limit)
        return [_review(row) for row in await connection.execute(query)]

    async def events(self, connection: AsyncConnection, review_id: int) -> list[ReviewEvent]:
        """What happened to a review, in order."""
        e = self._events
        rows = (await connection.execute(select(e).where(e.c.review_id == review_id).order_by(e.c.number))).all()
        keys = await self._archive.keys(connection, [row.key_id for row in rows if row.key_id is not None])
        return [_event(row, keys) for row in rows]

    def _chosen(self, which: ReviewSelection) -> Select[Any]:
        r = self._reviews
        query = select(r)
        if which.agents is not None:
            query = query.where(r.c.agent.in_(sorted(which.agents)))
        for name, value in (("agent", which.agent), ("reviewer", which.reviewer)):
            query = query.where(r.c[name] == value) if value else query
        if which.seen is not None:
            query = query.where(which.seen(r.c.anchor))
        if which.states:
            query = query.where(r.c.state.in_([each.value for each in which.states]))
        query = query if which.since is None else query.where(r.c.assigned_at >= which.since)
        query = query if which.until is None else query.where(r.c.assigned_at < which.until)
        return query if which.before is None else query.where(r.c.id < which.before)

    # ── changing ─────────────────────────────────────────────────────────────────────────────

    async def assign(self, connection: AsyncConnection, wanted: Sequence[ToReview], *, by: str, now: datetime) -> int:
        """Give sessions to reviewers. Returns how many are new.

        What an earlier drawing gave to somebody stays with her alone, also where a later one would deal otherwise.
        """
        made, r = 0, self._reviews.c
        anchors = sorted({each.anchor for each in wanted})
        given = {(*row,) for row in await connection.execute(select(r.anchor, r.agent).where(r.anchor.in_(anchors)))}
        for each in wanted:
            if (each.anchor, each.agent) in given:
                continue
            row = asdict(each) | {"state": "assigned", "revision": 1, "assigned_at": now, "changed_at": now}
            statement = self._assigns[connection.dialect.name].values(row).returning(self._reviews.c.id)
            review_id = await connection.scalar(statement)
            if review_id is not None:
                await connection.execute(insert(self._events), _happened(review_id, 1, by, "assigned", now))
                made += 1
        return made

    async def score(
        self,
        connection: AsyncConnection,
        review: Review,
        marks: Marks,
        outcome: Outcome,
        words: Words,
        *,
        by: str,
        now: datetime,
    ) -> ReviewRefused | None:
        """The reviewer's marks; again before anybody appealed replaces them, and the events keep both."""
        if by != review.reviewer:
            return ReviewRefused.NOT_YOURS
        if review.state not in {ReviewState.ASSIGNED, ReviewState.SCORED}:
            return ReviewRefused.WRONG_STATE
        values = {**_scored(marks, outcome), "scored_at": now}
        return await self._move(connection, review, ReviewState.SCORED, values, words, by=by, now=now)

    async def appeal(
        self, connection: AsyncConnection, review: Review, words: Words, *, by: str, now: datetime
    ) -> ReviewRefused | None:
        """Whose work it was says why the score is wrong; once, since what is settled is not scored again."""
        if by != review.agent:
            return ReviewRefused.NOT_YOURS
        if review.state is not ReviewState.SCORED:
            return ReviewRefused.WRONG_STATE
        if not words.note:
            return ReviewRefused.NO_REASON
        return await self._move(connection, review, ReviewState.APPEALED, {}, words, by=by, now=now)

    async def settle(
        self,
        connection: AsyncConnection,
        review: Review,
        marks: Marks,
        outcome: Outcome,
        words: Words,
        *,
        by: str,
        now: datetime,
    ) -> ReviewRefused | None:
        """What counts after an appeal, and why; nobody settles about herself."""
        if by == review.agent:
            return ReviewRefused.NOT_YOURS
        if review.state is not ReviewState.APPEALED:
            return ReviewRefused.WRONG_STATE
        if not words.note:
            return ReviewRefused.NO_REASON
        return await self._move(connection, review, ReviewState.SETTLED, _scored(marks, outcome), words, by=by, now=now)

    async def _move(
        self,
        connection: AsyncConnection,
        review: Review,
        state: ReviewState,
        values: Mapping[str, object],
        words: Words,
        *,
        by: str,
        now: datetime,
    ) -> ReviewRefused | None:
        r, number = self._reviews, review.revision + 1
        done = await connection.execute(
            update(r)
            .where(r.c.id == review.id, r.c.revision == review.revision)
            .values(state=state.value, revision=number, changed_at=now, **values)
        )
        if not done.rowcount:
            return ReviewRefused.CHANGED
        row = _happened(review.id, number, by, state.value, now)
        row |= {"marks": values.get("marks"), "total": values.get("total")}
        if not words.is_empty:
            key = await self._archive.seal_for(connection, review.account, review.customer, review.room)
            row |= {"key_id": key.id, "sealed": key.seal(place_of_event(review.id, number), _plain(words))}
        await connection.execute(insert(self._events), row)
        return None


def _scored(marks: Marks, outcome: Outcome) -> dict[str, object]:
    kept = asdict(outcome)
    return {"marks": dict(marks), "outcome": kept, "total": outcome.total, "passed": int(outcome.passed)}


def _happened(review_id: int, number: int, by: str, kind: str, now: datetime) -> dict[str, object]:
    nothing = {"marks": None, "total": None, "key_id": None, "sealed": None}
    return {"review_id": review_id, "number": number, "by": by, "kind": kind, "at": now, **nothing}


def _plain(words: Words) -> bytes:
    said = {"note": words.note, "comments": [{"entry": each.entry_id, "text": each.text} for each in words.comments]}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _review(row: Row[Any]) -> Review:
    told = row.outcome
    outcome = (
        Outcome(told["total"], told["passed"], tuple(told["fatal"]), told["points"], told["automatic"])
        if told
        else None
    )
    return Review(
        id=row.id,
        anchor=row.anchor,
        account=row.account,
        customer=row.customer,
        room=row.room,
        agent=row.agent,
        reviewer=row.reviewer,
        sheet=row.sheet,
        state=ReviewState(row.state),
        revision=row.revision,
        marks=row.marks,
        outcome=outcome,
        assigned_at=row.assigned_at,
        scored_at=row.scored_at,
        changed_at=row.changed_at,
    )


def _event(row: Row[Any], keys: Mapping[int, DataKey]) -> ReviewEvent:
    words, key = _NOTHING, keys.get(row.key_id)
    if key is not None and row.sealed is not None:
        try:
            said = json.loads(key.open(place_of_event(row.review_id, row.number), bytes(row.sealed)))
            words = Words(said["note"], tuple(Comment(each["entry"], each["text"]) for each in said["comments"]))
        except Unsealable:
            words = _NOTHING
    return ReviewEvent(row.number, row.at, row.by, ReviewState(row.kind), row.marks, row.total, words)
