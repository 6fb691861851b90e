"""How is a model kept in a file that is never half written, carries no code and is checked when read?"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ABOUT = "about"

Arrays = Mapping[str, NDArray[Any]]


def write_arrays(file: Path, about: Mapping[str, object], arrays: Arrays) -> None:
    """Replace `file`; a reader sees the old file or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.{os.getpid()}.partial")
    packed = np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), dtype=np.uint8)
    with partial.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **{_ABOUT: packed, **arrays})
    partial.replace(file)


def read_arrays(file: Path) -> tuple[dict[str, Any], Arrays]:
    """What `write_arrays` wrote.

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
    return about, arrays
