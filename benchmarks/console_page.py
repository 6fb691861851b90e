"""What does an agent's open page do to the console? What desk.js does: it listens, and reads again what concerns it.

One look at a time, then a breath: the conversation and, of the list, what it was told of: rows that it has, all of it
at once for a ticket of hers, or within the time that the server names. Every minute it looks by itself. After words of
a customer whom she serves it asks for suggestions, as the composer does.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

import aiohttp

BREATH_S = 0.4  # desk.js: between two looks
LOOK_AGAIN_S = 60.0  # desk.js: by itself
BY_ITSELF = "list and thread by itself"
PATIENCE_S = 30.0  # after which an answer or an event is given up
_ROWS = re.compile(r'data-key="ticket-(\d+)"')
Ask = Callable[[str, str], AbstractAsyncContextManager[aiohttp.ClientResponse]]


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
    """One agent's page. asks: her request, as (cookie, path). serves: the conversation that it shows is hers.

    requests: how many of each kind it made, told or by itself. moved_at, lists_ms: since when its list is not true, and
    how long that took each time.
    """

    agent: str
    cookie: str
    talk: int
    serves: bool
    asks: Ask
    chance: random.Random
    awaited: Awaited | None = None
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    requests: Counter[str] = field(default_factory=Counter)
    moved_at: float | None = None
    lists_ms: list[float] = field(default_factory=list)
    _listed_at: float = 0.0
    _rows: set[str] = field(default_factory=set)
    _wants: set[str] = field(default_factory=set)  # thread | list | the number of a ticket
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _list_soon: asyncio.Task[None] | None = None

    @property
    def rests(self) -> bool:
        """Whether it has read all that it was told of."""
        return not self._wants and (self._list_soon is None or self._list_soon.done())

    async def stay(self) -> None:
        """Keep the stream open, and look whenever it says so."""
        await self._read_list()
        tasks = [asyncio.create_task(each) for each in (self._look_on(), self._look_now_and_then())]
        try:
            async with self.asks(self.cookie, f"/console/stream?ticket={self.talk}&tab=mine") as response:
                while True:
                    self._hear(await response.content.readuntil(b"\n\n"))
        finally:
            for task in [*tasks, *([self._list_soon] if self._list_soon else [])]:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def read(self, path: str) -> str:
        """The whole answer."""
        async with self.asks(self.cookie, path) as response:
            return await response.text()

    def _hear(self, block: bytes) -> None:
        said = dict(line.split(": ", 1) for line in block.decode().splitlines() if ": " in line)
        data = json.loads(said.get("data", "{}"))
        match said.get("event"):
            case "changed":
                self.connected.set()
                self._want("thread")
                self._want_list_within(data["within"])
            case "thread":
                if self.awaited is not None:
                    self.awaited.told_ms.setdefault(self, ms_since(self.awaited.began))
                self._want("thread")
            case "rows":
                for each in self._rows & {str(ticket) for ticket in data["tickets"]}:
                    self._want(each)
            case "hers":
                self._want("list")
            case "list":
                self._want_list_within(data["within"])
            case _:
                pass

    def _want(self, what: str) -> None:
        self._wants.add(what)
        self._wanted.set()

    def _want_list_within(self, within_ms: int) -> None:
        if self._list_soon is None or self._list_soon.done():
            wait_s = max(0.0, self._listed_at + within_ms / 1000 - time.perf_counter())
            self._list_soon = asyncio.create_task(self._later(wait_s + self.chance.random() * within_ms / 1000))

    async def _later(self, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        self._want("list")

    async def _look_now_and_then(self) -> None:
        await asyncio.sleep(self.chance.random() * LOOK_AGAIN_S)  # they were not all opened at once
        while True:
            self._want(BY_ITSELF)
            await asyncio.sleep(LOOK_AGAIN_S * (0.75 + self.chance.random() / 2))

    async def _look_on(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            wants, self._wants = self._wants, set()
            all_of_it, rows = BY_ITSELF in wants, wants - {"thread", "list", BY_ITSELF}
            reads: list[Awaitable[None]] = []
            if all_of_it or "thread" in wants:
                reads.append(self._read_thread())
            if all_of_it or "list" in wants:
                reads.append(self._read_list())
            elif rows:
                reads.append(self._read_rows(rows))
            self.requests.update([BY_ITSELF] if all_of_it else [*wants & {"thread", "list"}, *["rows"][: len(rows)]])
            await asyncio.gather(*reads)
            await asyncio.sleep(BREATH_S)

    async def _read_list(self) -> None:
        self._listed_at, moved_at, self.moved_at = time.perf_counter(), self.moved_at, None
        if self._list_soon is not None:
            self._list_soon.cancel()
            self._list_soon = None
        self._rows = set(_ROWS.findall(await self.read(f"/console/fragments/list?current={self.talk}")))
        if moved_at is not None:
            self.lists_ms.append(ms_since(moved_at))

    async def _read_rows(self, rows: set[str]) -> None:
        await self.read(f"/console/fragments/rows?current={self.talk}&tickets={','.join(sorted(rows))}")

    async def _read_thread(self) -> None:
        thread = await self.read(f"/console/fragments/thread/{self.talk}?ticket={self.talk}&seen=1")
        if self.awaited is None or self.awaited.words not in thread:
            return
        awaited, self.awaited = self.awaited, None
        awaited.shown_ms[self] = ms_since(awaited.began)
        if len(awaited.shown_ms) == len(awaited.pages):
            awaited.done.set()
        if self.serves:
            self.requests["suggestions"] += 1
            await self.read(f"/console/tickets/{self.talk}/suggestions")


def ms_since(began: float) -> float:
    """Milliseconds since a moment of time.perf_counter."""
    return 1000 * (time.perf_counter() - began)
