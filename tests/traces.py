"""Is any byte of a customer's left, in whatever table or file, in whatever spelling?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.archiving import MEDIA_FOLDER
from bot.simulator.people import Customer
from bot.store.engine import read_only
from bot.store.tables import METADATA


async def all_that_is_kept(engine: AsyncEngine, data_dir: Path) -> str:
    """All that any table or media file holds, as text and as hexadecimal bytes."""
    found: list[str] = []
    async with read_only(engine).connect() as connection:
        for table in METADATA.sorted_tables:
            for row in await connection.execute(text(f"SELECT * FROM {table.name}")):
                found.extend(_shown(cell) for cell in row)
    found.extend(await asyncio.to_thread(_files, [data_dir / "media", data_dir / MEDIA_FOLDER]))
    return "\n".join(found)


def traces_of(known: Customer, kept: str, *words: str) -> list[str]:
    """Which of her names, and of these words, are in there, in any spelling."""
    names = [*words, known.openid, known.external_userid, known.unionid, known.nickname]
    spelt = [form for name in names for form in (name, repr(name.encode())[2:-1], name.encode().hex(), _escaped(name))]
    return [each for each in dict.fromkeys(spelt) if each and each in kept]


def _files(folders: Sequence[Path]) -> list[str]:
    files = [each for folder in folders for each in folder.rglob("*") if each.is_file()]
    return [f"{each.relative_to(each.parents[3])} {each.read_bytes().hex()}" for each in files]


def _shown(cell: Any) -> str:
    return bytes(cell).hex() if isinstance(cell, bytes | memoryview) else repr(cell)


def _escaped(name: str) -> str:
    return name.encode("unicode_escape").decode()
