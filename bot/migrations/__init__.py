"""How does the database come to the schema this version needs? Alembic's history, run on our own engine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

    from archive import KeyRing

# PostgreSQL: two processes that start at once must not migrate at once.
_LOCK = 7_265_113


def _config(connection: Connection | None = None, ring: KeyRing | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    if connection is not None:
        config.attributes["connection"] = connection
        config.attributes["archive_ring"] = ring
    return config


async def migrate(engine: AsyncEngine, ring: KeyRing | None = None) -> str:
    """Bring the database to the newest revision, all or nothing. Returns that revision.

    ring: seals what an old version kept in plain text; needed where there is any.
    """
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade, ring)
        return await connection.run_sync(_current) or ""


async def pending(engine: AsyncEngine) -> bool:
    """Whether the database is behind this version's schema."""
    async with engine.connect() as connection:
        current = await connection.run_sync(_current)
    return current != ScriptDirectory.from_config(_config()).get_current_head()


async def downgrade(engine: AsyncEngine, revision: str, ring: KeyRing | None = None) -> None:
    """Bring the database back to an older revision, all or nothing; what that one does not know is lost."""
    async with engine.begin() as connection:
        await connection.run_sync(_downgrade, revision, ring)


def _downgrade(connection: Connection, revision: str, ring: KeyRing | None) -> None:
    command.downgrade(_config(connection, ring), revision)


def _upgrade(connection: Connection, ring: KeyRing | None) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    command.upgrade(_config(connection, ring), "head")


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
