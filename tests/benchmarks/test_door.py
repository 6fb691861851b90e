"""Would the bench notice an acknowledged message that is not in the database?"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.children import BenchFailed
from benchmarks.door import _kept


def _database(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE inbox (message_id TEXT)")
        connection.executemany("INSERT INTO inbox VALUES (?)", [("1",), ("2",), ("3",)])
    return path


def test_all_acknowledged_messages_are_there(tmp_path: Path) -> None:
    assert _kept(_database(tmp_path / "x.db"), [1, 3]) == 2


def test_one_missing_message_fails_the_bench(tmp_path: Path) -> None:
    with pytest.raises(BenchFailed, match="1 acknowledged"):
        _kept(_database(tmp_path / "x.db"), [1, 4])
