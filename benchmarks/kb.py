"""How well and how fast are scripts found, in small and very large libraries, beside what one would use instead?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks import kb_update
from benchmarks.children import child
from benchmarks.kb_peers import bm25, tfidf, timed
from benchmarks.kb_quality import RECALL_AT_1, Peer, encoder_alone, measure, pairs, shop, trades
from benchmarks.library import CheapEncoder, asked_otherwise, scripts
from benchmarks.result import FIGURE, Result, alone, beside, percentile, show
from benchmarks.texts import PACK, data_folder
from nlu import BundledEncoder, RememberingEncoder

SIZES = (2_000, 100_000)
LARGE = 1_000_000
BUDGET_MB = 512  # for the vectors
P99_MS, MEMORY_MB, UPDATE_MS = 15.0, 1_024, 1_000
FIGURES_AT = 100_000  # scripts, for which the three above are promised
PEER_QUERIES = 100
CHILD = "benchmarks.kb_child"


def main(*, large: bool = False, quality: bool = True) -> list[Result]:
    """Quality first, then each size in a process of its own, then the peers at the promised size."""
    results = _quality() if quality else []
    for count in (*SIZES, LARGE) if large else SIZES:
        results += _size(count)
    return [*results, *kb_update.results(), *_peers(FIGURES_AT)]


def _quality() -> list[Result]:
    encoder = RememberingEncoder(BundledEncoder())
    peers: dict[str, Peer] = {
        "character TF-IDF": tfidf,
        "BM25": bm25,
        "encoder alone": encoder_alone(encoder),
    }
    half, single = shop(sorted((PACK / "scripts").glob("*.yaml")))
    results = measure(half, encoder, peers) + measure(single, encoder, peers)
    folder = data_folder()
    if not (folder / "faq").is_dir() or not (folder / "pairs").is_dir():
        print("kb: no questions of others here (XIAOER_DATA), the example shop's alone", file=sys.stderr)
        return results
    results += measure(trades(folder), encoder, peers, figure=RECALL_AT_1)
    for name, file, delimiter in (("BQ", "bq_dev.csv", ","), ("LCQMC", "lcqmc_dev.tsv", "\t")):
        results += measure(pairs(name, folder / "pairs" / Path(file), delimiter), encoder, peers)
    return results


def _size(count: int) -> list[Result]:
    with child(CHILD) as process:
        costs = process.ask(count=count, budget_mb=BUDGET_MB * max(1, count // 500_000))
    name = f"{count:,} scripts ({costs['kind']})"
    promised = count == FIGURES_AT
    results = [
        alone(f"{name}: {key.replace('_', ' ')}", costs[key], unit)
        for key, unit in (
            ("build_s", "s"),
            ("load_s", "s"),
            ("p50_ms", "ms"),
            ("lexical_p50_ms", "ms"),
            ("lexical_p99_ms", "ms"),
            ("found", "share first"),
            ("recall_at_10", "share of exact"),
        )
    ]
    for callers, crowd in costs["crowds"].items():
        at = f"{name}, {callers} callers"
        results += [
            alone(f"{at}: searches", crowd["searches_per_s"], "1/s"),
            alone(f"{at}: p50", crowd["p50_ms"], "ms"),
            alone(f"{at}: p99", crowd["p99_ms"], "ms"),
        ]
    for key, unit, figure in (("p99_ms", "ms", P99_MS), ("memory_mb", "MB", MEMORY_MB), ("update_ms", "ms", UPDATE_MS)):
        label = f"{name}: {key.replace('_', ' ')}"
        measured = float(costs[key])
        results.append(
            beside(label, measured, unit, peer=FIGURE, peer_value=figure) if promised else alone(label, measured, unit)
        )
    return results


def _peers(count: int) -> list[Result]:
    library, encoder = scripts(count), CheapEncoder()
    posts = [script.questions[0] for script in library]
    places = np.linspace(0, count - 1, PEER_QUERIES).astype(int)
    queries = [asked_otherwise(library[place], number) for number, place in enumerate(places)]
    times = timed(posts, encoder.encode(posts), queries, encoder.encode(queries))
    return [
        alone(f"{count:,} scripts, {name}: p{share * 100:.0f}", percentile(spent, share), "ms")
        for name, spent in times.items()
        for share in (0.5, 0.99)
    ]


def chosen(arguments: Sequence[str]) -> list[Result]:
    """What `python -m benchmarks.kb [--large] [--no-quality]` measures."""
    return main(large="--large" in arguments, quality="--no-quality" not in arguments)


if __name__ == "__main__":
    show("kb", chosen(sys.argv[1:]))
