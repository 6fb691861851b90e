"""How is an intent model learned, and when can the stored one be used instead?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import structlog

from nlu.encoder import Encoder
from nlu.features import TermTfidf
from nlu.ingredients import Ingredients
from nlu.intent_model import OUT_OF_SCOPE, IntentModel, ModelUnreadable
from nlu.landmarks import Landmarks
from nlu.learning import Lesson, learn_heads
from nlu.lexicon import general_negatives
from nlu.training_data import Example, TrainingData

LARGE = 5_000  # examples from which a run of characters seen once is left out
MOST = 20_000  # examples learned: the kernel of all pairs must fit into memory
_RECIPE = "least-squares-2"  # raise when training changes: stored models are then trained again

USUAL = Ingredients()

_log = structlog.get_logger(__name__)


class NothingToLearn(Exception):  # noqa: N818 - reads as the fact it is
    """The training data holds no intent; add an intent with examples."""


def train(
    data: TrainingData,
    encoder: Encoder,
    *,
    negatives: Sequence[str] | None = None,
    ingredients: Ingredients = USUAL,
) -> IntentModel:
    """Fit a model; deterministic for the same data and encoder.

    negatives: utterances of no intent; None takes the general ones shipped with this package.
    ingredients: other than the usual ones only to measure what each buys.

    Raises:
        NothingToLearn: `data` has no example.
    """
    if not data.examples:
        raise NothingToLearn("the training data holds no intent; add `- intent: name` with examples")
    examples = _distinct(data, negatives)
    # needed to learn, not to answer: a process that loads a stored model saves them
    import scipy.linalg  # noqa: PLC0415, F401 - loaded before its threads can be limited
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    texts = [example.text for example in examples]
    intents = tuple(sorted({example.intent for example in examples}))
    number = {intent: place for place, intent in enumerate(intents)}
    labels = np.array([number[example.intent] for example in examples])
    vectors = encoder.encode(texts)
    tfidf = TermTfidf.fit(texts, min_documents=1 if len(texts) < LARGE else 2, words=ingredients.words)
    landmarks = Landmarks.choose(vectors)
    lesson = Lesson(texts, vectors, labels, intents)
    # several threads of BLAS on busy cores wait for each other: 20 times as long where the shop is at work meanwhile
    with threadpool_limits(limits=1, user_api="blas"):
        full, light = learn_heads(lesson, tfidf, landmarks, ingredients)
    return IntentModel(_fingerprint(examples, encoder, ingredients), intents, tfidf, landmarks, full, light)


def load_current(
    file: Path, data: TrainingData, encoder: Encoder, *, negatives: Sequence[str] | None = None
) -> IntentModel | None:
    """Read the stored model; None where there is none, or other examples or another encoder made it."""
    examples = _distinct(data, negatives)
    try:
        stored = IntentModel.load(file)
    except ModelUnreadable as reason:
        _log.info("intent_model_absent", reason=str(reason))
        return None
    if stored.fingerprint != _fingerprint(examples, encoder):
        _log.info("intent_model_outdated", reason="other examples, another encoder or another recipe")
        return None
    return stored


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


def _distinct(data: TrainingData, negatives: Sequence[str] | None) -> list[Example]:
    """Each text with its intent once, in an order that no file decides; of too many, evenly spread ones."""
    known = {example.text for example in data.examples}
    outside = [text for text in (general_negatives() if negatives is None else negatives) if text not in known]
    pairs = sorted({(each.intent, each.text) for each in data.examples} | {(OUT_OF_SCOPE, text) for text in outside})
    chosen = np.linspace(0, len(pairs) - 1, min(len(pairs), MOST)).round().astype(int)
    return [Example(text, intent) for intent, text in (pairs[place] for place in chosen)]


def _fingerprint(examples: Sequence[Example], encoder: Encoder, ingredients: Ingredients = USUAL) -> str:
    learned = TrainingData(tuple(examples)).fingerprint()
    return hashlib.sha256(f"{_RECIPE}/{ingredients}/{encoder.fingerprint}/{learned}".encode()).hexdigest()[:32]
