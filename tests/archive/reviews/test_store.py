"""Does a review go its way, each change once and written down, and are a reviewer's words sealed?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from archive.reviews import (
    Comment,
    Outcome,
    Review,
    ReviewRefused,
    ReviewSelection,
    ReviewState,
    ReviewStore,
    ToReview,
    Words,
    between_reviewers,
    with_rules,
)
from bot.bootstrap import ARCHIVE_TABLES
from tests.archive.purged import purged
from tests.archive.shelf import Shelf

TABLES = ARCHIVE_TABLES.reviews
WANTED = ToReview(7, "shop", "amy", "", "wanglei", "lina", "人工接待")
GOOD = Outcome(90.0, True, (), {"问候": 1, "回答": 2}, {"问候": False})
POOR = Outcome(40.0, False, (), {"问候": 1, "回答": 2}, {"问候": True})


class Office:
    """Reviews over a shelf, a transaction for each change."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf, self.store = shelf, ReviewStore(TABLES, shelf.archive)

    async def do(self, name: str, *given: Any, **named: Any) -> Any:
        async with self.shelf.engine.begin() as connection:
            return await getattr(self.store, name)(connection, *given, **named)

    async def only(self) -> Review:
        [review] = await self.do("listed", ReviewSelection())
        return review  # type: ignore[no-any-return] # as the store says


async def test_a_review_is_assigned_once_scored_appealed_once_and_settled(shelf: Shelf) -> None:
    office, now = Office(shelf), shelf.now
    assert await office.do("assign", [WANTED, WANTED, replace(WANTED, reviewer="boss")], by="boss", now=now) == 2
    assert await office.do("assign", [WANTED], by="boss", now=now) == 0
    assert await office.do("assign", [replace(WANTED, reviewer="chenjing")], by="boss", now=now) == 0  # dealt otherwise
    [review] = await office.do("listed", ReviewSelection(reviewer="lina"))
    words = Words("不错", (Comment(9, "这句可以更快"),))
    scored = ({"问候": 1, "回答": 1}, GOOD, words)
    assert await office.do("score", review, *scored, by="boss", now=now) is ReviewRefused.NOT_YOURS
    assert await office.do("appeal", review, Words("不对"), by="wanglei", now=now) is ReviewRefused.WRONG_STATE
    assert await office.do("score", review, *scored, by="lina", now=now) is None
    assert await office.do("score", review, *scored, by="lina", now=now) is ReviewRefused.CHANGED

    review = await office.do("find", review.id)
    assert (review.state, review.outcome, review.marks) == (ReviewState.SCORED, GOOD, scored[0])
    assert await office.do("appeal", review, Words(), by="wanglei", now=now) is ReviewRefused.NO_REASON
    assert await office.do("appeal", review, Words("我说了"), by="chenjing", now=now) is ReviewRefused.NOT_YOURS
    assert await office.do("appeal", review, Words("我说了"), by="wanglei", now=now) is None

    review = await office.do("find", review.id)
    final = ({"问候": 1, "回答": 2}, GOOD, Words("复核属实"))
    assert await office.do("settle", review, *final, by="wanglei", now=now) is ReviewRefused.NOT_YOURS
    assert await office.do("settle", review, *final, by="boss", now=now) is None
    review = await office.do("find", review.id)
    assert review.state is ReviewState.SETTLED
    assert await office.do("appeal", review, Words("再来"), by="wanglei", now=now) is ReviewRefused.WRONG_STATE

    events = await office.do("events", review.id)
    assert [(each.number, each.kind.value, each.by) for each in events] == [
        (1, "assigned", "boss"), (2, "scored", "lina"), (3, "appealed", "wanglei"), (4, "settled", "boss"),
    ]  # fmt: skip
    assert events[1].words == words
    assert [each.marks for each in events] == [None, scored[0], None, final[0]]


async def test_words_are_sealed_and_go_with_whom_they_are_about(shelf: Shelf) -> None:
    office = Office(shelf)
    await office.do("assign", [WANTED], by="boss", now=shelf.now)
    review = await office.only()
    await office.do("score", review, {}, GOOD, Words("她提到了过敏"), by="lina", now=shelf.now)
    rows = await shelf.rows(TABLES.events)
    assert "过敏".encode() not in b"".join(bytes(row.sealed or b"") for row in rows)
    async with shelf.engine.begin() as connection:
        await purged(connection, shelf.archive, "amy")
    assert not await office.do("events", review.id)


async def test_who_agrees_with_whom(shelf: Shelf) -> None:
    office = Office(shelf)
    await office.do("assign", [WANTED, replace(WANTED, reviewer="boss")], by="boss", now=shelf.now)
    for review, outcome, marks in zip(
        await office.do("listed", ReviewSelection()), (GOOD, POOR), ({"问候": 1, "回答": 2}, {"问候": 0, "回答": 2}),
        strict=True,
    ):  # fmt: skip
        await office.do("score", review, marks, outcome, Words(), by=review.reviewer, now=shelf.now)
    reviews = await office.do("listed", ReviewSelection())
    [pair] = between_reviewers(reviews)
    assert (pair.first, pair.second, pair.sessions, pair.marks.observed) == ("boss", "lina", 1, 0.5)
    [node] = with_rules(reviews)
    assert (node.node, node.both, node.people, node.rules, node.agreement.observed) == ("问候", 1, 1, 1, 1.0)
    async with shelf.engine.connect() as connection:
        assert len((await connection.execute(select(TABLES.reviews).where(TABLES.reviews.c.passed == 1))).all()) == 1
