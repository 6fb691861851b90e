"""How does a weights file of the bundled encoder's format look, small enough for a test?"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

HIDDEN, LAYERS, HEADS, INTERMEDIATE, POSITIONS = 32, 2, 2, 64, 64
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
CHARACTERS = "▁queryabcdé:什么时候发货几天能到怎退款换运费谁出有优惠活动券吗地址修改订单取消多少钱发票开"


def write_weights_file(file: Path, *, seed: int = 0) -> tuple[str, ...]:
    """Write a file of random weights; gives its vocabulary."""
    pieces = (*SPECIAL, *dict.fromkeys(CHARACTERS))
    tensors = list(_tensors(len(pieces), np.random.default_rng(seed)))
    head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, LAYERS, HEADS, INTERMEDIATE, len(pieces), POSITIONS, 2, 1e-12, 32)
    encoded = [piece.encode() for piece in pieces]
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, sum(map(len, encoded)))
    head += np.cumsum([0, *map(len, encoded)]).astype("<u4").tobytes()
    head += np.array([0.0] * len(SPECIAL) + [-5.0] * (len(pieces) - len(SPECIAL)), "<f4").tobytes() + b"".join(encoded)
    head += struct.pack("<iI", 0, 0) + struct.pack("<i", len(tensors))
    start = len(head) + sum(2 + len(name) + 1 + 4 + 8 + 8 for name, *_ in tensors)
    for name, kind, count, data in tensors:
        head += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, count, start, len(data))
        start += len(data)
    file.write_bytes(head + b"".join(data for *_, data in tensors))
    return pieces


def _tensors(vocabulary: int, chance: np.random.Generator) -> Iterator[tuple[str, int, int, bytes]]:
    def plain(name: str, count: int, value: float = 0.0) -> tuple[str, int, int, bytes]:
        return name, 0, count, (value + 0.1 * chance.standard_normal(count)).astype("<f4").tobytes()

    def packed(name: str, count: int) -> tuple[str, int, int, bytes]:
        blocks = np.empty(count // 32, np.dtype([("scale", "<f2"), ("bits", "u1", 16)]))
        blocks["scale"] = 0.03
        blocks["bits"] = chance.integers(0, 256, blocks["bits"].shape)
        return name, 1, count, blocks.tobytes()

    yield packed("emb.word", vocabulary * HIDDEN)
    yield plain("emb.pos", POSITIONS * HIDDEN)
    yield plain("emb.type", 2 * HIDDEN)
    yield plain("emb.ln.w", HIDDEN, 1.0)
    yield plain("emb.ln.b", HIDDEN)
    for layer in range(LAYERS):
        for part in ("q", "k", "v", "ao"):
            yield packed(f"l{layer}.{part}.w", HIDDEN * HIDDEN)
            yield plain(f"l{layer}.{part}.b", HIDDEN)
        for part, inner in (("fi", INTERMEDIATE), ("fo", HIDDEN)):
            yield packed(f"l{layer}.{part}.w", HIDDEN * INTERMEDIATE)
            yield plain(f"l{layer}.{part}.b", inner)
        for part in ("aln", "oln"):
            yield plain(f"l{layer}.{part}.w", HIDDEN, 1.0)
            yield plain(f"l{layer}.{part}.b", HIDDEN)
