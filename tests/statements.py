"""Which statements are compiled in a run of the tests? Each once a process, as in a product that has run for a while.

SQLAlchemy keeps what it compiled with the engine, and every test has an engine of its own: the same hundred statements
would be compiled for each.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.util import LRUCache

KEPT: Final = 5_000  # far above what all parts of the product ask


def compile_once() -> None:
    """From now on all engines that are alike, the driver's settings too, share what they compiled."""
    known: dict[Any, tuple[Dialect, LRUCache[Any, Any]]] = {}

    @event.listens_for(Engine, "engine_connect")
    def share(connection: Connection) -> None:
        engine: Any = connection.engine
        own = engine.dialect  # it knows its server by now
        kind = (type(own), type(own.dbapi), own._on_connect_isolation_level)
        shared, compiled = known.setdefault(kind, (own, LRUCache(KEPT)))
        engine._compiled_cache = compiled
        connection.dialect = engine.dialect = shared
