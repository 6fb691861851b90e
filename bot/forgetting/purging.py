"""Which steps does a purge take, over all that we keep?"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from archive import Archive, ArchiveTables, ArchiveTraces, Purger, Purges
from bot.archiving import MEDIA_FOLDER
from bot.forgetting.identity import Identity, serving
from bot.forgetting.words import Words
from handoff import Tables

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


def build_purger(
    engine: AsyncEngine,
    purges: Purges,
    *,
    tables: ArchiveTables,
    handoff: Tables,
    archive: Archive,
    data_dir: Path,
    batch: int,
    now: Callable[[], datetime],
    reached: Callable[[str], None],
) -> Purger:
    """What purges a person: what is learned of her words first, her names last."""
    archived = data_dir / MEDIA_FOLDER

    async def remove_files(files: Sequence[tuple[str, int]]) -> None:
        await asyncio.to_thread(_remove, [archived / account / str(id_) for account, id_ in files])

    steps = (
        *Words().steps(),
        *ArchiveTraces(tables, archive, remove_files, now).steps(),
        *Identity(handoff).steps(),
    )
    return Purger(engine, purges, steps, serving, batch, reached)


def _remove(folders: Sequence[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
