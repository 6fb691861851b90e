"""Is contained only what nobody had to help with, and durable only what stayed so for a week?"""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.reports import BotReports, ContainmentFigures
from bot.store.tables import addresses, conversations, outbox, turns
from handoff import By, Scope, Share, Spread
from tests.handoff.shop import START, TABLES
from tests.handoff.test_measures import ticket

NOW = START + timedelta(days=30)
SCOPE = Scope(START - timedelta(days=1), START + timedelta(days=20), NOW, ZoneInfo("Asia/Shanghai"))
REPORTS = BotReports(TABLES.tickets)


async def converse(
    connection: AsyncConnection,
    number: int,
    *,
    closed_after: float | None = 1,
    authors: tuple[str, ...] = ("customer",),
) -> None:
    """A conversation that began at START, closed so many days later, with a turn a second of these authors."""
    who = {"account": "corp", "inbox": "wk1", "customer": f"wm{number}"}
    closed_at = None if closed_after is None else START + timedelta(days=closed_after)
    await connection.execute(insert(addresses).values(id=number, ready_at=START, **who))
    await connection.execute(
        insert(conversations).values(
            id=number, address_id=number, channel="wecom_kf", opened_at=START, updated_at=START, closed_at=closed_at,
            state="open" if closed_at is None else "closed", scene="qr" if number % 2 else "", **who,
        )
    )  # fmt: skip
    for second, author in enumerate(authors, start=1):
        await connection.execute(
            insert(turns).values(
                conversation_id=number, author=author, decision="answered",
                created_at=START + timedelta(seconds=second),
                explanation={"intent": "refund"} if author == "customer" else None,
            )
        )  # fmt: skip


async def test_containment(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await converse(connection, 1)  # settled by the bot, for good
        await converse(connection, 2)  # settled, but handed over two days later
        await converse(connection, 3)  # handed over
        await converse(connection, 4, authors=("customer", "agent"))  # a person spoke
        await converse(connection, 5, closed_after=None)  # goes on
        await converse(connection, 6, closed_after=25)  # settled five days ago
        await converse(connection, 7, authors=("system",))  # the bot said nothing
        await converse(connection, 8)  # settled, handed over long after
        for number, after in ((2, 3), (3, 0), (8, 9)):
            belongs = 3 if number == 3 else 100 + number  # to a later conversation
            opened = ticket(number, START + timedelta(days=after), conversation_id=belongs)
            await connection.execute(insert(TABLES.tickets).values(opened))
        report = await REPORTS.containment(connection, SCOPE, By.SOURCE)
        by_intent = await REPORTS.containment(connection, SCOPE, By.INTENT)
    assert report.total == ContainmentFigures(
        key="",
        conversations=8,
        covered=Share(7, 8),
        handed_over=Share(1, 8),
        contained=Share(5, 7),
        durable=Share(3, 6),  # 1, 7, 8 of 1, 2, 3, 4, 7, 8
        first_answer=Spread(7, 1, 1, 1),
    )
    assert [(each.key, each.conversations) for each in report.groups] == [("", 4), ("qr", 4)]
    assert [(each.key, each.conversations) for each in by_intent.groups] == [("", 1), ("refund", 7)]
    async with engine.connect() as connection:
        with pytest.raises(ValueError, match="not grouped by agent"):
            await REPORTS.containment(connection, SCOPE, By.AGENT)


async def test_the_same_words_of_one_turn_are_duplicates(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await converse(connection, 1, authors=("customer", "customer"))
        said = [(1, "好的", "sent"), (1, "好的", "sent"), (1, "在的", "sent"), (2, "好的", "sent"),
                (2, "嗯", "uncertain"), (None, "好的", "sent"), (None, "好的", "sent"),
                (1, "好的", "dead")]  # fmt: skip
        for number, (turn, words, state) in enumerate(said):
            await connection.execute(
                insert(outbox).values(
                    msgid=f"m{number}", kind="send", account="corp", address_id=1, turn_id=turn, speaker="bot",
                    payload={"content": words}, state=state, next_at=START, created_at=START,
                )
            )  # fmt: skip
        sends = await REPORTS.sends(connection, SCOPE)
    assert (sends.sent, sends.duplicates, sends.uncertain) == (6, Share(1, 6), 1)
