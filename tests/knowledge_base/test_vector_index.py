"""Are vectors kept on disk, reused where they may be, and never mixed up?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge_base import VectorIndex, open_index
from knowledge_base.vector_index import Vectors


class Engine:
    """Unit vectors that depend on the text alone; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        rows = np.array([np.random.default_rng(sum(map(ord, text))).normal(size=16) for text in texts])
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def reopened(folder: Path, texts: Sequence[str], encoder: str = "one") -> tuple[VectorIndex, list[str]]:
    engine = Engine()
    return open_index(folder, texts, engine, encoder), engine.asked


def test_only_new_texts_are_encoded(tmp_path: Path) -> None:
    assert reopened(tmp_path, ["a", "b", "a"])[1] == ["a", "b"]
    assert reopened(tmp_path, ["a", "b", "a"])[1] == []
    index, asked = reopened(tmp_path, ["c", "b"])
    assert asked == ["c"]
    assert index.vectors(np.array([0, 1])) == pytest.approx(Engine()(["c", "b"]), abs=1e-6)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ids.json", "index.faiss"]


def test_another_encoder_starts_anew(tmp_path: Path) -> None:
    reopened(tmp_path, ["a"])
    assert reopened(tmp_path, ["a"], encoder="two")[1] == ["a"]


@pytest.mark.parametrize("name", ["index.faiss", "ids.json"])
@pytest.mark.parametrize("damage", [b"", b"{}", b"torn"])
def test_damage_only_costs_time(tmp_path: Path, name: str, damage: bytes) -> None:
    reopened(tmp_path, ["a", "b"])
    (tmp_path / name).write_bytes(damage)
    index, asked = reopened(tmp_path, ["a", "b"])
    assert asked == ["a", "b"]
    assert len(index) == 2
    assert reopened(tmp_path, ["a", "b"])[1] == []


def test_a_passing_index_leaves_the_kept_one(tmp_path: Path) -> None:
    reopened(tmp_path, ["a", "b"])
    open_index(tmp_path, ["a"], Engine(), "one", keep=False)
    assert reopened(tmp_path, ["a", "b"])[1] == []


def test_flat_and_hnsw_find_the_same_first() -> None:
    rows = Engine()([f"text {number}" * (number + 1) for number in range(300)])
    flat, graph = VectorIndex.build(rows), VectorIndex.build(rows, flat_below=100)
    for row in rows[:20]:
        assert graph.search(row, 1)[0].tolist() == flat.search(row, 1)[0].tolist()
    assert graph.vectors(np.array([7])) == pytest.approx(rows[[7]])


def test_more_neighbours_than_texts_are_not_made_up() -> None:
    rows = Engine()(["a", "b"])
    positions, cosines = VectorIndex.build(rows).search(rows[0], 10)
    assert positions.tolist() == [0, 1]
    assert cosines[0] == pytest.approx(1)
