"""One house for the days of all roles: it is dear to open, and everybody works in the same one, as in a shop."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from blockbuster import BlockBuster

from tests.browser.house import House, open_house
from tests.stage import starting


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def open_shop(
    tmp_path_factory: pytest.TempPathFactory, never_block_the_loop: BlockBuster
) -> AsyncIterator[House]:
    with starting(never_block_the_loop):
        async with open_house(tmp_path_factory.mktemp("house")) as house:
            yield house


@pytest_asyncio.fixture(loop_scope="session")
async def house(open_shop: House) -> AsyncIterator[House]:
    """The house at the beginning of a story; at its end no page has failed."""
    open_shop.problems.clear()
    open_shop.foreseen.clear()
    yield open_shop
    await open_shop.leave()
    assert open_shop.surprises() == []
