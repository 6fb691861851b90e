"""How are tensors written in the safetensors format without holding them all in memory?"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TensorPlan:
    """A tensor to write: its name, its shape, and what gives its values in order, part by part."""

    name: str
    shape: tuple[int, ...]
    parts: Callable[[], Iterable[NDArray[np.float32]]]


def write_tensors(file: Path, plans: Sequence[TensorPlan], *, half: bool) -> None:
    """Write the tensors: eight bytes of length, a JSON header, the values in little-endian order.

    half: as float16 instead of float32. The format is that of the `safetensors` package.

    Raises:
        ValueError: the parts of a tensor do not make up its shape.
    """
    kind, name = (np.dtype("<f2"), "F16") if half else (np.dtype("<f4"), "F32")
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for plan in plans:
        begin, end = end, end + math.prod(plan.shape) * kind.itemsize
        header[plan.name] = {"dtype": name, "shape": plan.shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with file.open("wb") as stream:
        stream.write(struct.pack("<Q", len(text)) + text)
        for plan in plans:
            if sum(stream.write(part.astype(kind).tobytes()) for part in plan.parts()) != (
                math.prod(plan.shape) * kind.itemsize
            ):
                raise ValueError(f"{plan.name} is not of the shape {plan.shape}")
