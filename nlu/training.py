"""How is an intent model learned, and when can the stored one be used instead?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from nlu.encoder import Encoder
from nlu.features import CharacterTfidf
from nlu.intent_model import DENSE_WEIGHT, OUT_OF_SCOPE, IntentModel, ModelUnreadable, centred
from nlu.lexicon import general_negatives
from nlu.training_data import Example, TrainingData

_REGULARISATION = 3.0  # confidence then matched accuracy on held-out utterances of two public sets
_RECIPE = "logistic-2"  # raise when training changes: stored models are then trained again

_log = structlog.get_logger(__name__)


class NothingToLearn(Exception):  # noqa: N818 - reads as the fact it is
    """The training data holds no intent; add an intent with examples."""


def train(data: TrainingData, encoder: Encoder, *, negatives: Sequence[str] | None = None) -> IntentModel:
    """Fit a model; deterministic for the same data and encoder.

    negatives: utterances of no intent; None takes the general ones shipped with this package.

    Raises:
        NothingToLearn: `data` has no example.
    """
    if not data.examples:
        raise NothingToLearn("the training data holds no intent; add `- intent: name` with examples")
    examples = _with_negatives(data, general_negatives() if negatives is None else negatives)
    texts = [example.text for example in examples]
    labels = [example.intent for example in examples]
    vectors = encoder.encode(texts)
    mean = vectors.mean(axis=0)
    tfidf = CharacterTfidf.fit(texts, min_documents=1)
    intents, dense, sparse, bias = _fit(centred(vectors, mean), texts, labels, tfidf)
    return IntentModel(
        fingerprint=_fingerprint(examples, encoder),
        intents=intents,
        tfidf=tfidf,
        mean=mean,
        dense=dense,
        sparse=sparse,
        bias=bias,
    )


def load_current(
    file: Path, data: TrainingData, encoder: Encoder, *, negatives: Sequence[str] | None = None
) -> IntentModel | None:
    """Read the stored model; None where there is none, or other examples or another encoder made it."""
    examples = _with_negatives(data, general_negatives() if negatives is None else negatives)
    try:
        stored = IntentModel.load(file)
    except ModelUnreadable as reason:
        _log.info("intent_model_absent", reason=str(reason))
        return None
    return stored if stored.fingerprint == _fingerprint(examples, encoder) else None


def load_or_train(
    file: Path, data: TrainingData, encoder: Encoder, *, negatives: Sequence[str] | None = None
) -> IntentModel:
    """Read the stored model if it is current; train and store it otherwise.

    Raises:
        NothingToLearn: `data` has no example.
    """
    if (stored := load_current(file, data, encoder, negatives=negatives)) is not None:
        return stored
    model = train(data, encoder, negatives=negatives)
    model.save(file)
    _log.info("intent_model_trained", intents=len(model.intents), examples=len(data.examples))
    return model


def _with_negatives(data: TrainingData, negatives: Sequence[str]) -> tuple[Example, ...]:
    known = {example.text for example in data.examples}
    return data.examples + tuple(Example(text, OUT_OF_SCOPE) for text in negatives if text not in known)


def _fingerprint(examples: Sequence[Example], encoder: Encoder) -> str:
    learned = TrainingData(tuple(examples)).fingerprint()
    return hashlib.sha256(f"{_RECIPE}/{DENSE_WEIGHT}/{encoder.fingerprint}/{learned}".encode()).hexdigest()[:32]


def _fit(
    dense: NDArray[np.float32], texts: Sequence[str], labels: Sequence[str], tfidf: CharacterTfidf
) -> tuple[tuple[str, ...], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Fit the softmax in the basis of the training rows: as exact as in the full space, and far smaller.

    The regularised optimum lies in the span of the rows, so with kernel K = X·Xᵀ = U·S·Uᵀ it is enough to fit on
    U·√S (at most one column a text) and to carry the weights back through X.
    """
    # the solver costs 100 MB of memory; a process that loads a stored model never needs it
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    intents = tuple(sorted(set(labels)))
    if len(intents) == 1:
        return (
            intents,
            np.zeros((1, dense.shape[1]), np.float32),
            np.zeros((len(tfidf.vocabulary), 1), np.float32),
            np.zeros(1, np.float32),
        )
    spelling = _matrix(texts, tfidf)
    weighted = dense * DENSE_WEIGHT
    values, basis = np.linalg.eigh(weighted.astype(np.float64) @ weighted.T + (spelling @ spelling.T).toarray())
    kept = values > values.max() * 1e-6
    roots = np.sqrt(values[kept])
    solver = LogisticRegression(C=_REGULARISATION, max_iter=300, class_weight=None)
    solver.fit(basis[:, kept] * roots, np.array([intents.index(label) for label in labels]))
    coefficients, bias = solver.coef_, solver.intercept_
    if len(intents) == 2:  # noqa: PLR2004 - the solver gives one row for two classes
        coefficients, bias = np.vstack([-coefficients, coefficients]) / 2, np.concatenate([-bias, bias]) / 2
    by_text = (coefficients / roots) @ basis[:, kept].T  # [intents, texts]
    return (
        intents,
        (by_text @ weighted * DENSE_WEIGHT).astype(np.float32),
        (spelling.T @ by_text.T).astype(np.float32),
        bias.astype(np.float32),
    )


def _matrix(texts: Sequence[str], tfidf: CharacterTfidf) -> Any:
    """All rows as one sparse matrix, [texts, vocabulary]."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - see `_fit`

    rows = [tfidf.row(text) for text in texts]
    ends = np.cumsum([0, *(len(row.columns) for row in rows)])
    weights = np.concatenate([row.weights for row in rows])
    columns = np.concatenate([row.columns for row in rows])
    return csr_array((weights, columns, ends), shape=(len(texts), len(tfidf.vocabulary)))
