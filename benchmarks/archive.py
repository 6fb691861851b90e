"""How many messages a second are sealed, stored, opened and analysed by one process, and does its memory stay flat?

The product as it is built for a shop, on SQLite on this machine's disk, with every analyzer and the example shop's
rules; service talk made up from our own words (benchmarks.talk). Messages come in piece by piece, and each piece is
analysed before the next: what one process does that is alone with the archive. At the end, how long the event loop is
held up while a worker analyses beside the journey, in its small batches. The rate by CPU second is the one that other
work on the machine does not change.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from archive import Entry
from benchmarks.children import BenchFailed
from benchmarks.result import FIGURE, Result, alone, beside, percentile, show
from benchmarks.talk import talk
from benchmarks.texts import PACK
from bot.bootstrap import Product, assemble
from bot.migrations import migrate
from bot.settings import ContentSettings, DatabaseSettings, Settings

MESSAGES = 20_000  # a million with --messages 1000000
PER_S = 1_000.0  # DESIGN §8
PIECE, AT_ONCE = 5_000, 500
WARM_UP = 2_000  # messages before anything is measured: caches fill, jieba reads its dictionary
GROWTH = 1.10  # of the resident memory from a quarter of the messages to their end that is called flat
LAG_MESSAGES, TICK_S = 1_500, 0.002


@dataclass(slots=True)
class _Measured:
    stored_s: float = 0.0
    analysed_s: float = 0.0
    opened_s: float = 0.0
    cpu_s: float = 0.0
    memory_mb: list[float] = field(default_factory=list)
    lags_ms: list[float] = field(default_factory=list)


def main(*, messages: int = MESSAGES) -> list[Result]:
    """Measure. Raises BenchFailed where a message was lost or not analysed."""
    return _results(asyncio.run(_measure(messages)), messages)


async def _measure(messages: int) -> _Measured:
    measured = _Measured()
    said = talk(WARM_UP + messages + LAG_MESSAGES)
    async with _shop() as built:
        await _piece(built, list(islice(said, WARM_UP)), _Measured())
        left = messages
        while left:
            piece = list(islice(said, min(PIECE, left)))
            left -= len(piece)
            await _piece(built, piece, measured)
            measured.memory_mb.append(_resident_mb())
        measured.opened_s = await _opened(built, min(messages, PIECE))
        measured.lags_ms = await _lags(built, list(said))
    return measured


@contextlib.asynccontextmanager
async def _shop() -> AsyncIterator[Product]:
    with tempfile.TemporaryDirectory(prefix="xiaoer-bench-") as folder:
        settings = Settings(
            database=DatabaseSettings(url=f"sqlite+aiosqlite:///{Path(folder) / 'archive.db'}"),
            content=ContentSettings(pack=str(PACK)),
            data_dir=Path(folder),
        )
        async with assemble(settings) as built:
            await migrate(built.engine, built.archive.vault.ring)
            await built.apply_pack_if_empty()
            await built.minds.start()
            yield built


async def _piece(built: Product, piece: Sequence[Entry], measured: _Measured) -> None:
    began, busy = time.perf_counter(), time.process_time()
    await _store(built, piece)
    stored = time.perf_counter()
    await _analyse(built, AT_ONCE, len(piece))
    measured.stored_s += stored - began
    measured.analysed_s += time.perf_counter() - stored
    measured.cpu_s += time.process_time() - busy


async def _store(built: Product, piece: Sequence[Entry]) -> None:
    for start in range(0, len(piece), AT_ONCE):
        async with built.engine.begin() as connection:
            await built.archive.append(connection, piece[start : start + AT_ONCE])


async def _analyse(built: Product, batch: int, expected: int) -> None:
    runner, done = built.archive_side.runner(), 0
    while (step := await runner.step(batch)).worked:
        done += step.fresh.entries
        if step.fresh.failed:
            raise BenchFailed(f"an analyzer could not read {step.fresh.failed} texts")
    await runner.stop()
    if done != expected:
        raise BenchFailed(f"{expected} messages were stored, {done} analysed")


async def _opened(built: Product, n: int) -> float:
    """Seconds to read and open `n` stored messages."""
    ids = range(1, n + 1)
    began = time.perf_counter()
    async with built.engine.connect() as connection:
        for start in range(0, n, AT_ONCE):
            await built.archive.entries(connection, ids[start : start + AT_ONCE])
    return time.perf_counter() - began


async def _lags(built: Product, piece: Sequence[Entry]) -> list[float]:
    """How many milliseconds late the loop was, each time it should have woken, while a worker's batches ran."""
    await _store(built, piece)
    lags: list[float] = []
    watching = asyncio.create_task(_watch(lags.append))
    try:
        await _analyse(built, built.settings.archive.analysis.batch, len(piece))
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
    return lags


async def _watch(late: Callable[[float], None]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(TICK_S)
        late((time.perf_counter() - began - TICK_S) * 1000)


def _resident_mb() -> float:
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _results(measured: _Measured, messages: int) -> list[Result]:
    memory = measured.memory_mb
    quarter = memory[len(memory) // 4]
    whole = measured.stored_s + measured.analysed_s
    return [
        alone("archive: messages", messages, "messages"),
        beside("archive: stored and analysed", messages / whole, "1/s", peer=FIGURE, peer_value=PER_S),
        beside("archive: stored and analysed", messages / measured.cpu_s, "1/CPU s", peer=FIGURE, peer_value=PER_S),
        alone("archive: sealed and stored", messages / measured.stored_s, "1/s"),
        alone("archive: analysed", messages / measured.analysed_s, "1/s"),
        alone("archive: read and opened", min(messages, PIECE) / measured.opened_s, "1/s"),
        alone("archive: resident memory", memory[-1], "MB"),
        beside("archive: memory's growth", memory[-1] / quarter, "×", peer=FIGURE, peer_value=GROWTH),
        alone("archive: loop late, p50", percentile(measured.lags_ms, 0.50), "ms"),
        alone("archive: loop late, p99", percentile(measured.lags_ms, 0.99), "ms"),
        alone("archive: loop late, most", max(measured.lags_ms), "ms"),
    ]


if __name__ == "__main__":
    show("archive", main())
