"""Do many who ask at once share one reading, and does nobody get what is older than her question?"""

from __future__ import annotations

import asyncio

import pytest

from bot.store.shared import Shared


class Source:
    """What is read: how often, and let go on when the test says so."""

    def __init__(self) -> None:
        self.readings = 0
        self.may_end = asyncio.Event()
        self.fails = False

    async def read(self) -> int:
        self.readings += 1
        number = self.readings
        await self.may_end.wait()
        if self.fails:
            raise OSError("away")
        return number


async def asks(shared: Shared[int]) -> asyncio.Task[int]:
    """Somebody asks, and has come as far as she comes alone."""
    task = asyncio.create_task(shared.read_now())
    for _ in range(3):
        await asyncio.sleep(0)
    return task


async def test_who_asks_while_it_is_read_waits_for_the_next_with_all_the_others() -> None:
    source = Source()
    shared = Shared(source.read)
    first, second, third = await asks(shared), await asks(shared), await asks(shared)
    assert source.readings == 1
    source.may_end.set()
    assert [await each for each in (first, second, third)] == [1, 2, 2]
    assert await shared.read_now() == 3  # nothing is kept


async def test_one_who_leaves_takes_it_from_nobody_and_an_error_is_everybodys() -> None:
    source = Source()
    shared = Shared(source.read)
    leaves, stays = asyncio.create_task(shared.read_now()), asyncio.create_task(shared.read_now())
    await asyncio.sleep(0)
    leaves.cancel()
    source.fails = True
    source.may_end.set()
    with pytest.raises(OSError, match="away"):
        await stays
    source.fails = False
    assert await shared.read_now() == 2


async def test_what_was_read_lately_is_enough_for_who_says_so() -> None:
    source, now = Source(), [100.0]
    source.may_end.set()
    shared = Shared(source.read, lambda: now[0])
    assert [await shared.read_within(5), await shared.read_within(5)] == [1, 1]
    now[0] += 5.1
    assert await shared.read_within(5) == 2
    assert await shared.read_now() == 3
    assert await shared.read_within(5) == 3
    shared.forget()
    assert await shared.read_within(5) == 4
