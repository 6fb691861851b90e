"""What do agents' browsers do to the console? They sign in, keep a stream open, and read again when it says `changed`.

Each agent has a conversation before her; every second one looks at that of a colleague of her team. A page that reads
again does what desk.js does: the list and the thread at once, then a breath.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

import aiohttp

from benchmarks.children import BenchFailed
from benchmarks.console_ground import SERVED, TEAMS, Place, Store, agent_id
from bot.console import login_link
from bot.wakeups import Wakeups

BREATH_S = 0.4  # desk.js: between two looks
PATIENCE_S = 30.0  # after which an answer or an event is given up
SIGN_IN_AT_ONCE = 16
TABS = ("mine", "waiting", "all")
ROW = 'data-key="ticket-'


@dataclass(eq=False, slots=True)
class Awaited:
    """A message that was stored, and how long it took in ms until pages were told of it and showed it."""

    words: str
    began: float
    pages: set[Page]
    told_ms: dict[Page, float] = field(default_factory=dict)
    shown_ms: dict[Page, float] = field(default_factory=dict)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def late(self) -> int:
        """How many of the pages did not show it as long as was waited for it."""
        return len(self.pages) - len(self.shown_ms)

    def all_ms(self, found: Mapping[Page, float]) -> list[float]:
        """Of each page, in ms; PATIENCE_S where it never came."""
        return [found.get(page, 1000 * PATIENCE_S) for page in self.pages]


@dataclass(eq=False, slots=True)
class Page:
    """One agent's open page. looks_always: it reads again whatever changed, as browsers do; else for `awaited`."""

    crowd: Crowd
    agent: str
    cookie: str
    talk: int
    looks_always: bool = False
    awaited: Awaited | None = None
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    looks_ms: list[float] = field(default_factory=list)
    _again: asyncio.Event = field(default_factory=asyncio.Event)

    async def stay(self) -> None:
        """Keep the stream open, and look whenever it says so."""
        looking = asyncio.create_task(self._look_on())
        try:
            async with self.crowd.ask(self, f"/console/stream?ticket={self.talk}") as response:
                while True:
                    block = await response.content.readuntil(b"\n\n")
                    if b"event: changed" in block:
                        self.connected.set()
                        self._changed()
        finally:
            looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await looking

    def _changed(self) -> None:
        if self.awaited is not None:
            self.awaited.told_ms.setdefault(self, _ms_since(self.awaited.began))
        if self.looks_always or self.awaited is not None:
            self._again.set()

    async def _look_on(self) -> None:
        while True:
            await self._again.wait()
            self._again.clear()
            began = time.perf_counter()
            reads = [self.crowd.read(self, f"/console/fragments/thread/{self.talk}?ticket={self.talk}&seen=1")]
            if self.looks_always:
                reads.append(self.crowd.read(self, f"/console/fragments/list?current={self.talk}"))
            thread, *_ = await asyncio.gather(*reads)
            self.looks_ms.append(_ms_since(began))
            if self.awaited is not None and self.awaited.words in thread:
                awaited, self.awaited = self.awaited, None
                awaited.shown_ms[self] = _ms_since(awaited.began)
                if len(awaited.shown_ms) == len(awaited.pages):
                    awaited.done.set()
            if self.looks_always:
                await asyncio.sleep(BREATH_S)


@dataclass(eq=False, slots=True)
class Crowd:
    """All agents, signed in."""

    place: Place
    base: str
    session: aiohttp.ClientSession
    pages: list[Page] = field(default_factory=list)

    async def sign_in(self) -> None:
        """Everybody, by her link."""
        some = asyncio.Semaphore(SIGN_IN_AT_ONCE)

        async def one(number: int) -> Page:
            async with some:
                return Page(self, agent_id(number), await self._session_of(agent_id(number)), self._talk_before(number))

        self.pages = list(await asyncio.gather(*(one(number) for number in range(self.place.agents))))

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """All their streams are open."""
        async with asyncio.TaskGroup() as staying:
            tasks = [staying.create_task(page.stay()) for page in self.pages]
            async with asyncio.timeout(2 * PATIENCE_S):
                await asyncio.gather(*(page.connected.wait() for page in self.pages))
            yield
            for task in tasks:
                task.cancel()

    @contextlib.asynccontextmanager
    async def ask(self, page: Page, path: str) -> AsyncIterator[aiohttp.ClientResponse]:
        """Her request; what is not answered as it should be ends the bench."""
        cookies = {"Cookie": page.cookie}
        async with self.session.get(self.base + path, headers=cookies, allow_redirects=False) as response:
            if response.status != 200:
                raise BenchFailed(f"{path} answered {response.status}")
            yield response

    async def read(self, page: Page, path: str) -> str:
        """The whole answer."""
        async with self.ask(page, path) as response:
            return await response.text()

    async def _session_of(self, agent: str) -> str:
        """Her cookie, for the signed link that the product would send her."""
        link = urlsplit(login_link(self.base, self.place.secret.encode(), agent, now=datetime.now(UTC)))
        form = {"token": parse_qs(link.query)["token"][0]}
        async with self.session.post(f"{self.base}/console/login", data=form, allow_redirects=False) as response:
            cookie = SimpleCookie(response.headers.get("Set-Cookie", "")).get("xiaoer_console")
            if response.status != 303 or cookie is None:
                raise BenchFailed(f"{agent} could not sign in: {response.status}")
            return f"xiaoer_console={cookie.value}"

    def _talk_before(self, number: int) -> int:
        """The first conversation that she serves, or a colleague of her team."""
        if (number // TEAMS) % 2:
            number -= TEAMS
        return SERVED * (number or self.place.agents)


async def read_lists(crowd: Crowd, *, seconds: float, rate: float) -> dict[tuple[str, str], list[float]]:
    """Milliseconds of each read by (page | fragment, tab). They come at random, whether or not others were answered."""
    chance = random.Random(7)
    kinds = [(kind, tab) for kind in ("page", "fragment") for tab in TABS]
    found: dict[tuple[str, str], list[float]] = {kind: [] for kind in kinds}

    async def one(kind: str, tab: str, page: Page) -> None:
        began = time.perf_counter()
        text = await crowd.read(page, f"/console/{'fragments/list' if kind == 'fragment' else ''}?tab={tab}")
        found[kind, tab].append(_ms_since(began))
        if ROW not in text:
            raise BenchFailed(f"the list of {page.agent} ({tab}) is empty")

    async with asyncio.TaskGroup() as reading:
        ends = time.perf_counter() + seconds
        number = 0
        while time.perf_counter() < ends:
            reading.create_task(one(*kinds[number % len(kinds)], chance.choice(crowd.pages)))
            number += 1
            await asyncio.sleep(chance.expovariate(rate))
    return found


async def say(crowd: Crowd, store: Store, wakeups: Wakeups, *, count: int, rate: float) -> Sequence[Awaited]:
    """So many messages of customers whom somebody looks at, each stored and rung as a worker does."""
    chance = random.Random(8)
    by_talk: dict[int, set[Page]] = {}
    for page in crowd.pages:
        by_talk.setdefault(page.talk, set()).add(page)
    said: list[Awaited] = []
    for number in range(count):
        talk = chance.choice(await _free(by_talk, said))
        awaited = Awaited(f"还在吗，第{number}次问-{chance.getrandbits(64):x}", time.perf_counter(), by_talk[talk])
        for page in awaited.pages:
            page.awaited = awaited
        await store.says(talk, awaited.words)
        for topic in (Wakeups.OUTBOX, Wakeups.CONSOLE, Wakeups.QUEUE, f"conversation:{talk}"):
            wakeups.ring(topic)
        said.append(awaited)
        await asyncio.sleep(chance.expovariate(rate))
    with contextlib.suppress(TimeoutError):  # what was not shown by then counts as shown then
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(each.done.wait() for each in said))
    for page in crowd.pages:
        page.awaited = None
    return said


async def _free(by_talk: Mapping[int, set[Page]], said: Sequence[Awaited]) -> list[int]:
    """The conversations whose pages wait for nothing; there is one as soon as something has been shown."""
    while not (free := [talk for talk, pages in by_talk.items() if all(page.awaited is None for page in pages)]):
        waits = [asyncio.create_task(each.done.wait()) for each in said if not each.done.is_set()]
        done, rest = await asyncio.wait(waits, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        for each in rest:
            each.cancel()
        if not done:
            raise BenchFailed(f"nothing that was said was shown within {PATIENCE_S:.0f} s")
    return free


def _ms_since(began: float) -> float:
    return 1000 * (time.perf_counter() - began)
