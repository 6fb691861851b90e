"""What would one use instead? BM25, character TF-IDF, a vector index, each alone."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from knowledge_base.text import ngrams

TOP = 10


def tfidf(texts: Sequence[str], posts: Sequence[str]) -> NDArray[np.floating]:
    """Cosine of character 1- to 3-gram TF-IDF (scikit-learn)."""
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True).fit(posts)
    return np.asarray((vectorizer.transform(texts) @ vectorizer.transform(posts).T).toarray())


def bm25(texts: Sequence[str], posts: Sequence[str]) -> NDArray[np.floating]:
    """BM25 over runs of one and two characters (bm25s)."""
    index = _bm25_index(posts)
    return np.stack([index.get_scores(_tokens(text)) for text in texts])


def timed(
    posts: Sequence[str], vectors: NDArray[np.float32], queries: Sequence[str], asked: NDArray[np.float32]
) -> dict[str, list[float]]:
    """Milliseconds of each query for its best ten, by peer."""
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    matrix = vectorizer.fit_transform(posts).T.tocsr()
    index = _bm25_index(posts)
    flat: Any = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    faiss.omp_set_num_threads(1)
    ways: dict[str, Callable[[int], object]] = {
        "character TF-IDF, linear": lambda n: _best(
            np.asarray((vectorizer.transform([queries[n]]) @ matrix).todense())[0]
        ),
        "bm25s": lambda n: _best(index.get_scores(_tokens(queries[n]))),
        "FAISS flat": lambda n: flat.search(asked[n : n + 1], TOP),
    }
    return {name: [_once(partial(way, number)) for number in range(len(queries))] for name, way in ways.items()}


def _bm25_index(posts: Sequence[str]) -> Any:
    index: Any = importlib.import_module("bm25s").BM25()  # it has no types
    index.index([_tokens(post) for post in posts], show_progress=False)
    return index


def _tokens(text: str) -> list[str]:
    return list(ngrams(text, 2).elements())


def _best(scores: NDArray[np.floating]) -> NDArray[np.int64]:
    return np.argpartition(-scores, TOP)[:TOP]


def _once(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1_000 * (time.perf_counter() - began)
