"""Do the parts of the search keep their promises: clauses, spelling, leaving out, fitting?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base import Snapshot, build_snapshot
from knowledge_base.features import candidates
from knowledge_base.lexical import LexicalIndex
from knowledge_base.ranker import DEFAULT_WEIGHTS, Ranker, fit, questions_to_ask
from knowledge_base.text import clauses, ngrams, normalise
from knowledge_base.variants import spread
from knowledge_base.vector_index import Vectors
from tests.knowledge_base.samples import SHOP, script


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("怎么退款", ()),
        ("运费多少，几天到，什么快递", ("运费多少", "几天到", "什么快递")),
        ("想退货 咋操作", ()),
        ("有年费吗？年费怎么收费", ("年费怎么收费",)),
        ("？！", ()),
    ],
)
def test_a_list_of_questions_is_taken_apart(question: str, parts: tuple[str, ...]) -> None:
    assert clauses(question) == parts


def test_texts_written_alike_are_one_variant_of_a_script() -> None:
    found = spread([script("a", "退款", "退款？", "运费，几天到，退款"), script("b", "退款")])
    assert found.texts == ("退款", "运费，几天到，退款", "运费", "几天到", "退款")
    assert found.whole.tolist() == [True, True, False, False, True]
    assert found.first.tolist() == [0, 4, 5]
    assert found.question.tolist() == [0, 2, 2, 2, 3]


@given(
    st.lists(st.text(alphabet="退款发货运费ab", max_size=6), min_size=1, max_size=6),
    st.text(alphabet="退款发货c", max_size=6),
)
@settings(max_examples=100, deadline=None)
def test_spelling_is_the_cosine_of_tfidf(texts: list[str], query: str) -> None:
    frequency: dict[str, int] = {}
    for text in texts:
        for gram in ngrams(text):
            frequency[gram] = frequency.get(gram, 0) + 1

    def weights(text: str) -> dict[str, float]:
        return {
            gram: (1 + np.log(count)) * (np.log((1 + len(texts)) / (1 + frequency[gram])) + 1)
            for gram, count in ngrams(text).items()
            if gram in frequency
        }

    def length(values: dict[str, float]) -> float:
        return float(np.sqrt(sum(value**2 for value in values.values())))

    asked = weights(query)
    unseen = sum(count for gram, count in ngrams(query).items() if gram not in frequency)
    full = np.sqrt(length(asked) ** 2 + unseen * (np.log(1 + len(texts)) + 1) ** 2)
    expected = [
        sum(value * weights(text).get(gram, 0) for gram, value in asked.items()) / (length(weights(text)) * full)
        if normalise(text) and asked
        else 0
        for text in texts
    ]
    assert LexicalIndex(texts).scores(query) == pytest.approx(np.array(expected), abs=1e-5)


def test_a_question_left_out_no_longer_matches_itself(shop: Snapshot) -> None:
    corpus = shop.corpus
    assert corpus is not None
    for position in questions_to_ask(corpus.variants)[:8]:
        text, vector = corpus.variants.texts[position], corpus.vectors.vectors(np.array([position]))[0]
        inside = candidates(corpus, text, vector)
        outside = candidates(corpus, text, vector, without=int(corpus.variants.question[position]))
        assert inside.features[:, 7].max() == 1
        assert outside.features[:, 7].max() == 0
        assert position not in outside.matched


def test_scripts_of_one_question_do_not_ask() -> None:
    assert questions_to_ask(spread([script("a", "退款"), script("b", "发货", "运费")])).tolist() == [1, 2]


def test_too_few_questions_keep_the_default_ranker(shop: Snapshot) -> None:
    corpus = shop.corpus
    assert corpus is not None
    assert len(questions_to_ask(corpus.variants)) < 40
    assert fit(corpus, [], np.empty((0, 384), np.float32)) == Ranker(DEFAULT_WEIGHTS)


def test_enough_questions_move_the_ranker_and_twice_the_same_way(encoder_corpus: Snapshot) -> None:
    corpus = encoder_corpus.corpus
    assert corpus is not None
    none = np.empty((0, corpus.mean.shape[0]), np.float32)
    learned = fit(corpus, [], none)
    assert learned.weights != DEFAULT_WEIGHTS
    assert learned == fit(corpus, [], none)


@pytest.fixture
def encoder_corpus() -> Snapshot:
    """Sixty scripts of two questions that share a word, under a toy encoder."""

    def encode(texts: Sequence[str]) -> Vectors:
        rows = np.array([[hash_of(text, place) for place in range(32)] for text in texts], dtype=np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)

    def hash_of(text: str, place: int) -> float:
        return sum((ord(letter) * (place + 3) ** 2) % 101 for letter in text) - 50 * len(text)

    words = [chr(0x4E00 + 7 * number) + chr(0x5E00 + 11 * number) for number in range(60)]
    scripts = [script(f"s{number}", f"{word}怎么用", f"请问{word}好不好") for number, word in enumerate(words)]
    return build_snapshot(scripts, encode=encode, encoder="toy", folder=None, negatives=())


def test_only_live_scripts_are_indexed(shop: Snapshot) -> None:
    assert {entry.id for entry in shop.scripts} == {entry.id for entry in SHOP} - {"hidden"}
