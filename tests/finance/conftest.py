"""Fixtures: the library, a corp, the library in its child process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from archive.finance import FinanceSdk
from benchmarks.finance.corp import QUICK, ArchivedCorp
from tests.finance.building import corp, finance_library, rsa_keys
from tests.finance.reader import Reader, reading

__all__ = ["corp", "finance_library", "rsa_keys"]


class Naps:
    """How long was slept, without sleeping."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def deaths() -> list[str]:
    """How the child process ended, each time."""
    return []


@pytest.fixture
async def sdk(corp: ArchivedCorp, naps: Naps, deaths: list[str]) -> AsyncIterator[FinanceSdk]:
    made = FinanceSdk(corp.access, QUICK, sleep=naps, died=deaths.append)
    yield made
    await made.aclose()


@pytest.fixture
async def reader(engine: AsyncEngine, corp: ArchivedCorp, tmp_path: Path) -> AsyncIterator[Reader]:
    """A worker that has the key of version 1."""
    async with reading(engine, corp, tmp_path) as made:
        yield made
