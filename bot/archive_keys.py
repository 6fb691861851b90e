"""Which key ring seals the archive? That of the settings; on SQLite a key file that is made once will do."""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

from archive import KeyRing, KeyRingBroken
from bot.settings import Settings, SettingsError

FILE: Final = "archive.key"
OWN: Final = "file"  # id of the key that is kept in the file
_KEY_BYTES: Final = 32


def open_ring(settings: Settings) -> KeyRing:
    """The ring of the settings, with the key file's key where there is one; on SQLite the file is made if need be.

    Raises SettingsError naming the setting, where there is no ring or it cannot be used. Touches files.
    """
    configured = {name: key.get_secret_value() for name, key in settings.archive.keys.items()}
    embedded = make_url(settings.database.url).get_backend_name() == "sqlite"
    if not configured and not embedded:
        raise SettingsError(
            "setting archive.keys: with PostgreSQL the archive needs a key of yours: set archive.key to its id, as k1, "
            "and XIAOER__ARCHIVE__KEYS__K1 to what this prints: openssl rand -base64 32; keep a copy of it elsewhere"
        )
    file = key_file(settings)
    if not configured and not file.exists():
        _make(file)
    if file.exists():
        configured = {OWN: file.read_text(encoding="ascii").strip(), **configured}
    newest = settings.archive.key or (OWN if set(configured) == {OWN} else "")
    try:
        return KeyRing.of(configured, newest)
    except KeyRingBroken as error:
        raise SettingsError(f"setting {error}") from error


def key_file(settings: Settings) -> Path:
    """Where the key is kept that no setting names."""
    return settings.data_dir / FILE


def _make(file: Path) -> None:
    """Write a new key, whole or not at all; of processes that start together the first one's key stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}-{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(base64.b64encode(secrets.token_bytes(_KEY_BYTES)) + b"\n")
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)  # unlike a rename, it never replaces
    finally:
        draft.unlink()
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
