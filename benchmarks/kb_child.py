"""What does a library of one size cost: to build, to load, to keep, to search, to change? A process for each size."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import structlog

from benchmarks.children import memory_mb
from benchmarks.library import CheapEncoder, asked_otherwise, scripts
from benchmarks.result import percentile
from knowledge_base import Audience, KnowledgeBase, Script

ANYONE = Audience("default", datetime(2026, 6, 1, tzinfo=UTC))
QUERIES = 600
CHANGES = 5
CALLERS = (8, 32)
TOP = 10


@dataclass(frozen=True, slots=True)
class Crowd:
    """What it is like for one of several who search at once. p50_ms, p99_ms: from asking to being answered."""

    searches_per_s: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Costs:
    """Times in the unit of the name. found: share of reworded questions whose script came first.

    crowds: by how many ask at once. recall_at_10: of the vector index's nearest against those of exact search.
    """

    scripts: int
    kind: str
    build_s: float
    load_s: float
    memory_mb: float
    p50_ms: float
    p99_ms: float
    lexical_p50_ms: float
    lexical_p99_ms: float
    crowds: Mapping[int, Crowd]
    found: float
    recall_at_10: float
    update_ms: float


def measure(count: int, budget_mb: int) -> Costs:
    """Build, load, search and change a library of so many scripts."""
    with tempfile.TemporaryDirectory(prefix="xiaoer-bench-kb-") as folder:
        return asyncio.run(_measured(Path(folder), count, budget_mb))


async def _measured(folder: Path, count: int, budget_mb: int) -> Costs:
    encoder = CheapEncoder()
    library = scripts(count)
    began = time.perf_counter()
    await _opened(folder, encoder, library, budget_mb)
    built = time.perf_counter() - began
    gc.collect()
    began = time.perf_counter()
    knowledge = await _opened(folder, encoder, library, budget_mb)
    loaded = time.perf_counter() - began
    gc.collect()
    asked = [library[number] for number in np.linspace(0, count - 1, QUERIES).astype(int)]
    queries = [asked_otherwise(script, number) for number, script in enumerate(asked)]
    vectors = encoder.encode(queries)
    hits: list[bool] = []

    def search(number: int) -> None:
        found = knowledge.search(queries[number], vectors[number], ANYONE)
        hits.append(bool(found) and found[0].script_id == asked[number].id)

    def spelled(number: int) -> None:
        knowledge.search(queries[number], None, ANYONE)

    alone, lexical = _timed(search), _timed(spelled)
    found = float(np.mean(hits))
    crowds = {callers: _crowd(search, callers) for callers in CALLERS}
    resident = memory_mb(os.getpid(), "VmRSS")
    recall, kind = _recall(knowledge, vectors)
    return Costs(
        scripts=count,
        kind=kind,
        build_s=built,
        load_s=loaded,
        memory_mb=resident,
        p50_ms=percentile(alone, 0.5),
        p99_ms=percentile(alone, 0.99),
        lexical_p50_ms=percentile(lexical, 0.5),
        lexical_p99_ms=percentile(lexical, 0.99),
        crowds=crowds,
        found=found,
        recall_at_10=recall,
        update_ms=await _update_ms(knowledge, encoder, library),
    )


async def _opened(folder: Path, encoder: CheapEncoder, library: Sequence[Script], budget_mb: int) -> KnowledgeBase:
    knowledge = KnowledgeBase(encode=encoder.encode, encoder=encoder.fingerprint, folder=folder, memory_mb=budget_mb)
    await knowledge.refresh(library)
    return knowledge


async def _update_ms(knowledge: KnowledgeBase, encoder: CheapEncoder, library: Sequence[Script]) -> float:
    """The median time from a changed script to its first being found."""
    spent: list[float] = []
    now = list(library)
    for number in range(CHANGES):
        place = number * len(now) // CHANGES
        question = f"独一无二的新问题{number}怎么办"
        now[place] = replace(now[place], questions=(*now[place].questions, question))
        began = time.perf_counter()
        await knowledge.update([now[place]])
        best = knowledge.search(question, encoder.encode([question])[0], ANYONE)[0]
        spent.append(1_000 * (time.perf_counter() - began))
        assert best.script_id == now[place].id  # noqa: S101 - a change that is not found took no time
    return percentile(spent, 0.5)


def _recall(knowledge: KnowledgeBase, vectors: Any) -> tuple[float, str]:
    """The share of the exact ten nearest that the index finds, and of what kind it is."""
    index = knowledge.vectors
    assert index is not None  # noqa: S101 - it was filled
    shares: list[float] = []
    for vector in vectors[:100]:
        exact = np.concatenate([index.products(vector, part) for part in np.array_split(np.arange(len(index)), 64)])
        tenth = np.partition(exact, -TOP)[-TOP]
        found, _ = index.search(vector, TOP)
        shares.append(float(np.mean(exact[found] >= tenth - 1e-3)) * len(found) / TOP)
    return float(np.mean(shares)), index.kind


def _timed(search: Callable[[int], None]) -> list[float]:
    for number in range(0, QUERIES, 10):
        search(number)  # the first ones bring the pages in
    return [_once(search, number) for number in range(QUERIES)]


def _crowd(search: Callable[[int], None], callers: int) -> Crowd:
    began = time.perf_counter()
    with ThreadPoolExecutor(callers) as pool:
        spent = list(pool.map(lambda number: _once(search, number), range(QUERIES)))
    return Crowd(QUERIES / (time.perf_counter() - began), percentile(spent, 0.5), percentile(spent, 0.99))


def _once(search: Callable[[int], None], number: int) -> float:
    began = time.perf_counter()
    search(number)
    return 1_000 * (time.perf_counter() - began)


def main() -> None:
    """Answer each line {"count", "budget_mb"} with its costs; what is logged must not stand between the answers."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps(asdict(measure(question["count"], question["budget_mb"]))), flush=True)


if __name__ == "__main__":
    main()
