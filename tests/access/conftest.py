"""The parts of access over one database, with a clock that moves when told and a hasher that is quick."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.access import Access, Audit, Passwords, build_access
from bot.console_settings import ConsoleSettings
from tests.console.desk import SECRET, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def access(engine: AsyncEngine, clock: Clock) -> Access:
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    return build_access(engine, ConsoleSettings(), Audit(SECRET, clock), wecom=None, passwords=quick)
