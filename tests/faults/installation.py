"""What is killed here? An installation for each test: its settings, real processes, simulated platforms."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Any

import aiohttp
from aiohttp import web
from redis.asyncio import Redis
from sqlalchemy import Select, Update, update
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.finance.corp import ArchivedCorp, pem
from bot.access import Audit, Way, build_access
from bot.bootstrap import utc_now
from bot.cli.stage import free_port
from bot.console.login import csrf_token
from bot.console.session import COOKIE, PATH
from bot.console_settings import ConsoleSettings
from bot.content.pack import HANDOFF_FILE
from bot.settings import load_settings
from bot.simulator import Limits, build_world, create_simulator
from bot.simulator import World as Platforms
from bot.store.engine import create_store_engine, read_only
from bot.store.tables import METADATA
from bot.wakeups import Wakeups, announce
from tests.archive_keys import KEYS
from tests.faults.living import END_S, ENDED, Living
from tests.faults.process import NOWHERE, SERVING

SHOP, KF = "shop", "wkFaults00000000000000001"
SECRET = b"signs the sessions of the workbench here"
START_S, DEATH_S, REST_S = 60.0, 60.0, 60.0  # far above what a busy machine needs
LEASE_S = 30.0  # as in production: no busy machine lets it lapse under the living

# An agent's is her presence: no process holds it.
_LEASED = [each for each in METADATA.sorted_tables if "lease_token" in each.c and "lease_until" in each.c]

SETTINGS = """\
data_dir = "{folder}"
[server]
port = {port}
secret = "{secret}"
[database]
url = "{database}"
pool_size = 4
[redis]
url = "{redis}"
[content]
pack = "{pack}"
[archive]
key = "k1"
keys = {{k1 = "{archive_key}"}}
[archive.consent]
purge_batch = 3
[archive.tagging]
debounce_s = 0.0
[work]
lease_s = {lease_s}
sweep_s = 0.2
backoff_s = 0.1
[[accounts]]
kind = "official_account"
name = "shop"
app_id = "wx{unique}"
app_secret = "official-secret"
token = "officialtoken"
encoding_aes_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
original_id = "gh_0123456789ab"
answering = "active"
api_base = "http://127.0.0.1:{simulator_port}/oa"
[[accounts]]
kind = "wecom"
name = "corp"
corp_id = "ww{unique}"
agent_id = 1000002
secret = "corp-secret"
token = "corptoken"
encoding_aes_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
open_kfids = ["wkFaults00000000000000001"]
handoff = "{handoff}"
api_base = "http://127.0.0.1:{simulator_port}/wecom"
"""


# of the corp, the last account
ARCHIVE = """\
[accounts.archive]
library = "{library}"
secret = "{secret}"
[accounts.archive.private_keys]
1 = '''
{key}'''
"""

Routing = Callable[[str], str]


def unchanged(handoff: str) -> str:
    """The handoff.yaml as it is."""
    return handoff


@dataclass(frozen=True, slots=True)
class Ground:
    """What the tests of a run share. models: of the pack, trained. redis: a URL."""

    pack: Path
    models: Path
    redis: str


@dataclass(slots=True)
class Installation:
    """Simulated platforms in this process, the product in others.

    up: somebody answers at the doors again. handoff: where people serve 微信客服, client or console.
    """

    folder: Path
    config: Path
    url: str
    redis: str
    platforms: Platforms
    engine: AsyncEngine
    http: aiohttp.ClientSession
    up: asyncio.Event
    handoff: str
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    living: list[Living] = field(default_factory=list)

    async def start(self, point: str = NOWHERE, nth: int = 1, *, config: Path | None = None) -> Living:
        """Start a process and wait until it serves."""
        living = await Living.start(config or self.config, point, nth, self.changed)
        self.living.append(living)

        async def serves() -> bool:
            return living.points[SERVING] > 0

        await self.until(serves, START_S)
        return living

    async def dies(self, point: str, nth: int = 1) -> None:
        """Start a process that does what is left to do, and dies the nth time it comes to a point; its leases end."""
        doomed = await Living.start(self.config, point, nth, self.changed)
        self.living.append(doomed)
        assert await doomed.ends(START_S + DEATH_S) == -signal.SIGKILL
        await self.leases_lapse()

    async def leases_lapse(self) -> None:
        """Whatever the dead still hold, its time is over."""
        async with self.engine.begin() as connection:
            for table in _LEASED:
                held = table.c.lease_until.is_not(None)
                await connection.execute(update(table).where(held).values(lease_until=utc_now()))

    async def comes(self, moment: Update, *, rings: bool = True) -> None:
        """Make something due: its moment in the database is moved, and the processes are woken."""
        async with self.engine.begin() as connection:
            await connection.execute(moment)
        if not rings:
            return
        async with Redis.from_url(self.redis) as redis:
            await announce(redis, [Wakeups.QUEUE])

    async def until(self, holds: Callable[[], Awaitable[bool]], within_s: float = REST_S) -> None:
        """Look again after every step a process takes, until it holds."""
        async with asyncio.timeout(within_s), self.changed:
            while not await holds():
                assert not all(each.points[ENDED] for each in self.living), "every process has ended"
                await self.changed.wait()

    async def until_reached(self, living: Living, point: str) -> None:
        """Until the process came to a point."""

        async def came() -> bool:
            return living.points[point] > 0

        await self.until(came)

    def another_config(self) -> Path:
        """Settings of a second process of this installation, with a port of its own."""
        port = self.url.rpartition(":")[2]
        other = self.folder / "other.toml"
        text = self.config.read_text(encoding="utf-8")
        other.write_text(text.replace(f"port = {port}\n", f"port = {free_port()}\n"), encoding="utf-8")
        return other

    def writes(self, customer: str, place: str, text: str) -> None:
        """She writes."""
        self.platforms.customer_writes(customer, place, text)

    def seen(self, customer: str, place: str) -> list[str]:
        """What she was shown there by others, as texts."""
        return [line.text for line in self.platforms.seen_by(customer) if line.place == place]

    async def rows(self, query: Select[Any]) -> list[Any]:
        """Rows of a query."""
        async with read_only(self.engine).connect() as connection:
            return list((await connection.execute(query)).all())

    async def at_workbench(self, agent: str, what: str, **fields: str) -> str:
        """She sends a form of the workbench; the page that follows. Raises aiohttp.ClientError where nobody answers."""
        sessions = build_access(self.engine, ConsoleSettings(), Audit(SECRET, utc_now), wecom=None).sessions
        cookie = await sessions.open(agent, Way.LINK, address="127.0.0.1")
        session = await sessions.read(cookie)
        assert session is not None
        form = {"csrf": csrf_token(SECRET, session), **fields}
        where = f"{self.url}{PATH}/{what}"
        async with self.http.post(where, data=form, cookies={COOKIE: cookie}) as page:
            assert page.status == HTTPStatus.OK
            return await page.text()

    async def health(self) -> dict[str, Any]:
        """What /healthz says."""
        async with self.http.get(f"{self.url}/healthz") as response:
            found: dict[str, Any] = await response.json()
            return found


@contextlib.asynccontextmanager
async def open_installation(
    ground: Ground,
    database: str,
    folder: Path,
    *,
    lease_s: float,
    customers: tuple[str, ...],
    routing: Routing = unchanged,
    handoff: str = "client",
    archive: ArchivedCorp | None = None,
    files: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Installation]:
    """Start the platforms; every process that was started is dead at the end.

    routing: rewrites the handoff.yaml. handoff: where people serve 微信客服, client or console. archive: the corp's
    session archive. files: further ones of the pack, by name.
    """
    pack = shutil.copytree(ground.pack, folder / "pack")
    (pack / HANDOFF_FILE).write_text(routing((pack / HANDOFF_FILE).read_text(encoding="utf-8")), encoding="utf-8")
    for name, words in files.items():
        (pack / name).write_text(words, encoding="utf-8")
    config, port, simulator_port = folder / "xiaoer.toml", free_port(), free_port()
    text = SETTINGS.format(
        folder=folder, port=port, database=database, redis=ground.redis, pack=pack, lease_s=lease_s,
        unique=uuid.uuid4().hex[:16], simulator_port=simulator_port, secret=SECRET.decode(), handoff=handoff,
        archive_key=KEYS["k1"],
    )  # fmt: skip
    if archive is not None:
        text += ARCHIVE.format(library=archive.library, secret=archive.folder, key=pem(archive.keys[1]))
    config.write_text(text, encoding="utf-8")
    platforms = build_world(load_settings(config), limits=Limits(callback_attempts=5))
    for customer in customers:
        known = platforms.add_customer(customer)
        platforms.official(SHOP).follower(known.openid).subscribed = True
    up = asyncio.Event()

    async def until_somebody_answers(_: float) -> None:
        await up.wait()

    async with contextlib.AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        app = create_simulator(platforms, session=http, now=utc_now, sleep=until_somebody_answers)
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", simulator_port).start()
        engine = create_store_engine(database, 2)
        stack.push_async_callback(engine.dispose)
        url = f"http://127.0.0.1:{port}"
        made = Installation(folder, config, url, ground.redis, platforms, engine, http, up, handoff)
        stack.push_async_callback(_bury, made)
        yield made


async def _bury(made: Installation) -> None:
    for living in made.living:
        living.process.kill()
        await living.ends(END_S)
