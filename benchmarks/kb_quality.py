"""How often does each way of searching find the right script first, on questions of others?"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.result import FIGURE, Result, alone, beside
from benchmarks.typos import mistyped
from knowledge_base import Audience, Script, Snapshot, build_snapshot, read_scripts
from nlu import Encoder, general_negatives

ANYONE = Audience("default", datetime(2026, 6, 1, tzinfo=UTC))
RECALL_AT_1 = 0.80  # on the five trades
MOST_PAIRS, MOST_QUERIES = 2_000, 500
SURE = 0.95
TYPOS = 0.10
BINS = 10

Scores = NDArray[np.floating]
Peer = Callable[[Sequence[str], Sequence[str]], Scores]


@dataclass(frozen=True, slots=True)
class Task:
    """Scripts and who asks for them: (text, id of the right script)."""

    name: str
    scripts: tuple[Script, ...]
    asking: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """right, probability: of each query's first passage; a query that finds nothing has 0 and 0."""

    right: NDArray[np.bool_]
    probability: NDArray[np.float64]

    @property
    def recall(self) -> float:
        """The share of queries whose right script came first."""
        return float(self.right.mean())

    @property
    def calibration_error(self) -> float:
        """How far probability and truth lie apart, on average over ten bins (ECE)."""
        bins = np.minimum((self.probability * BINS).astype(int), BINS - 1)
        gaps = [abs(float((self.right[bins == each] - self.probability[bins == each]).sum())) for each in range(BINS)]
        return sum(gaps) / len(self.right)


def trades(folder: Path) -> Task:
    """The five trades together: identical first questions are one script, the similar questions ask."""
    library: dict[str, Script] = {}
    asking: list[tuple[str, str]] = []
    for file in sorted((folder / "faq" / "chatopera").glob("*.json")):
        for script in read_scripts(file):
            post, *similar = script.questions
            kept = library.setdefault(
                post, replace(script, id=f"t{len(library)}", questions=(post,), related=(), state="live")
            )
            asking += [(question, kept.id) for question in similar]
    return Task("five trades", tuple(library.values()), tuple(asking))


def pairs(name: str, file: Path, delimiter: str) -> Task:
    """Of pairs of one meaning the first sentence asks and each distinct second one is a script."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = [row for row in csv.reader(stream, delimiter=delimiter, quoting=csv.QUOTE_NONE) if row[-1] == "1"]
    rows = rows[:: max(1, len(rows) // MOST_PAIRS)]
    seconds = {text: number for number, text in enumerate(dict.fromkeys(row[1] for row in rows))}
    scripts = tuple(
        Script(f"p{number}", text[:200], ("对",), "before", (text[:500],), {"default": "。"})
        for text, number in seconds.items()
    )
    chosen = rows[:: max(1, len(rows) // MOST_QUERIES)]
    return Task(name, scripts, tuple((row[0], f"p{seconds[row[1]]}") for row in chosen))


def shop(files: Sequence[Path]) -> tuple[Task, Task]:
    """Our example shop with half the questions of each script indexed, the other half asking; and with only one."""
    scripts = [script for file in files for script in read_scripts(file) if script.state == "live"]
    half = tuple(replace(each, questions=each.questions[::2]) for each in scripts)
    single = tuple(replace(each, questions=each.questions[:1]) for each in scripts)
    asking = tuple((text, each.id) for each in scripts for text in each.questions[1::2])
    return Task("example shop, half its questions", half, asking), Task(
        "example shop, one question each", single, asking
    )


def measure(task: Task, encoder: Encoder, peers: dict[str, Peer], *, figure: float | None = None) -> list[Result]:
    """Ours beside the peers on one task, then what the probabilities are worth, then with typing mistakes."""
    snapshot = build_snapshot(
        task.scripts, encode=encoder.encode, encoder=encoder.fingerprint, folder=None, negatives=general_negatives()
    )
    texts = [text for text, _ in task.asking]
    ours = _asked(snapshot, task, texts, encoder.encode(texts))
    name = f"{task.name} ({len(texts)} ask, {len(task.scripts)} scripts)"
    results = [alone(f"{name}: recall@1", ours.recall, "share")]
    if figure is not None:
        results.append(beside(f"{name}: recall@1", ours.recall, "share", peer=FIGURE, peer_value=figure))
    posts = [script.questions[0] for script in task.scripts]
    if all(len(script.questions) == 1 for script in task.scripts):
        ids = np.array([script.id for script in task.scripts])
        for peer, score in peers.items():
            first = ids[score(texts, posts).argmax(axis=1)]
            theirs = float(np.mean(first == np.array([right for _, right in task.asking])))
            results.append(beside(f"{name}: recall@1", ours.recall, "share", peer=peer, peer_value=theirs))
    spelled = _asked(snapshot, task, texts, None)
    results += _worth(name, ours, "") + _worth(name, spelled, ", not encoded")
    wrong = [mistyped(text, TYPOS, seed=1) for text in texts]
    for kind, vectors in ((", not encoded", None), ("", encoder.encode(wrong))):
        typed = _asked(snapshot, task, wrong, vectors)
        before = spelled if vectors is None else ours
        results.append(alone(f"{name}: recall@1 lost to 10 % homophones{kind}", before.recall - typed.recall, "share"))
    return results


def encoder_alone(encoder: Encoder) -> Peer:
    """Cosine of the vectors as they come."""
    return lambda texts, posts: np.asarray(encoder.encode(texts) @ encoder.encode(posts).T)


def _worth(name: str, answers: Answers, how: str) -> list[Result]:
    sure = answers.probability >= SURE
    return [
        alone(f"{name}: calibration error{how}", answers.calibration_error, "share"),
        alone(f"{name}: probability ≥ {SURE}{how}", float(sure.mean()), "of queries"),
        alone(f"{name}: right where ≥ {SURE}{how}", float(answers.right[sure].mean()) if sure.any() else 0.0, "share"),
    ]


def _asked(snapshot: Snapshot, task: Task, texts: Sequence[str], vectors: NDArray[np.float32] | None) -> Answers:
    right, probability = [], []
    for number, (text, (_, wanted)) in enumerate(zip(texts, task.asking, strict=True)):
        found = snapshot.search(text, None if vectors is None else vectors[number], ANYONE, 1)
        right.append(bool(found) and found[0].script_id == wanted)
        probability.append(found[0].probability if found else 0.0)
    return Answers(np.array(right), np.array(probability))
