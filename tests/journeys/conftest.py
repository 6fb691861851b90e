"""What do all journeys share? The real encoder, the tiny pack with its models, one Valkey; a stage for each test."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from blockbuster import BlockBuster

from bot.content.pack import read_pack
from nlu import load_encoder
from tests.finance.building import corp, finance_library, rsa_keys
from tests.packs import write_pack
from tests.stage import Options, Prepared, Stage, open_stage, valkey

__all__ = ["corp", "finance_library", "rsa_keys"]
OpenStage = Callable[[Options], Awaitable[Stage]]


@pytest.fixture(scope="session")
def prepared(
    tmp_path_factory: pytest.TempPathFactory, learned: Path, never_block_the_loop: BlockBuster
) -> Iterator[Prepared]:
    """The encoder, the pack with its models, and one Valkey for the run."""
    with valkey() as (_, url):
        pack = read_pack(write_pack(tmp_path_factory.mktemp("journeys") / "pack"))
        yield Prepared(never_block_the_loop, load_encoder("bundled"), pack, learned, url)


@pytest.fixture
async def opened(prepared: Prepared, database_url: str, tmp_path: Path) -> AsyncIterator[OpenStage]:
    """Opens a stage with other options than the usual ones."""
    async with contextlib.AsyncExitStack() as stack:

        async def open_one(options: Options) -> Stage:
            stage = await stack.enter_async_context(open_stage(prepared, database_url, tmp_path, options))
            await stage.settle()
            return stage

        yield open_one


@pytest.fixture
async def stage(opened: OpenStage) -> Stage:
    """The usual stage: safe mode, active answering, client mode."""
    return await opened(Options())
