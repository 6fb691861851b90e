"""How does a fetched file lie on disk? As pieces, each sealed by itself, so that a fetch goes on where it stopped."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.sealing import DataKey


@dataclass(frozen=True, slots=True)
class Pieces:
    """The folder of one file's pieces. All methods read or write files: call them in a thread."""

    folder: Path
    msgid: str
    part: int

    def write(self, number: int, data: bytes, key: DataKey) -> None:
        """Put down piece `number`; again is the same. It is on the disk when this returns."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = self._path(number)
        draft = target.with_suffix(".new")
        with draft.open("wb") as file:
            file.write(key.seal(self._aad(number), data))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)

    def read(self, count: int, key: DataKey) -> Iterator[bytes]:
        """The file, piece by piece."""
        for number in range(count):
            yield key.open(self._aad(number), self._path(number).read_bytes())

    def md5(self, count: int, key: DataKey) -> str:
        """Of the whole file, as the platform gives it: a check of transport, not of safety."""
        digest = hashlib.md5(usedforsecurity=False)
        for piece in self.read(count, key):
            digest.update(piece)
        return digest.hexdigest()

    def remove(self) -> None:
        """Away with them."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:06d}"

    def _aad(self, number: int) -> bytes:
        return f"archive media\0{self.msgid}\0{self.part}\0{number}".encode()
