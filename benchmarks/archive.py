"""How many messages a second are decrypted, stored and analysed, and does memory stay flat?

The product as it is built for a shop, on SQLite on this machine's disk, with every analyzer and the example shop's
rules; service talk made up from our own words (benchmarks.talk), each message sealed under RSA-2048 as WeCom seals it.
They come in as they do from WeCom: a page from the library's process, random keys opened in the keys' process, texts
by the library, sealed anew and stored; and beside that they are analysed, by a runner that does not rest. The library
is a stand-in with Tencent's interface (benchmarks.finance): its own arithmetic is less than AES, all else is real.
Sealing the messages beforehand is not measured. At the end: each half alone, and how long the event loop is held up
while a worker reads and analyses in its small batches. CPU a message is what other work on the machine changes least.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from pydantic import SecretStr

from archive import Entry, Voice
from benchmarks.children import BenchFailed, cpu_s, descendants
from benchmarks.finance import ArchivedCorp, build_library, new_key
from benchmarks.result import FIGURE, Result, alone, beside, percentile, show
from benchmarks.talk import talk
from benchmarks.texts import PACK
from bot.bootstrap import Product, assemble
from bot.migrations import migrate
from bot.settings import ContentSettings, DatabaseSettings, Settings, WeComCorp

MESSAGES = 20_000  # a million with --messages 1000000
PER_S = 1_000.0  # DESIGN §8
PIECE = 20_000  # sealed beforehand at a time; reading and analysing begin and end with each
AT_ONCE = 500  # analysed at a time
WARM_UP = 2_000  # messages before anything is measured: caches fill, jieba reads its dictionary
GROWTH = 1.10  # of the resident memory from a quarter of the messages to their end that is called flat
ALONE, LAG_MESSAGES, TICK_S = 4_000, 1_500, 0.002
ACCOUNT = "corp"
LOOK_S = 0.005  # until the runner looks again whether a page has come


@dataclass(slots=True)
class _Measured:
    """cpu_s: of this process, children_cpu_s: of those beside it, while `whole_s` passed."""

    whole_s: float = 0.0
    cpu_s: float = 0.0
    children_cpu_s: float = 0.0
    pulled_s: float = 0.0
    analysed_s: float = 0.0
    opened_s: float = 0.0
    memory_mb: list[float] = field(default_factory=list)
    lags_ms: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Shop:
    built: Product
    corp: ArchivedCorp

    def says(self, said: Sequence[Entry]) -> int:
        """Seal these in WeCom; how many they are."""
        self.corp.forgets()
        for each in said:
            customer = f"wm{each.customer:0>22}"  # as ids of people outside look
            by_her = each.voice is Voice.CUSTOMER
            speaker, to = (customer, "lina") if by_her else (each.who, customer)
            self.corp.says(each.text, speaker=speaker, to=to, at_ms=int(each.at.timestamp() * 1000))
        return len(said)


def main(*, messages: int = MESSAGES) -> list[Result]:
    """Measure. Raises BenchFailed where a message was lost or not analysed, BenchImpossible without a C compiler."""
    return _results(asyncio.run(_measure(messages)), messages)


async def _measure(messages: int) -> _Measured:
    measured = _Measured()
    said = talk(WARM_UP + messages + ALONE + LAG_MESSAGES)
    async with _shop() as shop:
        await _piece(shop, said, WARM_UP, _Measured())
        for start in range(0, messages, PIECE):
            await _piece(shop, said, min(PIECE, messages - start), measured)
        await _halves(shop, said, measured)
        measured.opened_s = await _opened(shop.built, ALONE)
        measured.lags_ms = await _lags(shop, said)
    return measured


@contextlib.asynccontextmanager
async def _shop() -> AsyncIterator[_Shop]:
    with tempfile.TemporaryDirectory(prefix="xiaoer-bench-") as name:
        folder = Path(name)
        corp = ArchivedCorp(folder / "wecom", build_library(folder), {1: new_key()})
        account = WeComCorp(
            kind="wecom", name=ACCOUNT, corp_id=corp.access.corp_id, agent_id=1, secret=SecretStr("s"),
            token=SecretStr("t"), encoding_aes_key=SecretStr("a" * 43), archive=corp.settings(),
        )  # fmt: skip
        settings = Settings(
            database=DatabaseSettings(url=f"sqlite+aiosqlite:///{folder / 'archive.db'}"),
            content=ContentSettings(pack=str(PACK)),
            data_dir=folder,
            accounts=(account,),
        )
        async with assemble(settings) as built:
            await migrate(built.engine, built.archive.vault.ring)
            await built.apply_pack_if_empty()
            await built.minds.start()
            await built.archiving.puller.register()
            yield _Shop(built, corp)


async def _piece(shop: _Shop, said: Iterator[Entry], size: int, measured: _Measured) -> None:
    """Read and analyse so many messages, both at once."""
    expected = await asyncio.to_thread(lambda: shop.says(list(islice(said, size))))
    began, before = time.perf_counter(), _cpu()
    pulling = asyncio.create_task(_pull(shop, expected))
    try:
        await _analyse(shop.built, AT_ONCE, expected, pulling, measured.memory_mb.append)
    finally:
        await pulling
    measured.whole_s += time.perf_counter() - began
    after = _cpu()
    measured.cpu_s += after[0] - before[0]
    measured.children_cpu_s += after[1] - before[1]


async def _pull(shop: _Shop, expected: int) -> None:
    puller = shop.built.archiving.puller
    claim = await puller.claim_now(ACCOUNT)
    if claim is None:
        raise BenchFailed("somebody else reads the archive")
    done = await puller.pull(claim)
    if done.error or done.counts["stored"] != expected:
        raise BenchFailed(f"of {expected} messages {done.counts['stored']} were stored: {done.error}")


async def _analyse(
    built: Product, batch: int, expected: int, pulling: asyncio.Task[None], resident: Callable[[float], None]
) -> None:
    """Analyse until all is in and nothing is left to do; resident: told the memory after each step."""
    runner, done = built.archive_side.runner(), 0
    while True:
        all_in = pulling.done()
        step = await runner.step(batch)
        done += step.fresh.entries
        if step.fresh.failed:
            raise BenchFailed(f"an analyzer could not read {step.fresh.failed} texts")
        if not step.worked:
            if all_in:
                break
            await asyncio.sleep(LOOK_S)
        resident(_resident_mb())
    await runner.stop()
    if done != expected:
        raise BenchFailed(f"{expected} messages were stored, {done} analysed")


async def _halves(shop: _Shop, said: Iterator[Entry], measured: _Measured) -> None:
    """The same, one after the other."""
    expected = await asyncio.to_thread(lambda: shop.says(list(islice(said, ALONE))))
    began = time.perf_counter()
    pulled = asyncio.create_task(_pull(shop, expected))
    await pulled
    measured.pulled_s = time.perf_counter() - began
    began = time.perf_counter()
    await _analyse(shop.built, AT_ONCE, expected, pulled, lambda _: None)
    measured.analysed_s = time.perf_counter() - began


async def _opened(built: Product, n: int) -> float:
    """Seconds to read and open `n` stored messages."""
    ids = range(1, n + 1)
    began = time.perf_counter()
    async with built.engine.connect() as connection:
        for start in range(0, n, AT_ONCE):
            await built.archive.entries(connection, ids[start : start + AT_ONCE])
    return time.perf_counter() - began


async def _lags(shop: _Shop, said: Iterator[Entry]) -> list[float]:
    """How many milliseconds late the loop was, each time it should have woken, while a worker's batches ran."""
    expected = await asyncio.to_thread(lambda: shop.says(list(islice(said, LAG_MESSAGES))))
    lags: list[float] = []
    watching = asyncio.create_task(_watch(lags.append))
    try:
        pulling = asyncio.create_task(_pull(shop, expected))
        await _analyse(shop.built, shop.built.settings.archive.analysis.batch, expected, pulling, lambda _: None)
        await pulling
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


def _cpu() -> tuple[float, float]:
    """Seconds of processor used so far: by this process, by those below it."""
    return time.process_time(), sum(cpu_s(pid) for pid in descendants(os.getpid()) if pid != os.getpid())


def _resident_mb() -> float:
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _results(measured: _Measured, messages: int) -> list[Result]:
    memory = measured.memory_mb
    quarter = memory[len(memory) // 4]
    rate = messages / measured.whole_s
    return [
        alone("archive: messages", messages, "messages"),
        beside("archive: decrypted, stored and analysed", rate, "1/s", peer=FIGURE, peer_value=PER_S),
        alone("archive: CPU a message, our process", 1000 * measured.cpu_s / messages, "ms"),
        alone("archive: CPU a message, keys' and library's", 1000 * measured.children_cpu_s / messages, "ms"),
        alone("archive: decrypted and stored, alone", ALONE / measured.pulled_s, "1/s"),
        alone("archive: analysed, alone", ALONE / measured.analysed_s, "1/s"),
        alone("archive: read and opened", ALONE / measured.opened_s, "1/s"),
        alone("archive: resident memory", memory[-1], "MB"),
        beside("archive: memory's growth", memory[-1] / quarter, "×", peer=FIGURE, peer_value=GROWTH),
        alone("archive: loop late, p50", percentile(measured.lags_ms, 0.50), "ms"),
        alone("archive: loop late, p99", percentile(measured.lags_ms, 0.99), "ms"),
        alone("archive: loop late, most", max(measured.lags_ms), "ms"),
    ]


if __name__ == "__main__":
    show("archive", main())
