"""Are vectors kept on disk, reused where they may be, and never mixed up?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import structlog

from knowledge_base import VectorIndex, open_index
from knowledge_base.vector_index import FLAT_BELOW, SOUGHT_BELOW, IndexKind, Vectors, index_kind

KINDS: tuple[IndexKind, ...] = ("hnsw", "hnsw_sq8", "ivf_sq8", "ivf_pq")


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
    assert sorted(path.name for path in tmp_path.iterdir()) == ["about.json", "ids.npy", "index.faiss"]


def test_another_encoder_starts_anew(tmp_path: Path) -> None:
    reopened(tmp_path, ["a"])
    assert reopened(tmp_path, ["a"], encoder="two")[1] == ["a"]


@pytest.mark.parametrize("name", ["index.faiss", "ids.npy", "about.json"])
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
    flat, graph = VectorIndex.build(rows), VectorIndex.build(rows, "hnsw")
    for row in rows[:20]:
        assert graph.search(row, 1)[0].tolist() == flat.search(row, 1)[0].tolist()
    assert graph.vectors(np.array([7])) == pytest.approx(rows[[7]])


@pytest.mark.parametrize(
    ("count", "memory_mb", "kind"),
    [
        (FLAT_BELOW - 1, 0, "flat"),
        (100_000, 512, "hnsw"),
        (100_000, 100, "hnsw_sq8"),
        (100_000, 50, "ivf_sq8"),
        (100_000, 10, "ivf_pq"),
        (1_000_000, 1_024, "ivf_sq8"),
    ],
)
def test_size_and_memory_choose_the_kind(count: int, memory_mb: int, kind: str) -> None:
    assert index_kind(count, 384, memory_mb=memory_mb) == kind


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_finds_nearly_what_exact_search_finds(kind: IndexKind) -> None:
    rows = np.random.default_rng(1).standard_normal((10_000, 16)).astype(np.float32)
    rows[1::2] = rows[::2] + 0.2 * rows[1::2]  # in pairs: alike ones lie near
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    index, exact = VectorIndex.build(rows, kind), VectorIndex.build(rows)
    assert (index.kind, exact.kind) == (kind, "flat")
    shared = [len(set(index.search(row, 20)[0]) & set(exact.search(row, 5)[0])) / 5 for row in rows[:50]]
    assert np.mean(shared) > (0.6 if kind == "ivf_pq" else 0.8)
    places = np.array([3, 999])
    assert index.vectors(places) == pytest.approx(exact.vectors(places), abs=2e-3)
    assert index.products(rows[0], places) == pytest.approx(exact.products(rows[0], places), abs=2e-3)


def test_vectors_that_are_not_sought_are_only_stored() -> None:
    rows = np.random.default_rng(1).standard_normal((SOUGHT_BELOW, 16)).astype(np.float32)
    store = VectorIndex.build(rows, index_kind(*rows.shape, sought=False))
    assert (store.kind, store.is_store) == ("store", True)
    assert store.vectors(np.array([7])) == pytest.approx(rows[[7]], abs=5e-3)
    assert index_kind(SOUGHT_BELOW - 1, 16, sought=False) == "flat"


def test_a_large_compressed_index_comes_back_mapped_and_is_refused_when_it_is_not_its_own(tmp_path: Path) -> None:
    rows = np.random.default_rng(2).standard_normal((FLAT_BELOW, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    texts = [str(number) for number in range(len(rows))]
    encode = rows.__getitem__

    def opened(encoder: str = "one") -> tuple[VectorIndex, list[dict[str, object]]]:
        with structlog.testing.capture_logs() as logs:
            index = open_index(tmp_path, texts, lambda asked: encode(slice(len(asked))), encoder, memory_mb=0)
        return index, [dict(entry) for entry in logs if entry["event"] == "vector_index_refused"]

    opened()
    again, refused = opened()
    assert (again.kind, refused) == ("ivf_pq", [])
    assert isinstance(again.rows, np.memmap)
    assert 123 in again.search(rows[123], 10)[0]
    assert opened("two")[1][0]["reason"] == "made by another encoder"
    damaged = bytearray((tmp_path / "rows.npy").read_bytes())
    damaged[-1] ^= 1
    (tmp_path / "rows.npy").write_bytes(damaged)
    assert opened("two")[1][0]["reason"] == "rows.npy is damaged"


def test_more_neighbours_than_texts_are_not_made_up() -> None:
    rows = Engine()(["a", "b"])
    positions, cosines = VectorIndex.build(rows).search(rows[0], 10)
    assert positions.tolist() == [0, 1]
    assert cosines[0] == pytest.approx(1)
