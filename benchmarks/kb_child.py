"""What does a library of one size cost: to build, to load, to keep, to search, to change? A process for each size."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from benchmarks.children import memory_mb
from benchmarks.library import CheapEncoder, asked_otherwise, scripts
from benchmarks.result import percentile
from knowledge_base import Audience, KnowledgeBase, Script

ANYONE = Audience("default", datetime(2026, 6, 1, tzinfo=UTC))
QUERIES = 600
CHANGES = 5
CALLERS = (8, 32)
ROUNDS = 3 + len(CALLERS)  # alone, by spelling, warming up, and each crowd
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
    asking = _Asking(knowledge, encoder, library)
    first = asking.round(0)
    alone, found = asking.alone(first)
    lexical, _ = asking.alone(asking.round(1), spelled=True)
    crowds = {callers: await asking.crowd(asking.round(2 + place), callers) for place, callers in enumerate(CALLERS)}
    resident = memory_mb(os.getpid(), "VmRSS")
    recall, kind = _recall(knowledge, first.vectors)
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


@dataclass(frozen=True, slots=True)
class _Round:
    """Questions that nobody asked before, for what was found is remembered. right: whose script is sought."""

    queries: Sequence[str]
    vectors: NDArray[np.float32]
    right: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Asking:
    """Asks a library. Times are in ms, from asking to being answered."""

    knowledge: KnowledgeBase
    encoder: CheapEncoder
    library: Sequence[Script]

    def round(self, number: int) -> _Round:
        """Questions of the round of this number, each about another script as far as there are so many."""
        places = np.linspace(0, len(self.library) - 1, QUERIES * ROUNDS)[number::ROUNDS].astype(int)
        asked = [self.library[place] for place in places]
        queries = [asked_otherwise(script, place + number) for place, script in enumerate(asked)]
        return _Round(queries, self.encoder.encode(queries), [script.id for script in asked])

    def alone(self, asked: _Round, *, spelled: bool = False) -> tuple[list[float], float]:
        """The times of one search after the other, and the share of scripts that came first."""
        warm = self.round(ROUNDS - 1)
        for place in range(0, QUERIES, 10):  # the first ones bring the pages in
            self._search(warm, place, spelled=spelled)
        answers = [self._search(asked, place, spelled=spelled) for place in range(QUERIES)]
        return [spent for spent, _ in answers], float(np.mean([found for _, found in answers]))

    async def crowd(self, asked: _Round, callers: int) -> Crowd:
        """So many ask at once, and are answered in turn by the one loop of a process, as in the product."""
        spent: list[float] = []

        async def caller(places: Iterable[int]) -> None:
            for place in places:
                began = time.perf_counter()
                await asyncio.sleep(0)  # who asked before is answered before
                self._search(asked, place)
                spent.append(1_000 * (time.perf_counter() - began))

        began = time.perf_counter()
        await asyncio.gather(*(caller(range(first, QUERIES, callers)) for first in range(callers)))
        return Crowd(QUERIES / (time.perf_counter() - began), percentile(spent, 0.5), percentile(spent, 0.99))

    def _search(self, asked: _Round, place: int, *, spelled: bool = False) -> tuple[float, bool]:
        began = time.perf_counter()
        found = self.knowledge.search(asked.queries[place], None if spelled else asked.vectors[place], ANYONE)
        spent = 1_000 * (time.perf_counter() - began)
        return spent, bool(found) and found[0].script_id == asked.right[place]


def main() -> None:
    """Answer each line {"count", "budget_mb"} with its costs; what is logged must not stand between the answers."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps(asdict(measure(question["count"], question["budget_mb"]))), flush=True)


if __name__ == "__main__":
    main()
