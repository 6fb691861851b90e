"""How are arrays kept in a file that is never half written, carries no code and is checked when read?"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ABOUT = "about"


@dataclass(frozen=True, slots=True)
class Stored:
    """What a file holds. about: plain JSON values."""

    about: dict[str, Any]
    arrays: Mapping[str, NDArray[Any]]

    def array(self, name: str, shape: Sequence[int | None]) -> NDArray[np.float32]:
        """The array as float32; None in `shape` fits any length.

        Raises:
            KeyError: no such array.
            ValueError: another shape, not numbers, or not finite.
        """
        found = self.arrays[name].astype(np.float32)
        fits = found.ndim == len(shape) and all(
            one in {None, each} for one, each in zip(shape, found.shape, strict=True)
        )
        if not fits or not np.isfinite(found).all():
            raise ValueError(f"{name} has shape {found.shape}, not {tuple(shape)}, or is not finite")
        return found


def write_arrays(file: Path, about: Mapping[str, object], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Replace `file`; a reader sees the old file or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.{os.getpid()}.partial")
    packed = np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), dtype=np.uint8)
    with partial.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **{_ABOUT: packed, **arrays})
    partial.replace(file)


def read_arrays(file: Path) -> Stored:
    """Read what `write_arrays` wrote.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is damaged or carries code.
        KeyError: it says nothing about itself.
    """
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (EOFError, zipfile.BadZipFile, TypeError, AttributeError) as error:
        raise ValueError(f"{file} holds no arrays ({type(error).__name__})") from error
    about = json.loads(arrays.pop(_ABOUT).tobytes().decode())
    if not isinstance(about, dict):
        raise ValueError(f"{file} says nothing about itself")  # noqa: TRY004 - the file is wrong, not a type of ours
    return Stored(about, arrays)
