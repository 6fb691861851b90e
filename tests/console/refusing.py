"""What if the audit log cannot be written? The database refuses each row, as a full disk would."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine

_BEGIN = {
    "sqlite": ("CREATE TRIGGER audit_refused BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'no room'); END",),
    "postgresql": (
        """CREATE FUNCTION audit_refused() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no room'; END $$""",
        "CREATE TRIGGER audit_refused BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_refused()",
    ),
}
_END = {
    "sqlite": ("DROP TRIGGER audit_refused",),
    "postgresql": ("DROP TRIGGER audit_refused ON audit_log", "DROP FUNCTION audit_refused()"),
}


@asynccontextmanager
async def audit_refused(engine: AsyncEngine) -> AsyncIterator[None]:
    """No row enters the audit log within."""
    await _run(engine, _BEGIN[engine.dialect.name])
    try:
        yield
    finally:
        await _run(engine, _END[engine.dialect.name])


async def _run(engine: AsyncEngine, statements: Sequence[str]) -> None:
    async with engine.begin() as connection:
        for statement in statements:
            await connection.exec_driver_sql(statement)
