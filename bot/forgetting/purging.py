"""Which steps does a purge take, over all that we keep?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from archive import Archive, ArchiveTables
from archive.consent import ArchiveTraces, Purger, Purges, PurgeStep, Serving, Target
from bot.archiving import file_remover
from bot.forgetting.identity import Identity, serving
from bot.forgetting.words import Words
from bot.tagging.desk import TagDesk
from handoff import Tables

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


def build_purger(
    engine: AsyncEngine,
    purges: Purges,
    *,
    tables: ArchiveTables,
    handoff: Tables,
    archive: Archive,
    tags: TagDesk,
    data_dir: Path,
    batch: int,
    now: Callable[[], datetime],
    reached: Callable[[str], None],
) -> Purger:
    """What purges a person: what is learned of her words first, her names last."""
    steps = (
        *Words().steps(),
        *ArchiveTraces(tables, archive, file_remover(data_dir), now).steps(),
        PurgeStep(partial(_forget_tags, tags)),
        *Identity(handoff).steps(),
    )
    return Purger(engine, purges, steps, serving, batch, reached)


async def _forget_tags(
    tags: TagDesk, connection: AsyncConnection, target: Target, serving: Serving, limit: int
) -> Mapping[str, int]:
    del serving, limit
    gone = await tags.forget(connection, target.account, target.customer)
    return {"tags": gone} if gone else {}
