"""Fixtures: the store around a fresh database, once on SQLite and once on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.store.counter import Counter


@pytest.fixture
async def counter(engine: AsyncEngine) -> AsyncIterator[Counter]:
    """The store, its clock standing at noon."""
    made = Counter(engine)
    yield made
    await made.intake.aclose()
