"""What is in a content pack that somebody uploads as a zip? Unpacked within bounds, and read as any pack is.

A zip is somebody else's: its names may lead out of the folder (CWE-22), its sizes may be lies and its bytes a bomb
(CWE-409). So names are looked at before anything is written, and what is unpacked is counted while it comes.
"""

from __future__ import annotations

import stat
import tempfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from bot.content.pack import PACK_FILE, Pack, read_pack

MOST_PACKED: Final = 8 * 2**20  # bytes; a pack of text is some hundred KB, with pictures a few MB
MOST_UNPACKED: Final = 32 * 2**20
MOST_FILES: Final = 2_000
_CHUNK: Final = 2**16
_ENCRYPTED: Final = 0x1  # APPNOTE.TXT 4.4.4, general purpose bit 0
_UNREADABLE: Final = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


class UploadRefused(Exception):  # noqa: N818 - reads as the fact it is
    """It is not taken. why: no_zip | too_large | too_many | outside | encrypted."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def read_uploaded(data: bytes) -> Pack:
    """The pack in a zip: at its top or in its only folder. Reads and writes files.

    Raises UploadRefused, PackBroken.
    """
    if len(data) > MOST_PACKED:
        raise UploadRefused("too_large")
    with tempfile.TemporaryDirectory(prefix="xiaoer-pack-") as folder:
        room = Path(folder)
        unpack(data, room)
        return read_pack(_top(room))


def unpack(data: bytes, room: Path) -> None:
    """Write the zip's files into the empty folder `room`, and nothing anywhere else. Raises UploadRefused."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            files = [each for each in archive.infolist() if not each.is_dir()]
            if len(files) > MOST_FILES:
                raise UploadRefused("too_many")
            places = [(each, _place(each)) for each in files]
            left = MOST_UNPACKED
            for each, parts in places:
                left = _write(archive, each, room.joinpath(*parts), left)
    except _UNREADABLE as error:
        raise UploadRefused("no_zip") from error


def _place(info: ZipInfo) -> tuple[str, ...]:
    """Where within the folder a file goes. Raises UploadRefused for what leads out of it, links and secrets."""
    if info.flag_bits & _ENCRYPTED:
        raise UploadRefused("encrypted")
    parts = tuple(info.filename.replace("\\", "/").split("/"))
    strange = any(part in {"", ".", ".."} or ":" in part or "\0" in part for part in parts)
    if strange or stat.S_ISLNK(info.external_attr >> 16):
        raise UploadRefused("outside")
    return parts


def _write(archive: ZipFile, info: ZipInfo, target: Path, left: int) -> int:
    """How many bytes may follow. Raises UploadRefused where there are more than that."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(info) as packed, target.open("xb") as file:
        while chunk := packed.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise UploadRefused("too_large")
            file.write(chunk)
    return left


def _top(room: Path) -> Path:
    """The folder with the pack's cover: this one, or the only one in it."""
    folders = [each for each in room.iterdir() if each.is_dir() and each.name != "__MACOSX"]
    alone = len(folders) == 1 and not (room / PACK_FILE).is_file()
    return folders[0] if alone else room
