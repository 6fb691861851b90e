"""Where do the models of the tiny shop (tests.packs) come from? Learned once a run, by whichever process is first."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from blockbuster import BlockBuster
from fasteners import InterProcessLock

from bot.cli.running import product
from bot.settings import ContentSettings, DatabaseSettings, RedisSettings, Settings
from tests.packs import write_pack
from tests.stage import starting, valkey


@pytest.fixture(scope="session")
def learned(tmp_path_factory: pytest.TempPathFactory, never_block_the_loop: BlockBuster) -> Path:
    """A folder with them, as a product keeps them; whoever needs to write copies it."""
    own = tmp_path_factory.getbasetemp()
    room = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "learned"
    with InterProcessLock(room.with_suffix(".lock")):
        if not (room / "done").exists():
            with starting(never_block_the_loop), valkey() as (_, redis):
                asyncio.run(_learn(write_pack(room / "pack"), room, redis))
            (room / "done").touch()
    return room / "models"


async def _learn(pack: Path, room: Path, redis: str) -> None:
    settings = Settings(
        database=DatabaseSettings(url=f"sqlite+aiosqlite:///{room / 'learned.db'}"),
        redis=RedisSettings(url=redis),
        content=ContentSettings(pack=str(pack)),
        data_dir=room,
    )
    async with product(settings) as built:
        await built.apply_pack_if_empty()
        await built.minds.refresh()
