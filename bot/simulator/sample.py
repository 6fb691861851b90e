"""What picture does a customer send when she has none at hand? A small one of our own making."""

from __future__ import annotations

import struct
import zlib
from functools import cache

SIZE = 180
RADIUS = 52
PNG = b"\x89PNG\r\n\x1a\n"


@cache
def sample_png() -> bytes:
    """A round compact on a rose gradient, as PNG, 180 × 180."""
    rows = b"".join(b"\x00" + _row(y) for y in range(SIZE))
    header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 2, 0, 0, 0)
    return PNG + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _row(y: int) -> bytes:
    row = bytearray(bytes((250, 214 - y // 4, 220 - y // 6)) * SIZE)
    for radius, colour in ((RADIUS, (178, 74, 104)), (RADIUS - 8, (244, 188, 196)), (RADIUS - 30, (232, 120, 140))):
        square = radius * radius - (y - SIZE // 2) ** 2
        if square > 0:
            half = int(square**0.5)
            start = SIZE // 2 - half
            row[start * 3 : (start + 2 * half) * 3] = bytes(colour) * (2 * half)
    return bytes(row)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
