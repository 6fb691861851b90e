"""Which key ring does an installation get, and is its key file made once, whoever starts first?"""

from __future__ import annotations

import multiprocessing
import stat
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.archive_keys import open_ring
from bot.archive_settings import ArchiveSettings
from bot.settings import DatabaseSettings, Settings, SettingsError, load_settings
from tests.archive_keys import KEYS

POSTGRES = DatabaseSettings(url="postgresql+asyncpg://somebody@nowhere/xiaoer")


def settings(folder: Path, *, keys: tuple[str, ...] = (), key: str = "", **more: Any) -> Settings:
    ring = ArchiveSettings(key=key, keys={each: SecretStr(KEYS[each]) for each in keys})
    return Settings(archive=ring, data_dir=folder / "var", **more)


def _newest(folder: Path) -> bytes:
    ring = open_ring(settings(folder))
    return ring.keys[ring.newest].raw


def test_on_sqlite_a_key_file_is_made_once_and_for_us_alone(tmp_path: Path) -> None:
    first = _newest(tmp_path)
    assert _newest(tmp_path) == first
    [file] = (tmp_path / "var").iterdir()
    assert file.name == "archive.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_processes_that_start_together_have_one_key(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert len(set(pool.map(_newest, [tmp_path] * 8))) == 1
    assert [each.name for each in (tmp_path / "var").iterdir()] == ["archive.key"]


def test_with_postgresql_a_ring_is_demanded_and_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"archive\.keys.*XIAOER__ARCHIVE__KEYS__K1.*openssl"):
        open_ring(settings(tmp_path, database=POSTGRES))
    assert not (tmp_path / "var").exists()
    assert open_ring(settings(tmp_path, database=POSTGRES, keys=("k1",), key="k1")).newest == "k1"


def test_a_key_of_the_settings_takes_over_from_the_file(tmp_path: Path) -> None:
    own = _newest(tmp_path)
    ring = open_ring(settings(tmp_path, keys=("k1",), key="k1"))
    assert (ring.newest, set(ring.keys), ring.keys["file"].raw) == ("k1", {"k1", "file"}, own)


def test_which_is_the_newest_is_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"setting archive\.key: '' is not among archive\.keys \(k1, k2\)"):
        open_ring(settings(tmp_path, keys=("k1", "k2")))


def test_keys_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIAOER__ARCHIVE__KEYS__K1", KEYS["k1"])
    monkeypatch.setenv("XIAOER__ARCHIVE__KEY", "k1")
    monkeypatch.chdir(tmp_path)
    found = load_settings()
    assert open_ring(found).newest == "k1"
    assert KEYS["k1"] not in repr(found)


def test_a_file_that_holds_no_key_says_so(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "archive.key").write_text("nonsense")
    with pytest.raises(SettingsError, match=r"archive\.keys\.file must be 32 bytes"):
        open_ring(settings(tmp_path))
