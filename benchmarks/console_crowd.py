"""Who uses the console in the bench, and what happens meanwhile? Agents who are signed in; customers who write.

Each agent has a conversation before her; every second one looks at that of a colleague of her team.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

import aiohttp

from benchmarks.children import BenchFailed
from benchmarks.console_ground import SERVED, TEAMS, Place, Store, agent_id
from benchmarks.console_page import PATIENCE_S, Awaited, Page, ms_since
from bot.console import login_link
from bot.wakeups import Wakeups

SIGN_IN_AT_ONCE, REST_S = 16, 0.1
TABS = ("mine", "waiting", "all")
ROW = 'data-key="ticket-'


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
                talk, cookie = self._talk_before(number), await self._session_of(agent_id(number))
                serves = talk == SERVED * (number or self.place.agents)
                return Page(agent_id(number), cookie, talk, serves, self.ask, random.Random(number))

        self.pages = list(await asyncio.gather(*(one(number) for number in range(self.place.agents))))

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """All their streams are open."""
        async with asyncio.TaskGroup() as staying:
            tasks = [staying.create_task(page.stay()) for page in self.pages]
            async with asyncio.timeout(2 * PATIENCE_S):
                await asyncio.gather(*(page.connected.wait() for page in self.pages))
                while not all(page.rests for page in self.pages):  # noqa: ASYNC110 - they all came at once
                    await asyncio.sleep(REST_S)
            yield
            for task in tasks:
                task.cancel()

    @contextlib.asynccontextmanager
    async def ask(self, cookie: str, path: str) -> AsyncIterator[aiohttp.ClientResponse]:
        """A request of hers; what is not answered as it should be ends the bench."""
        cookies = {"Cookie": cookie}
        async with self.session.get(self.base + path, headers=cookies, allow_redirects=False) as response:
            if response.status != 200:
                raise BenchFailed(f"{path} answered {response.status}")
            yield response

    def requests(self) -> Counter[str]:
        """What pages have read again so far, by kind."""
        return sum((page.requests for page in self.pages), Counter[str]())

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
        text = await page.read(f"/console/{'fragments/list' if kind == 'fragment' else ''}?tab={tab}")
        found[kind, tab].append(ms_since(began))
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


async def say(
    crowd: Crowd, store: Store, wakeups: Wakeups, *, count: int, rate: float, moves: bool = False
) -> Sequence[Awaited]:
    """So many messages of customers whom somebody looks at, each stored and rung as a worker does.

    moves: beside each a ticket of every team moves in its queue, which concerns the lists of all.
    """
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
        if moves:
            await store.moves()
            for page in crowd.pages:
                page.moved_at = page.moved_at or time.perf_counter()
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
