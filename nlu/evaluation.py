"""How often is the intent right, and are utterances of no intent told apart?"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.encoder import Encoder
from nlu.intent_model import OUT_OF_SCOPE, IntentModel
from nlu.rasa_yaml import read_training_data
from nlu.training_data import Example, TrainingData, TrainingDataError

_NO_INTENT = frozenset({"oos", "ood", "nlu_fallback", OUT_OF_SCOPE})  # how public sets and Rasa call it


class NothingToMeasure(Exception):  # noqa: N818 - reads as the fact it is
    """The test holds no utterance of an intent that the model knows."""


@dataclass(frozen=True, slots=True)
class NluScores:
    """How n utterances went.

    accuracy, macro_f1: over those of a known intent; the classes of macro_f1 are the intents written or predicted.
    oos_auroc: that an utterance of no known intent gets a lower best probability than one of a known intent, None
    where the test holds none of the former. ms_per_text: encoding included, one text after the other.
    """

    accuracy: float
    macro_f1: float
    oos_auroc: float | None
    ms_per_text: float
    n: int


def read_examples(path: Path) -> TrainingData:
    """Read Rasa's NLU YAML (a file or folder), or JSON lines `{"sentence", "label"}`.

    The labels oos, ood, nlu_fallback and out_of_scope all mean that no intent fits.

    Raises:
        TrainingDataError: with file, line and what to write instead.
    """
    if path.is_dir() or path.suffix.lower() in {".yml", ".yaml"}:
        try:
            return read_training_data(path)
        except OSError as error:
            raise TrainingDataError(path, 1, f"cannot be read ({error.strerror}); check the path") from error
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TrainingDataError(path, 1, "cannot be read as UTF-8; check the path") from error
    return TrainingData(tuple(_example(path, number, line) for number, line in enumerate(lines, 1) if line.strip()))


def evaluate_intents(model: IntentModel, encoder: Encoder, test: TrainingData) -> NluScores:
    """Ask the model about every utterance of `test`.

    An utterance whose label the model was not trained on counts as one of no known intent.

    Raises:
        NothingToMeasure: `test` holds no utterance of a known intent.
    """
    known = set(model.intents) - {OUT_OF_SCOPE}
    inside = np.array([example.intent in known for example in test.examples], dtype=bool)
    if not inside.any():
        raise NothingToMeasure("the test holds no utterance of an intent of the training data; check the labels")
    began = time.perf_counter()
    rankings = [model.ranking(example.text, encoder.encode([example.text])[0]) for example in test.examples]
    spent = time.perf_counter() - began
    written = [example.intent for example, kept in zip(test.examples, inside, strict=True) if kept]
    predicted = [ranking[0][0] for ranking, kept in zip(rankings, inside, strict=True) if kept]
    best = np.array([max(value for name, value in ranking if name != OUT_OF_SCOPE) for ranking in rankings])
    return NluScores(
        accuracy=float(np.mean([one == other for one, other in zip(written, predicted, strict=True)])),
        macro_f1=_macro_f1(written, predicted),
        oos_auroc=None if inside.all() else _auroc(best[inside], best[~inside]),
        ms_per_text=1_000 * spent / len(test.examples),
        n=len(test.examples),
    )


def _example(file: Path, number: int, line: str) -> Example:
    try:
        entry = json.loads(line)
        text, label = entry["sentence"], entry["label"]
    except (ValueError, KeyError, TypeError) as error:
        raise TrainingDataError(file, number, 'write {"sentence": "…", "label": "…"} on each line') from error
    if not isinstance(text, str) or not isinstance(label, str | int) or isinstance(label, bool):
        raise TrainingDataError(file, number, "sentence must be text, label a text or a number")
    return Example(text, OUT_OF_SCOPE if label in _NO_INTENT else str(label))


def _macro_f1(written: Sequence[str], predicted: Sequence[str]) -> float:
    scores = []
    for name in sorted({*written, *predicted} - {OUT_OF_SCOPE}):
        hits = sum(one == other == name for one, other in zip(written, predicted, strict=True))
        scores.append(2 * hits / (written.count(name) + predicted.count(name)))
    return float(np.mean(scores))


def _auroc(higher: NDArray[np.float64], lower: NDArray[np.float64]) -> float:
    """Probability that one of `higher` lies above one of `lower`; a tie counts half."""
    ordered = np.sort(lower)
    below = np.searchsorted(ordered, higher, side="left")
    up_to = np.searchsorted(ordered, higher, side="right")
    return float(np.mean((below + up_to) / 2) / len(lower))
