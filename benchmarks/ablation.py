"""What does each part of the intent model buy? Measured on public sets, each part left out or added in turn."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.children import BenchImpossible
from benchmarks.result import Result, alone, beside, show
from benchmarks.texts import data_folder
from nlu import (
    OUT_OF_SCOPE,
    BundledEncoder,
    Example,
    Ingredients,
    RememberingEncoder,
    TrainingData,
    ask_intents,
    auroc,
    macro_f1,
    normalise,
    report_refusal,
    score_intents,
    train,
)

FOLDER = Path(__file__).parent.parent / "var" / "bench-ablation"  # its vectors outlive the run
SVM = "characters, linear SVM"
STEPS = {
    "encoder alone": Ingredients(meaning_share=1.0, doubt=False),
    "characters": Ingredients(meaning_share=0.0, doubt=False),
    "characters, jieba": Ingredients(meaning_share=0.0, words=True, doubt=False),
    "characters, encoder": Ingredients(doubt=False),
    "characters, jieba, encoder": Ingredients(words=True, doubt=False),
    "characters, encoder, doubt of labels": Ingredients(),
}
HELD_OUT = 20  # intents of the shop questions that are asked about, but not learned
EVERY = 3  # of the English training utterances is learned: a third tells the parts apart, in a ninth of the time
_COSTS = {"wrong_cost": 3.0, "handover_cost": 1.0}
_SVM_C = 0.3  # the best of 0.03 to 1 on the shop questions


@dataclass(frozen=True, slots=True)
class Split:
    """What is learned and what is asked; labels are names."""

    name: str
    learned: TrainingData
    asked: TrainingData


def main() -> list[Result]:
    """The whole ablation. Raises BenchImpossible where no data is at hand."""
    return run(data_folder())


def run(data: Path, *, encoder: RememberingEncoder | None = None) -> list[Result]:
    """Measure each step on each set found in `data`, beside the linear SVM of the same run.

    Raises:
        BenchImpossible: none of the sets is there.
    """
    found = splits(data)
    remembering = encoder or RememberingEncoder(BundledEncoder(), FOLDER / "vectors.npz")
    results: list[Result] = []
    for split in found:
        print(f"ablation: {split.name}, {len(split.learned.examples)} learned", file=sys.stderr)
        encode(split, remembering)
        results += measure(split, remembering)
    return results


def encode(split: Split, encoder: RememberingEncoder) -> None:
    """Encode all of a set at once, and keep it for the next run."""
    encoder.encode([each.text for part in (split.learned, split.asked) for each in part.examples])
    encoder.save()


def measure(split: Split, encoder: RememberingEncoder) -> list[Result]:
    """Every step on one set."""
    peer = _svm(split)
    results = [alone(f"{split.name}: {SVM}: {name}", value, "") for name, value in peer.items()]
    for step, ingredients in STEPS.items():
        began = time.perf_counter()
        model = train(split.learned, encoder, negatives=[], ingredients=ingredients)
        seconds = time.perf_counter() - began
        answers = ask_intents(model, encoder, split.asked)
        scores, report = score_intents(answers), report_refusal(model, answers, **_COSTS)
        values = {"accuracy": scores.accuracy, "macro-F1": scores.macro_f1, "AUROC": scores.oos_auroc}
        label = f"{split.name}: {step}"
        results += [
            beside(f"{label}: {name}", value, "", peer=SVM, peer_value=peer[name])
            for name, value in values.items()
            if value is not None
        ]
        results += [
            alone(f"{label}: ECE", report.ece, ""),
            alone(f"{label}: AURC", report.aurc, ""),
            alone(f"{label}: training without encoding", seconds, "s"),
        ]
        if report.oos_recall is not None:
            results.append(alone(f"{label}: OOS recall at costs 3:1", report.oos_recall, ""))
            results.append(alone(f"{label}: accuracy in scope at costs 3:1", report.in_scope_accuracy, ""))
    return results


def _svm(split: Split) -> dict[str, float]:
    """Accuracy, macro-F1 and, by the largest margin, AUROC of the usual baseline."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - the peer's alone
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    tfidf = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, preprocessor=normalise)
    learned = split.learned.examples
    machine = LinearSVC(C=_SVM_C).fit(
        tfidf.fit_transform([each.text for each in learned]), [each.intent for each in learned]
    )
    margins = machine.decision_function(tfidf.transform([each.text for each in split.asked.examples]))
    margins = margins if margins.ndim == 2 else np.stack([-margins, margins], axis=1)
    known = [str(name) for name in machine.classes_]
    written = [each.intent for each in split.asked.examples]
    inside = np.array([name in known and name != OUT_OF_SCOPE for name in written])
    predicted = [known[place] for place in margins.argmax(axis=1)]
    pairs = [pair for pair, kept in zip(zip(written, predicted, strict=True), inside, strict=True) if kept]
    best = margins[:, [name != OUT_OF_SCOPE for name in known]].max(axis=1)
    return {
        "accuracy": float(np.mean([one == other for one, other in pairs])),
        "macro-F1": macro_f1([one for one, _ in pairs], [other for _, other in pairs]),
        **({} if inside.all() else {"AUROC": auroc(best[inside], best[~inside])}),
    }


def splits(data: Path) -> list[Split]:
    """The sets that are there, each with what is learned and what is asked. Raises BenchImpossible where none is."""
    found = list(_splits(data))
    if not found:
        raise BenchImpossible(f"no intent sets in {data}; set XIAOER_DATA to the folder that holds intent/")
    return found


def _splits(data: Path) -> Iterator[Split]:
    intents = data / "intent"
    if (shop := intents / "cic").is_dir():
        learned, asked = (_json_lines(shop / f"{part}.json") for part in ("train", "dev"))
        yield Split("CIC dev", learned, asked)
        hidden = set(sorted(learned.intents)[:: max(len(learned.intents) // HELD_OUT, 1)][:HELD_OUT])
        yield Split(f"CIC dev, {HELD_OUT} intents held out", _without(learned, hidden), asked)
    if (domains := intents / "smp2017").is_dir():
        yield Split("SMP2017 dev", *(_tab_separated(domains / f"{part}.tsv") for part in ("train", "dev")))
    if (english := intents / "clinc150" / "data_full.json").is_file():
        parts = json.loads(english.read_text(encoding="utf-8"))
        yield Split(
            f"CLINC150 test, 1/{EVERY} of train",
            _pairs(parts["train"][::EVERY] + parts["oos_train"]),
            _pairs(parts["test"] + parts["oos_test"]),
        )


def _json_lines(file: Path) -> TrainingData:
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return _pairs([(row["sentence"], str(row["label"])) for row in rows])


def _tab_separated(file: Path) -> TrainingData:
    rows = [line.split("\t", 1) for line in file.read_text(encoding="utf-8").splitlines()]
    return _pairs([(text, label) for label, text in rows])


def _pairs(rows: Sequence[Sequence[str]]) -> TrainingData:
    return TrainingData(tuple(Example(text, OUT_OF_SCOPE if label == "oos" else label) for text, label in rows))


def _without(data: TrainingData, hidden: set[str]) -> TrainingData:
    return TrainingData(tuple(each for each in data.examples if each.intent not in hidden))


if __name__ == "__main__":
    show("ablation", main())
