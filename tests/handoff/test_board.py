"""Does a board hand out what it holds page by page, each ticket once, in its order?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.bootstrap import HANDOFF_TABLES
from handoff import COUNTED, Board, RowKey, Ticket, TicketState
from handoff.board import Order
from tests.handoff.shop import START, Shop

TEAMS = frozenset({"presale", "aftersale"})


@pytest.fixture
async def shop(engine: AsyncEngine) -> Shop:
    """Nine tickets of two moments and three priorities, two of them closed; many share a place but for their id."""
    shop = Shop(engine)
    await shop.open_doors(customers=9)
    for number in range(1, 10):
        await shop.open(number)
    t = HANDOFF_TABLES.tickets
    async with engine.begin() as connection:
        for number in range(1, 10):
            values: dict[str, object] = {
                "opened_at": START + timedelta(seconds=number % 2), "priority": 1 + number % 3,
                "team": "presale" if number % 3 else "aftersale",
            }  # fmt: skip
            if number > 7:
                values |= {"state": "closed", "closed_at": START + timedelta(seconds=number)}
            await connection.execute(update(t).where(t.c.conversation_id == number).values(values))
    return shop


async def walked(shop: Shop, board: Board, size: int) -> list[Ticket]:
    found: list[Ticket] = []
    after = None
    async with shop.engine.connect() as connection:
        while page := await shop.desk.board(connection, board, after=after, limit=size):
            found.extend(page)
            last = page[-1]
            at = last.closed_at if board.order == "closed" and last.closed_at else last.opened_at
            after = RowKey(at, last.id, last.priority)
        assert await shop.desk.count_boards(connection, board, board) == (len(found), len(found))
    assert len(found) < COUNTED
    return found


@pytest.mark.parametrize("order", ["waiting", "urgent"])
async def test_every_page_size_walks_the_same_way(shop: Shop, order: Order) -> None:
    board = Board(agent="wangfang", teams=TEAMS, order=order)
    whole = await walked(shop, board, 100)
    assert len({each.id for each in whole}) == 7

    def place(ticket: Ticket) -> tuple[object, ...]:
        return (ticket.priority * (order == "urgent"), ticket.opened_at, ticket.id)

    assert whole == sorted(whole, key=place)
    for size in (1, 2, 3):
        assert await walked(shop, board, size) == whole


async def test_a_board_holds_what_it_names(shop: Shop) -> None:
    closed = await walked(shop, Board(teams=TEAMS, closed_since=START, order="closed"), 1)
    assert [each.conversation_id for each in closed] == [9, 8]
    assert await walked(shop, Board(teams=TEAMS, closed_since=START + timedelta(days=1), order="closed"), 5) == []
    assert {each.team for each in await walked(shop, Board(teams=TEAMS, team="presale"), 5)} == {"presale"}
    assert {each.team for each in await walked(shop, Board(teams=frozenset({"aftersale"})), 5)} == {"aftersale"}
    assert await walked(shop, Board(), 5) == []  # who has no team and no ticket sees none
    assert await walked(shop, Board(agent="wangfang"), 5) == []
    await shop.assign(1, "wangfang")
    assert [each.conversation_id for each in await walked(shop, Board(agent="wangfang"), 5)] == [1]
    waiting = await walked(shop, Board(teams=TEAMS, states=(TicketState.OPEN,)), 5)
    assert 1 not in {each.conversation_id for each in waiting}
    assert len(waiting) == 6
