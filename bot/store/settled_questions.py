"""Which questions shall no script answer? Hashes of their words, for nobody has to read them again."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.store.dialect import insert_for
from bot.store.tables import settled_questions
from nlu import normalise

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


def mark_of(question: str) -> str:
    """The hash of its words, punctuation and case left out."""
    return hashlib.sha256(normalise(question).encode("utf-8", "replace")).hexdigest()[:32]


async def settled_marks(connection: AsyncConnection) -> frozenset[str]:
    """The hashes of all of them."""
    return frozenset((await connection.execute(select(settled_questions.c.mark))).scalars())


async def settle_questions(connection: AsyncConnection, questions: Collection[str], *, at: datetime, by: str) -> None:
    """No script shall answer these; those known stay as they are."""
    rows = [{"mark": mark, "at": at, "by": by} for mark in sorted(set(map(mark_of, questions)))]
    if rows:
        await connection.execute(insert_for(connection, settled_questions).on_conflict_do_nothing(), rows)
