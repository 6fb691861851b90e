"""Do the parts of the search keep their promises: clauses, spelling, leaving out, fitting?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base import Audience, Judged, Snapshot, build_snapshot
from knowledge_base.features import FEATURES, candidates, query_of
from knowledge_base.grams import runs_of, symbols
from knowledge_base.lessons import questions_to_ask
from knowledge_base.lexical import LexicalIndex
from knowledge_base.ranker import DEFAULT_LEXICAL, DEFAULT_WEIGHTS, Ranker
from knowledge_base.segment import HELD, SOUND, SPELLING
from knowledge_base.snapshot import Rankers
from knowledge_base.text import clauses, essence, ngrams, normalise
from knowledge_base.variants import spread
from knowledge_base.vector_index import Vectors
from tests.knowledge_base.samples import SHOP, script


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("怎么退款", ()),
        ("运费多少，几天到，什么快递", ("运费多少", "几天到", "什么快递")),
        ("想退货 咋操作", ()),
        ("有年费？年费怎么收费", ("年费怎么收费",)),
        ("怎么购买，怎么付款", ("怎么购买", "怎么付款")),
        ("？！", ()),
    ],
)
def test_a_list_of_questions_is_taken_apart(question: str, parts: tuple[str, ...]) -> None:
    assert clauses(question) == parts


def test_texts_written_alike_are_one_variant_of_a_script() -> None:
    found, plains = spread([script("a", "退款", "退款？", "运费，几天到，退款"), script("b", "退款")])
    assert found.texts == ("退款", "运费，几天到，退款", "运费", "几天到", "退款")
    assert plains == ["退款", "运费几天到退款", "运费", "几天到", "退款"]
    assert found.whole.tolist() == [True, True, False, False, True]
    assert found.first.tolist() == [0, 4, 5]
    assert found.question.tolist() == [0, 2, 2, 2, 3]


@pytest.mark.parametrize(
    ("text", "plain"),
    [("请问怎么退款呢？", "怎么退款"), ("你好，想问一下 包邮吗", "包邮"), ("好的", "好"), ("吗？", "吗")],
)
def test_manners_and_particles_are_not_the_essence(text: str, plain: str) -> None:
    assert essence(text) == plain


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
            gram: (1 + np.log(count)) * (np.log((1 + len(texts)) / (1 + frequency.get(gram, 0))) + 1)
            for gram, count in ngrams(text).items()
        }

    def length(values: dict[str, float]) -> float:
        return float(np.sqrt(sum(value**2 for value in values.values())))

    asked = weights(query)
    expected = [
        sum(value * weights(text).get(gram, 0) for gram, value in asked.items())
        / (length(weights(text)) * length(asked))
        if normalise(text) and asked
        else 0
        for text in texts
    ]
    index = LexicalIndex([normalise(text) for text in texts], SPELLING)
    found = index.match(runs_of(normalise(query)))
    assert found.at(np.arange(len(texts))) == pytest.approx(np.array(expected), abs=2e-3)  # weights are half floats
    best = found.best(3)
    assert found.at(best).tolist() == sorted(found.at(np.arange(len(texts))), reverse=True)[: len(best)]


def test_long_lists_are_left_out_of_the_sums_and_not_of_the_scores() -> None:
    texts = [f"怎么{chr(0x4E00 + number)}呢" for number in range(200)] + ["退款"]
    index = LexicalIndex(texts, SPELLING)
    complete = index.match(runs_of("怎么一呢")).at(np.arange(201))
    pruned = index.match(runs_of("怎么一呢"), budget=10)
    assert pruned.best(1).tolist() == [0]
    assert pruned.at(np.arange(201)) == pytest.approx(complete, abs=1e-4)


def test_an_addition_is_weighed_like_what_it_is_added_to() -> None:
    texts = ["怎么退款", "怎么发货", "怎么付款"]
    index = LexicalIndex(texts, SPELLING)
    addition = LexicalIndex(["怎么退款"], SPELLING, index.weighing)
    query = runs_of("我要退款")
    assert addition.match(query).at(np.array([0])) == pytest.approx(index.match(query).at(np.array([0])), abs=1e-3)


def test_characters_of_one_sound_sound_alike() -> None:
    index, heard = LexicalIndex(["退货", "发货", "包邮吗"], SOUND), partial(runs_of, sound=True)
    assert index.match(heard("退或")).at(np.arange(3)).tolist() == pytest.approx(
        [1, index.match(heard("退货")).at(np.array([1]))[0], 0], abs=1e-3
    )
    assert index.match(heard("宝油吗")).best(1).tolist() == [2]
    row, _ = symbols(["山三上a"], sound=True)
    assert row[0] == row[1] == row[2]
    assert row[3] == ord("a")


def test_a_question_left_out_no_longer_matches_itself(shop: Snapshot) -> None:
    corpus = shop.corpus
    assert corpus is not None
    segment = corpus.segments[0]
    place = FEATURES.index("exact")
    for position in questions_to_ask(segment.variants)[:8]:
        text, vector = segment.variants.texts[position], segment.vectors.vectors(np.array([position]))[0]
        inside = candidates(corpus, query_of(corpus, text), vector)
        outside = candidates(corpus, query_of(corpus, text), vector, without=int(segment.variants.question[position]))
        assert inside.features[:, place].max() == 1
        assert outside.features[:, place].max() == 0
        assert position not in outside.matched


@given(
    st.lists(st.text(alphabet="退款发货运费ab\n", max_size=8), min_size=1, max_size=5),
    st.text(alphabet="退款发货怎么c", min_size=1, max_size=6),
)
@settings(max_examples=100, deadline=None)
def test_a_text_in_the_index_or_not_holds_the_same_share_of_a_query(texts: list[str], query: str) -> None:
    index = LexicalIndex(texts, HELD)
    asked = runs_of(query)
    held = index.match(asked).at(np.arange(len(texts)))
    assert held.tolist() == pytest.approx([index.share(asked, text) for text in texts], abs=2e-3)
    assert index.share(asked, query) == pytest.approx(1)
    assert 0 <= held.min() <= held.max() <= 1 + 2e-3


def _one_vector(texts: Sequence[str]) -> Vectors:
    return np.full((len(texts), 4), 0.5, np.float32)


def test_what_is_held_lies_in_questions_and_answer_together() -> None:
    scripts = [
        script("near", "周边怎么样", "附近", answers={"default": "配套齐全"}),
        script("price", "周边房价", answers={"default": "一万五"}),
        script("split", "周边", "配套", answers={"default": "没有"}),
    ]
    snapshot = build_snapshot(scripts, encode=_one_vector, encoder="one", folder=None, negatives=())
    corpus = snapshot.corpus
    assert corpus is not None
    place = FEATURES.index("held")

    def held(query: str, *, without: int = -1) -> dict[str, float]:
        found = candidates(corpus, query_of(corpus, query), None, without=without)
        names = [corpus.segments[0].scripts[at].id for at in found.scripts]
        return dict(zip(names, found.features[:, place].tolist(), strict=True))

    asked = held("周边配套")
    assert asked["near"] > asked["price"] > 0
    assert asked["near"] == pytest.approx(asked["split"], abs=2e-3)  # no run crosses from text to text
    assert asked["near"] < 1
    assert held("周边房价")["price"] == pytest.approx(1, abs=2e-3)
    position = corpus.segments[0].variants.texts.index("周边怎么样")
    alone = int(corpus.segments[0].variants.question[position])
    assert held("附近周边怎么样", without=alone)["near"] < held("附近周边怎么样")["near"]


def test_scripts_of_one_question_do_not_ask() -> None:
    assert questions_to_ask(spread([script("a", "退款"), script("b", "发货", "运费")])[0]).tolist() == [1, 2]


def test_too_few_questions_keep_the_default_rankers(shop: Snapshot) -> None:
    assert shop.corpus is not None
    assert len(questions_to_ask(shop.corpus.segments[0].variants)) < 40
    assert shop.rankers == Rankers(Ranker(DEFAULT_WEIGHTS), Ranker(DEFAULT_LEXICAL))


def test_enough_questions_move_the_rankers_and_twice_the_same_way() -> None:
    learned = toy_library()
    assert learned.rankers.full.weights != DEFAULT_WEIGHTS
    assert learned.rankers.lexical.weights != DEFAULT_LEXICAL
    assert learned.rankers == toy_library().rankers


def test_feedback_moves_probabilities_the_way_people_judged() -> None:
    query, vector = f"{WORDS[3]}好用吗", toy([f"{WORDS[3]}好用吗"])[0]
    audience = Audience("default", datetime(2026, 6, 1, tzinfo=UTC))

    def probability(*feedback: Judged) -> float:
        found = toy_library(feedback).search(query, vector, audience)
        return next(each.probability for each in found if each.script_id == "s3")

    others = [number for number in range(60) if number != 3]
    right = [Judged(f"{WORDS[number]}好用吗", f"s{number}", right=True) for number in others]
    wrong = [Judged(f"{WORDS[number]}好用吗", f"s{number}", right=False) for number in others]
    assert probability(*wrong) < probability() < probability(*right)
    assert probability(Judged(query, "no such script", right=True)) == pytest.approx(probability())


WORDS = [chr(0x4E00 + 7 * number) + chr(0x5E00 + 11 * number) for number in range(60)]


def toy(texts: Sequence[str]) -> Vectors:
    def hash_of(text: str, place: int) -> float:
        return sum((ord(letter) * (place + 3) ** 2) % 101 for letter in text) - 50 * len(text)

    rows = np.array([[hash_of(text, place) for place in range(32)] for text in texts], dtype=np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def toy_library(feedback: Sequence[Judged] = ()) -> Snapshot:
    """Sixty scripts of two questions that share a word, under a toy encoder."""
    scripts = [script(f"s{number}", f"{word}怎么用", f"请问{word}好不好") for number, word in enumerate(WORDS)]
    return build_snapshot(scripts, encode=toy, encoder="toy", folder=None, negatives=(), feedback=feedback)


def test_only_live_scripts_are_indexed(shop: Snapshot) -> None:
    assert {entry.id for entry in shop.scripts} == {entry.id for entry in SHOP} - {"hidden"}
