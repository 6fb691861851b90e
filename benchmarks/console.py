"""How fast is the console while a whole shop works in it, and what does a connected agent cost?

The product's doors run in a process of their own, as `xiaoer serve` runs them, over a PostgreSQL of the bench's (or
SQLite). The agents are signed in and keep the event stream of a conversation open; the open conversations wait in
teams' queues, every fifth is served. All pages do what desk.js does with what they are told, and what they do by
themselves (benchmarks/console_page.py). Measured over real HTTP:

- lists at a modest rate, each tab as page and fragment;
- a customer's message, from before it is stored until the pages that look at its conversation have read it again: at a
  usual rate (2 a second, as before pages were told only what concerns them, when this was measured with those pages
  alone reading again), at a busy one (8 a second), and at the usual one while with each message a ticket of every
  team moves, which concerns the lists of all pages (before, when every message concerned all, it was measured where all
  read list and thread with each); how old those lists become;
- what a message costs, whatever the machine does beside: the pages' requests, and CPU time of the process;
- the memory of the process without and with everybody connected.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import aiohttp
import uvloop

from benchmarks.children import BenchFailed, BenchImpossible, Child, child, cpu_s, memory_mb
from benchmarks.claim_ground import postgres
from benchmarks.console_crowd import Crowd, read_lists, say
from benchmarks.console_ground import SERVED, Place, Store, write_pack
from benchmarks.console_page import PATIENCE_S, Awaited
from benchmarks.result import FIGURE, Result, alone, beside, percentile, show
from bot.redis_server import open_redis
from bot.wakeups import Wakeups

AGENTS, CONVERSATIONS = 200, 20_000
SECONDS, RATE = 60.0, 10.0  # of list reads, over all agents
MESSAGES, MESSAGES_RATE, BUSY_RATE = 60, 2.0, 8.0  # of customers, a second
LIST_P95_MS, SCREEN_P95_MS = 150.0, 500.0
WARM_UP_S, SETTLE_S = 3.0, 1.0
CHILD = "benchmarks.console_child"


@dataclass(frozen=True, slots=True)
class Spoken:
    """Messages of one rate. requests: of all pages meanwhile, by kind. cpu_s: of the process meanwhile."""

    said: Sequence[Awaited]
    requests: Counter[str]
    cpu_s: float

    @property
    def shown(self) -> list[float]:
        """Until each page showed it, in ms."""
        return [ms for each in self.said for ms in each.all_ms(each.shown_ms)]


@dataclass(frozen=True, slots=True)
class Measured:
    """lists: ms by (page | fragment, tab). moving: where every list is concerned. stale_ms: how old lists were then.

    Memory in MB.
    """

    lists: dict[tuple[str, str], list[float]]
    usual: Spoken
    busy: Spoken
    moving: Spoken
    stale_ms: Sequence[float]
    alone_mb: float
    connected_mb: float
    after_mb: float


def main(
    *,
    agents: int = AGENTS,
    conversations: int = CONVERSATIONS,
    sqlite: bool = False,
    seconds: float = SECONDS,
    rate: float = RATE,
    messages: int = MESSAGES,
) -> list[Result]:
    """Measure.

    Raises BenchFailed where an answer was wrong or nothing was shown; BenchImpossible without a PostgreSQL, or where
    there are too few conversations.
    """
    if conversations < (least := SERVED * agents):
        raise BenchImpossible(f"{agents} agents have one before them only if there are {least} conversations or more")
    with tempfile.TemporaryDirectory(prefix="xiaoer-bench-") as name, _database(Path(name), sqlite=sqlite) as url:
        place = Place.new(url, Path(name), agents=agents, conversations=conversations)
        write_pack(place)
        with child(CHILD) as web:
            port = int(web.ask(**asdict(place))["port"])
            try:
                measured = uvloop.run(_measure(place, web, port, seconds=seconds, rate=rate, messages=messages))
            except ExceptionGroup as group:
                raise BenchFailed(_reason(group)) from group
    return _results(place, measured)


@contextlib.contextmanager
def _database(folder: Path, *, sqlite: bool) -> Iterator[str]:
    if sqlite:
        yield f"sqlite+aiosqlite:///{folder / 'xiaoer.db'}"
        return
    with postgres() as url:
        yield url


async def _measure(place: Place, web: Child, port: int, *, seconds: float, rate: float, messages: int) -> Measured:
    settings = place.settings()
    async with contextlib.AsyncExitStack() as stack:
        store = await asyncio.to_thread(Store.of, place)
        stack.push_async_callback(store.aclose)
        print(f"console: {place.conversations:,} conversations are put in", file=sys.stderr)
        await store.furnish(place)
        # the socket of the server that the product has started
        wakeups = Wakeups(await stack.enter_async_context(open_redis(settings.redis.url, settings.data_dir)))
        stack.push_async_callback(wakeups.aclose)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=PATIENCE_S),
            )
        )
        crowd = Crowd(place, f"http://127.0.0.1:{port}", session)
        await crowd.sign_in()
        print(f"console: {place.agents} agents are signed in", file=sys.stderr)
        await read_lists(crowd, seconds=min(WARM_UP_S, seconds), rate=rate)
        alone_mb = await _resident_mb(web)
        async with crowd.connected():
            print("console: and connected", file=sys.stderr)
            connected_mb = await _resident_mb(web)
            lists = await read_lists(crowd, seconds=seconds, rate=rate)
            print("console: lists are read", file=sys.stderr)
            speak = partial(_speak, crowd, store, wakeups, web, count=messages)
            usual = await speak(rate=MESSAGES_RATE)
            print("console: what was said is shown; now busier, and then every list moves with it", file=sys.stderr)
            busy = await speak(rate=BUSY_RATE)
            moving = await speak(rate=MESSAGES_RATE, moves=True)
            await _lists_are_true(crowd)
            after_mb = await _resident_mb(web)
            stale_ms = list(chain.from_iterable(page.lists_ms for page in crowd.pages))
    return Measured(lists, usual, busy, moving, stale_ms, alone_mb, connected_mb, after_mb)


async def _speak(
    crowd: Crowd, store: Store, wakeups: Wakeups, web: Child, *, count: int, rate: float, moves: bool = False
) -> Spoken:
    before, cpu = crowd.requests(), cpu_s(web.process.pid)
    said = await say(crowd, store, wakeups, count=count, rate=rate, moves=moves)
    return Spoken(said, crowd.requests() - before, cpu_s(web.process.pid) - cpu)


async def _lists_are_true(crowd: Crowd) -> None:
    """Until every page has read its list again. Raises BenchFailed where one does not."""
    ends = time.perf_counter() + PATIENCE_S
    while any(page.moved_at is not None for page in crowd.pages):
        if time.perf_counter() > ends:
            raise BenchFailed(f"lists that changed were not read again within {PATIENCE_S:.0f} s")
        await asyncio.sleep(SETTLE_S)


def _reason(error: Exception) -> str:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return str(error) or type(error).__name__


async def _resident_mb(web: Child) -> float:
    """Of the web process alone, without the Valkey that it started, once it rests."""
    await asyncio.sleep(SETTLE_S)
    return memory_mb(web.process.pid, "VmRSS", below=False)


def _results(place: Place, measured: Measured) -> list[Result]:
    every = list(chain.from_iterable(measured.lists.values()))
    told = [ms for each in measured.usual.said for ms in each.all_ms(each.told_ms)]
    spoken = (measured.usual, measured.busy, measured.moving)
    late = sum(each.late for one in spoken for each in one.said)
    a_connection = (measured.connected_mb - measured.alone_mb) * 1024 / place.agents
    return [
        alone("console: agents connected", place.agents, "agents"),
        alone("console: open conversations", place.conversations, "conversations"),
        alone("console: list, p50", percentile(every, 0.50), "ms"),
        beside("console: list, p95", percentile(every, 0.95), "ms", peer=FIGURE, peer_value=LIST_P95_MS),
        *(
            alone(f"console: list, {kind} of {tab}, p95", percentile(found, 0.95), "ms")
            for (kind, tab), found in measured.lists.items()
        ),
        alone("console: event to `changed`, p50", percentile(told, 0.50), "ms"),
        alone("console: event to `changed`, p95", percentile(told, 0.95), "ms"),
        *_screen("console: event to screen", measured.usual),
        *_screen(f"console: at {BUSY_RATE:g} messages a second: event to screen", measured.busy),
        *_screen("console: where all lists change with each: event to screen", measured.moving),
        alone("console: where all lists change with each: until a list was read again, p95",
              percentile(measured.stale_ms, 0.95), "ms"),
        *(
            alone(f"console: a message makes pages read {kind}, times", number / len(measured.usual.said), "requests")
            for kind, number in sorted(measured.usual.requests.items())
        ),
        alone("console: CPU of the process, a message, all else included",
              1000 * measured.usual.cpu_s / len(measured.usual.said), "ms"),
        alone(f"console: never shown, waited {PATIENCE_S:.0f} s", late, "pages"),
        alone("console: memory of a connection", a_connection, "KB"),
        alone("console: memory of the process, nobody connected", measured.alone_mb, "MB"),
        alone("console: memory of the process, all connected", measured.connected_mb, "MB"),
        alone("console: memory of the process, at the end", measured.after_mb, "MB"),
    ]  # fmt: skip


def _screen(name: str, spoken: Spoken) -> list[Result]:
    return [
        alone(f"{name}, p50", percentile(spoken.shown, 0.50), "ms"),
        beside(f"{name}, p95", percentile(spoken.shown, 0.95), "ms", peer=FIGURE, peer_value=SCREEN_P95_MS),
    ]


if __name__ == "__main__":
    show("console", main(sqlite="--sqlite" in sys.argv[1:]))
