"""Fixtures: one real Rasa server for the run, as `make rasa` sets it up."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from blockbuster import BlockBuster

from benchmarks.rasa import MODEL, PYTHON, RasaServer, rasa_server

ABSENT = "no Rasa server here: make test WITH=all sets one up (it needs Python 3.10)"


@pytest.fixture(scope="session")
def rasa_is_here() -> None:
    """Skips where Rasa's environment is not there, or was not asked for: it takes half a minute to start."""
    if os.environ.get("XIAOER_TEST_WITH") != "all" or not PYTHON.exists():
        pytest.skip(ABSENT)


@pytest.fixture(scope="session")
def rasa(rasa_is_here: None, never_block_the_loop: BlockBuster) -> Iterator[RasaServer]:
    """The server with the model of the example shop; whoever kills it starts one of his own."""
    assert MODEL.exists(), "make rasa-model trains it"
    never_block_the_loop.deactivate()
    with rasa_server() as server:
        never_block_the_loop.activate()
        yield server


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened
