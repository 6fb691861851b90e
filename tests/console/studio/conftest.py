"""A console whose shop has content: the tiny pack, learned by an encoder that knows characters only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.content.pack import read_pack
from tests.console.browser import Browser
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront
from tests.packs import write_pack


@pytest.fixture
async def front(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[Shopfront]:
    front = Shopfront(engine, folder=tmp_path / "models")
    await front.open_doors()
    pack = await asyncio.to_thread(lambda: read_pack(write_pack(tmp_path / "pack")))
    async with engine.begin() as connection:
        for name, text in pack.files.items():
            await front.minds.store.write(connection, name, text, at=front.clock(), by="pack")
        await front.minds.store.library.apply(connection, pack.scripts, at=front.clock(), by="pack")
    await front.minds.refresh()
    yield front
    await front.minds.aclose()


@pytest.fixture
async def operator(sign_in: SignIn) -> Browser:
    """Somebody of every team, who supervises them all where none names who does."""
    return await sign_in("limei")
