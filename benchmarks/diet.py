"""Who understands better what both learned from the same utterances: we, or Rasa's DIET?

Rasa learns with `peers/rasa/config.yml`, as beside us in the product: jieba, word and character counts, DIET for 20
epochs. Training takes it 5 to 30 minutes a set on two cores; a model it made of the same data and configuration before
is taken again. What is learned and asked is that of `ablation`.
"""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ablation import FOLDER as VECTORS
from benchmarks.ablation import Split, encode, splits
from benchmarks.children import BenchFailed, BenchImpossible
from benchmarks.rasa import PYTHON, SET_UP, rasa_server
from benchmarks.result import Result, alone, beside, show
from benchmarks.texts import ROOT, data_folder
from nlu import (
    OUT_OF_SCOPE,
    Answers,
    BundledEncoder,
    RememberingEncoder,
    ask_intents,
    expected_calibration_error,
    score_intents,
    train,
    write_training_data,
)

FOLDER = ROOT / "var" / "bench-diet"  # Rasa's models outlive the run
CONFIG = ROOT / "peers" / "rasa" / "config.yml"
TRAIN = ROOT / "peers" / "rasa" / "rasa.sh"
PEER = "Rasa 3.6, DIET, 20 epochs"
REFUSED = frozenset({OUT_OF_SCOPE, "nlu_fallback"})
_REQUEST_S = 60.0

Ask = Callable[[str], dict[str, Any]]


def main() -> list[Result]:
    """All sets that are at hand. Raises BenchImpossible without data or without Rasa."""
    if not PYTHON.exists():
        raise BenchImpossible(f"there is no Rasa here; {SET_UP}")
    found = splits(data_folder())
    encoder = RememberingEncoder(BundledEncoder(), VECTORS / "vectors.npz")
    results: list[Result] = []
    for split in found:
        print(f"diet: {split.name}, {len(split.learned.examples)} learned", file=sys.stderr)
        model, seconds = trained(split, FOLDER)
        with rasa_server(model) as rasa:
            theirs = ask_rasa(split, _asking(rasa.port))
        ours = _ask_us(split, encoder)
        results += compare(split, ours, theirs)
        results.append(alone(f"{split.name}: {PEER}: training", seconds, "s"))
    return results


def trained(split: Split, folder: Path) -> tuple[Path, float]:
    """Rasa's model of a set, and how many seconds it took to make it, now or before. Raises BenchFailed."""
    place = folder / re.sub(r"\W+", "-", split.name.lower()).strip("-")
    data, models = place / "data", place / "models"
    data.mkdir(parents=True, exist_ok=True)
    write_training_data(split.learned, data / "nlu.yml")
    model, took = models / "xiaoer.tar.gz", place / "seconds"
    before, began = _made_at(model), time.monotonic()
    command = list(map(str, ("sh", TRAIN, PYTHON, CONFIG, data, models, "train")))
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    if ended.returncode:
        raise BenchFailed(f"Rasa could not be trained on {split.name}: {ended.stderr.strip()[-500:]}")
    if _made_at(model) != before:
        took.write_text(f"{time.monotonic() - began:.0f}", encoding="utf-8")
    return model, float(took.read_text(encoding="utf-8"))


def _made_at(model: Path) -> int:
    return model.stat().st_mtime_ns if model.exists() else 0


def ask_rasa(split: Split, ask: Ask) -> Answers:
    """What Rasa says to every utterance; an intent it did not learn counts as none, as for us.

    ask: a text's answer of /model/parse. Where it learned what is out of scope, falling back is saying so.
    """
    known = set(split.learned.intents) - {OUT_OF_SCOPE}
    may_refuse = OUT_OF_SCOPE in split.learned.intents  # else its fallback costs it nothing here
    began = time.perf_counter()
    answers = [ask(each.text) for each in split.asked.examples]
    spent = time.perf_counter() - began
    named = [_best(answer) for answer in answers]
    written = tuple(each.intent for each in split.asked.examples)
    return Answers(
        written=written,
        predicted=tuple(
            OUT_OF_SCOPE if may_refuse and answer["intent"]["name"] in REFUSED else name
            for answer, (name, _) in zip(answers, named, strict=True)
        ),
        inside=np.array([intent in known for intent in written]),
        best=np.array([confidence for _, confidence in named]),
        right=np.array([name == intent for (name, _), intent in zip(named, written, strict=True)]),
        ms_per_text=1_000 * spent / len(written),
    )


def compare(split: Split, ours: Answers, theirs: Answers) -> list[Result]:
    """Each figure of ours beside Rasa's."""
    return [
        beside(f"{split.name}: {name}", value, "", peer=PEER, peer_value=peer)
        for (name, value), peer in zip(_figures(ours).items(), _figures(theirs).values(), strict=True)
    ]


def _figures(answers: Answers) -> dict[str, float]:
    scores, outside = score_intents(answers), ~answers.inside
    unnamed = np.array([name == OUT_OF_SCOPE for name in answers.predicted])
    return {
        "accuracy": scores.accuracy,
        "macro-F1": scores.macro_f1,
        **({} if scores.oos_auroc is None else {"AUROC": scores.oos_auroc}),
        **({"OOS recall": float(unnamed[outside].mean())} if OUT_OF_SCOPE in answers.written else {}),
        "ECE": expected_calibration_error(answers.best, answers.right),
    }


def _ask_us(split: Split, encoder: RememberingEncoder) -> Answers:
    encode(split, encoder)
    return ask_intents(train(split.learned, encoder, negatives=[]), encoder, split.asked)


def _asking(port: int) -> Ask:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_REQUEST_S)

    def ask(text: str) -> dict[str, Any]:
        connection.request("POST", "/model/parse", json.dumps({"text": text}), {"Content-Type": "application/json"})
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        return answer

    return ask


def _best(answer: dict[str, Any]) -> tuple[str, float]:
    """The best intent that is one, with its confidence."""
    ranking = [(each["name"], each["confidence"]) for each in answer["intent_ranking"] if each["name"] not in REFUSED]
    return max(ranking, key=lambda each: each[1], default=("", 0.0))


if __name__ == "__main__":
    show("diet", main())
