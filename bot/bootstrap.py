"""Where is everything built? Here, and only here."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web
from threadpoolctl import threadpool_limits

import archive
import handoff
import knowledge_base
from archive import Archive, KeyRing, Vault
from bot.access_side import build_access_side
from bot.analysing import build_analysing
from bot.api import add_api
from bot.api_side import ApiSide, build_api_side
from bot.archive_keys import open_ring
from bot.archive_side import ArchiveSide, build_kit
from bot.archive_standing import Stores
from bot.archiving import Archiving, build_archiving
from bot.channels import channel_for
from bot.channels.base import Channel
from bot.channels.wecom_kf import WeComKfChannel
from bot.consenting import Consenting, build_consenting, build_consents, teachers
from bot.console import setup_console
from bot.console_side import build_console
from bot.content.applying import ContentStore
from bot.content.minds import Minds
from bot.content.pack import read_pack
from bot.content.understanding import Readers
from bot.deliverers import Sending, build_outbox
from bot.delivery.elsewhere import Elsewhere, guarded_connector
from bot.delivery.uploads import Uploads
from bot.desk_side import Ground, build_desk_side, build_tending
from bot.desk_window import build_desk_window
from bot.domain import ChannelKind
from bot.events import Events
from bot.health import Health
from bot.inline import InlineAnswers
from bot.journey import Journey
from bot.keeping import build_keeping
from bot.patience import AdaptivePatience
from bot.plans import Plans
from bot.platform import PlatformClient, all_credentials
from bot.puller import Puller
from bot.rasa_client import rasa_engine
from bot.reconcile import Reconciler
from bot.redis_server import open_redis
from bot.settings import Settings, WeComCorp
from bot.sidebar import build_sidebar
from bot.speech import Speech
from bot.store.dialect import take_turns
from bot.store.effects import Effects
from bot.store.engine import close_store, create_store_engine, read_only
from bot.store.intake import Intake
from bot.store.lessons import MayTeach
from bot.store.news import News
from bot.store.queue import Queue
from bot.store.sqlite import kept_short
from bot.store.tables import METADATA, Id, Instant, conversations
from bot.store.turns import Turns
from bot.supervision import supervision_of
from bot.survey import Survey
from bot.tagging.side import TagSide, build_tag_side
from bot.wakeups import Wakeups
from bot.wall_side import WallGround
from bot.web import Doors, add_doors
from bot.workbench import Workbench
from bot.worker import Worker
from handoff import Desk
from knowledge_base import KnowledgeBase, Library
from nlu import Encoder, RememberingEncoder, general_negatives, load_encoder, share

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from sqlalchemy.ext.asyncio import AsyncEngine

HANDOFF_TABLES = handoff.define(METADATA, Instant(), Id)
ARCHIVE_TABLES = archive.define_tables(METADATA, id_type=Id, instant=Instant())
SCRIPT_TABLES = knowledge_base.define(METADATA, Instant())
DEFAULT_ZONE = ZoneInfo("Asia/Shanghai")
FIRST_CONTENT = 7_265_114  # advisory lock: processes that start together apply the pack once
TOKEN_LIFE_S = 600.0  # a callback's sync_msg token (wechat-platform §2.2)


def utc_now() -> datetime:
    """The time, UTC-aware."""
    return datetime.now(UTC)


def nothing_happens(point: str) -> None:
    """What is done at a fault point in production: nothing. Tests pass something that kills the process."""
    del point


def open_archive(ring: KeyRing, now: Callable[[], datetime]) -> Archive:
    """The archive over a key ring."""
    return Archive(ARCHIVE_TABLES, Vault(ring, ARCHIVE_TABLES.keys, now), now)


@dataclass(frozen=True, slots=True)
class World:
    """What comes from outside and tests replace: the clock, waiting for it, the encoder, the fault points."""

    now: Callable[[], datetime] = utc_now
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    encoder: Callable[[str], Encoder] = load_encoder
    reached: Callable[[str], None] = nothing_happens


@dataclass(frozen=True, slots=True)
class Product:
    """The parts a process runs or asks."""

    settings: Settings
    world: World
    engine: AsyncEngine
    redis: Redis | None
    wakeups: Wakeups
    platform: PlatformClient
    plans: Plans
    minds: Minds
    content: ContentStore
    archive: Archive
    archiving: Archiving
    desk: Desk
    workbench: Workbench
    survey: Survey
    worker: Worker
    doors: Doors
    health: Health
    archive_side: ArchiveSide
    consenting: Consenting
    tag_side: TagSide
    api_side: ApiSide

    async def apply_pack_if_empty(self) -> bool:
        """Apply the pack of the settings where the database holds no content. Raises PackBroken."""
        async with read_only(self.engine).connect() as connection:
            if not await self.content.is_empty(connection):
                return False
        pack = await asyncio.to_thread(read_pack, Path(self.settings.content.pack))
        async with self.engine.begin() as connection:
            await take_turns(connection, FIRST_CONTENT)
            if not await self.content.is_empty(connection):  # another process was faster
                return False
            await self.content.apply(connection, pack, at=self.world.now(), by="first start")
        return True

    async def check_keys(self) -> None:
        """Does the key ring open what the archive keeps? Raises KeyLost, Unsealable."""
        async with read_only(self.engine).connect() as connection:
            await self.archive.vault.check(connection)

    async def prepare_to_work(self) -> None:
        """What a worker needs to know before its first message."""
        wanted = {each.name: each.open_kfids for each in self.settings.accounts if isinstance(each, WeComCorp)}
        await self.worker.puller.discover(wanted)
        await self.worker.puller.meet_servicers(self.engine, self.desk)
        await self.archiving.puller.register()
        await self.plans.probe(self.engine, self.platform, self.world.now())


@contextlib.asynccontextmanager
async def assemble(settings: Settings, world: World | None = None) -> AsyncIterator[Product]:
    """Build the product, run its background parts, take it down in order."""
    world = world or World()
    # what is multiplied for one message is small: more threads only spin, on the cores the encoder needs
    threadpool_limits(limits=1, user_api="blas")
    async with contextlib.AsyncExitStack() as stack:
        engine = create_store_engine(settings.database.url, settings.database.pool_size)
        stack.push_async_callback(close_store, engine)
        if engine.dialect.name == "sqlite":
            await stack.enter_async_context(kept_short(engine))
        redis = await stack.enter_async_context(open_redis(settings.redis.url, settings.data_dir))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        wakeups = Wakeups(redis)
        await wakeups.start()
        stack.push_async_callback(wakeups.aclose)
        strangers = await stack.enter_async_context(
            aiohttp.ClientSession(
                connector=guarded_connector(), cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
            )
        )
        ring = await asyncio.to_thread(open_ring, settings)
        product = _assemble(
            settings,
            world,
            ring=ring,
            engine=engine,
            redis=redis,
            session=session,
            strangers=strangers,
            wakeups=wakeups,
        )
        stack.push_async_callback(product.doors.intake.aclose)
        stack.push_async_callback(product.minds.aclose)
        stack.push_async_callback(product.archiving.aclose)
        yield product


def _assemble(
    settings: Settings,
    world: World,
    *,
    ring: KeyRing,
    engine: AsyncEngine,
    redis: Redis | None,
    session: aiohttp.ClientSession,
    strangers: aiohttp.ClientSession,
    wakeups: Wakeups,
) -> Product:
    platform = PlatformClient.build(
        session,
        all_credentials(settings.accounts),
        redis,
        settings.limits,
        now=world.now,
        sleep=world.sleep,
    )
    channels = _channels(settings)
    plans = Plans(settings.accounts)
    record = open_archive(ring, world.now)
    consents = build_consents(ARCHIVE_TABLES.consent, record.vault, settings.archive.consent, world.now)
    desk = Desk(HANDOFF_TABLES, conversations, world.now, lambda: minds.current().shop.policy)
    content = ContentStore(Library(SCRIPT_TABLES), desk)
    minds = _minds(settings, world, engine=engine, content=content, session=session, may_teach=teachers(consents))
    speech = Speech(channels, settings.limits)
    ground = Ground(HANDOFF_TABLES, minds.current, plans, world.now)
    side = build_desk_side(ground, settings, engine=engine, desk=desk, record=record, consents=consents, speech=speech)
    reconciler = Reconciler(
        engine, platform, side.handover, side.endings, side.cards, minds.current, plans, wakeups, world.now,
        settings.work.reconcile_s,
    )  # fmt: skip
    effects = Effects(engine, lease_s=settings.work.lease_s)
    elsewhere = Elsewhere(strangers, settings.limits.api_timeout_s)
    uploads = Uploads(engine, platform, elsewhere, settings.limits, settings.work, world.now, world.reached)
    outbox = build_outbox(
        settings,
        side,
        Sending(engine, platform, channels, effects, record, uploads, reconciler, wakeups, world.now, world.reached),
    )
    patience = AdaptivePatience(settings.work, plans, settings.server.passive_wait_s)
    news = News(engine, now=world.now, lease_s=settings.work.lease_s, token_s=TOKEN_LIFE_S, patience=patience)
    kf_channels = {name: each for (name, _), each in channels.items() if isinstance(each, WeComKfChannel)}
    puller = Puller(news, platform, kf_channels, settings.work, wakeups, world.now, world.reached)
    stores = Stores.build(ARCHIVE_TABLES, settings.archive.pull, world.now)
    archiving = build_archiving(
        settings.accounts, stores, engine=engine, tables=ARCHIVE_TABLES, record=record, ledger=consents,
        data_dir=settings.data_dir, sleep=world.sleep, reached=world.reached,
    )  # fmt: skip
    tag_side = build_tag_side(
        settings, engine=engine, tables=ARCHIVE_TABLES, platform=platform, minds=minds, now=world.now,
        reached=world.reached,
    )  # fmt: skip
    events = Events(
        minds.current, plans, speech, side.handover, side.endings, reconciler, side.clicks, consents, tag_side.desk,
        settings.limits, world.now,
    )  # fmt: skip
    journey = Journey(
        minds.current, plans, speech, side.handover, events, side.survey, side.withdrawing, tag_side.tags, settings.nlu,
        world.clock, world.now,
    )  # fmt: skip
    archive_side = ArchiveSide(
        engine, record, ARCHIVE_TABLES, HANDOFF_TABLES.tickets, minds, build_kit(minds), settings.archive.analysis,
        consents, tag_side.desk.noticed, world.now, world.reached,
    )  # fmt: skip
    consenting = build_consenting(
        settings, consents, engine=engine, platform=platform, tables=ARCHIVE_TABLES, handoff=HANDOFF_TABLES,
        record=record, tags=tag_side.desk, now=world.now, reached=world.reached,
    )  # fmt: skip
    health = Health(engine, redis, minds, HANDOFF_TABLES, stores, consenting.show, tag_side.desk.watch, world.now)

    async def refresh() -> None:
        await minds.follow()
        await plans.refresh(engine)

    api_side = build_api_side(
        settings, engine=engine, desk=desk, tables=HANDOFF_TABLES, record=record, content=content, minds=minds,
        plans=plans, cards=side.cards, strangers=strangers, wakeups=wakeups, now=world.now, reached=world.reached,
    )  # fmt: skip
    worker = Worker(
        queue=Queue(engine, now=world.now, lease_s=settings.work.lease_s),
        turns=Turns(engine, record, now=world.now, reached=world.reached),
        journey=journey,
        outbox=outbox,
        puller=puller,
        news=news,
        reconciler=reconciler,
        tending=build_tending(side, engine, wakeups, world.reached),
        consenting=consenting,
        keeping=build_keeping(settings.archive.retention, settings.data_dir, engine, record, world.now),
        archiving=archiving,
        wakeups=wakeups,
        settings=settings.work,
        refresh=refresh,
        analysing=build_analysing(
            settings.archive, archive_side, tag_side, wakeups, clock=world.clock, sleep=world.sleep
        ),
        tag_writing=tag_side.writing,
        webhooks=api_side.sending,
        hook_events=api_side.events,
        now=world.now,
        clock=world.clock,
        reached=world.reached,
    )
    doors = Doors(
        channels=_doors(settings, channels),
        plans=plans,
        intake=Intake(engine, now=world.now, patience=patience, ring_archive=stores.pulls.ring),
        inline=InlineAnswers(engine, record, wakeups, world.now),
        wakeups=wakeups,
        now=world.now,
        clock=world.clock,
        reached=world.reached,
        passive_wait_s=settings.server.passive_wait_s,
        health=health.describe,
        ready=health.problems,
    )
    workbench = Workbench(
        engine, side.handover, side.endings, side.cards, side.clicks, record, speech, minds.current, plans, wakeups,
        world.now, world.reached,
    )  # fmt: skip
    return Product(
        settings, world, engine, redis, wakeups, platform, plans, minds, content, record, archiving, desk, workbench,
        side.survey, worker, doors, health, archive_side, consenting, tag_side, api_side,
    )  # fmt: skip


def _minds(
    settings: Settings,
    world: World,
    *,
    engine: AsyncEngine,
    content: ContentStore,
    session: aiohttp.ClientSession,
    may_teach: MayTeach,
) -> Minds:
    plain = world.encoder(settings.nlu.encoder)
    folder = settings.data_dir / "models"
    encoder = RememberingEncoder(plain, folder / "vectors.npz", seed=None)  # of what is indexed and learned from
    knowledge = KnowledgeBase(
        encode=encoder.encode,
        encode_asked=plain.encode,
        encoder=encoder.fingerprint,
        negatives=general_negatives(),
        folder=folder / "scripts",
    )
    rasa = settings.nlu.engine == "rasa"
    remote = rasa_engine(session, settings.nlu.url, settings.nlu.engine_timeout_s, world.clock) if rasa else None
    readers = Readers(encoder, share(plain), remote)
    return Minds(engine, content, encoder, readers, knowledge, folder, may_teach, world.now, world.sleep)


def _channels(settings: Settings) -> dict[tuple[str, ChannelKind], Channel]:
    return {
        (account.name, channel.kind): channel
        for account in settings.accounts
        for channel in channel_for(account, settings.server.max_clock_skew_s)
    }


def _doors(settings: Settings, channels: Mapping[tuple[str, ChannelKind], Channel]) -> dict[str, Channel]:
    """The channel that keeps each account's callback URL: 微信客服 rings at its corp's."""
    kinds = {each.name: ChannelKind(each.kind) for each in settings.accounts}
    return {name: channels[name, kind] for name, kind in kinds.items()}


def build_app(product: Product) -> web.Application:
    """The HTTP application: callbacks, probes, console."""
    app = web.Application(client_max_size=product.settings.server.max_body_bytes)
    add_doors(app, product.doors)
    add_api(app, product.api_side.api)
    secret = product.settings.server.secret.get_secret_value()
    if secret:
        window = build_desk_window(
            product.workbench, product.survey, product.tag_side.desk, tables=ARCHIVE_TABLES, handoff=HANDOFF_TABLES,
            limits=product.settings.limits, redis=product.redis,
        )  # fmt: skip
        access = build_access_side(product.settings, product.engine, product.world.now, product.platform)
        console = build_console(
            product.workbench, window, product.minds, product.settings.server, access=access,
            api_side=product.api_side, supervision=supervision_of(product.archive_side, HANDOFF_TABLES, access.audit),
            sidebar=build_sidebar(product.settings, product.platform, product.redis, product.world.now),
            ground=WallGround(product.settings, product.content, product.health, product.platform, product.tag_side,
                              product.archive_side),
        )  # fmt: skip
        setup_console(app, console)
    return app
