"""The archive's tests run on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.archive.shelf import Shelf


@pytest.fixture
def shelf(engine: AsyncEngine) -> Shelf:
    return Shelf(engine)
