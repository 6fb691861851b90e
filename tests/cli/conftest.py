"""Fixtures: a tiny shop for commands, logs set back afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from blockbuster import BlockBuster

from tests.cli.shop import CommandShop


@pytest.fixture(autouse=True)
def logs_are_set_back() -> Iterator[None]:
    """A command sends the logs to its own stderr, which ends with it."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def shop(tmp_path: Path, never_block_the_loop: BlockBuster) -> CommandShop:
    """Settings and a pack; no database yet."""
    made = CommandShop(tmp_path, never_block_the_loop)
    made.open()
    return made


@pytest.fixture
def migrated_shop(shop: CommandShop, sqlite_migrated: Path) -> CommandShop:
    """With a database as `xiaoer migrate` leaves it."""
    shutil.copyfile(sqlite_migrated, shop.database)
    return shop


@pytest.fixture(scope="session")
def trained_shop(tmp_path_factory: pytest.TempPathFactory, never_block_the_loop: BlockBuster) -> CommandShop:
    """One for all tests that ask it: its vectors and its model are made once."""
    made = CommandShop(tmp_path_factory.mktemp("shop"), never_block_the_loop)
    made.open()
    return made
