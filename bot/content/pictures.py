"""Which pictures and videos does a pack hold, and is every one there that a script sends?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from bot.content.problems import PackProblem, problem
from bot.platform.media import MAGIC_BYTES, recognise
from knowledge_base import MAX_FILE_BYTES, PICTURE_SUFFIXES, VIDEO_SUFFIXES, Script, is_file, sources

NAME_CHARS: Final = 200  # of pack_files.name
TAKEN: Final = {"image/jpeg": PICTURE_SUFFIXES, "image/png": PICTURE_SUFFIXES, "video/mp4": VIDEO_SUFFIXES}
_MIB: Final = 1024 * 1024


def read_pictures(folder: Path, scripts: Sequence[Script], problems: list[PackProblem]) -> Mapping[str, bytes]:
    """Name within the pack → bytes, of every picture and video; what is wrong or missing is added to `problems`."""
    suffixes = {*PICTURE_SUFFIXES, *VIDEO_SUFFIXES}
    files = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in suffixes and path.is_file()]
    found: dict[str, bytes] = {}
    for path in files:
        name, size = path.relative_to(folder).as_posix(), path.stat().st_size
        if size > MAX_FILE_BYTES:  # not read: a film would fill the memory
            too_large = problem(str(path), 0, "file_too_large", size=size / _MIB, most=MAX_FILE_BYTES // _MIB)
            problems.append(too_large)
            continue
        found[name] = path.read_bytes()
        problems.extend(_mistakes(path, name, found[name]))
    named = {path.relative_to(folder).as_posix() for path in files}
    problems.extend(
        problem(source, 0, "file_missing", script=script.id)
        for script in scripts
        if script.state != "retired"
        for source in dict.fromkeys(each for attachment in script.attachments for each in sources(attachment))
        if is_file(source) and source not in named
    )
    return found


def _mistakes(path: Path, name: str, data: bytes) -> Iterator[PackProblem]:
    if len(name) > NAME_CHARS:
        yield problem(str(path), 0, "path_too_long", most=NAME_CHARS)
    _, content_type = recognise(data[:MAGIC_BYTES])
    if path.suffix.lower() not in TAKEN.get(content_type, ()):
        yield problem(str(path), 0, "file_misnamed")
