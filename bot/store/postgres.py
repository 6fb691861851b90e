"""When is a pooled connection to PostgreSQL looked at before it is used? When nobody used it for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry

# Below what any proxy or firewall lets a silent connection live (a minute and more).
IDLE_S: Final = 10.0
_USED_AT: Final = "xiaoer_used_at"


def look_before_use(engine: AsyncEngine, clock: Callable[[], float] = time.monotonic) -> None:
    """Listen to a new engine: a connection that is known to be closed, or does not answer after a pause, is replaced.

    Asking with every checkout (SQLAlchemy's pool_pre_ping) takes three round trips to the server each time, as many as
    a short transaction has itself [sqlalchemy.dialects.postgresql.asyncpg, _async_ping]. A server that stopped has
    closed its connections, which the driver knows without asking. What breaks between two uses in quick succession
    breaks a transaction, as it would a moment later; the pool is then replaced as a whole. clock: seconds that pass.
    """
    dialect = engine.dialect

    def look(connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError
        used_at = record.info.get(_USED_AT)
        if used_at is None or clock() - used_at < IDLE_S:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    def note(_: object, record: ConnectionPoolEntry) -> None:
        record.info[_USED_AT] = clock()

    event.listen(engine.sync_engine, "checkout", look)
    event.listen(engine.sync_engine, "checkin", note)
