"""How is the simulator served? One aiohttp application around one World."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import aiohttp_jinja2
import jinja2
from aiohttp import web

from bot.simulator import control, pages
from bot.simulator.api import add_api_routes
from bot.simulator.catalogue import TEMPLATES
from bot.simulator.control import CLOSING, WORLD
from bot.simulator.realm import Now, Sleep
from bot.simulator.world import World

MAX_UPLOAD = 24 * 1024 * 1024


def create_simulator(world: World, *, session: aiohttp.ClientSession, now: Now, sleep: Sleep) -> web.Application:
    """The simulated platform for `world`.

    session: carries the callbacks to the shop; the caller closes it. now: the platform's clock, UTC-aware.
    sleep: waits between attempts and in time-out faults. Official accounts use `{url}/oa` as api_base, WeCom
    `{url}/wecom`. Ending the application ends all background work.
    """
    world.connect(session=session, now=now, sleep=sleep)
    app = web.Application(client_max_size=MAX_UPLOAD)
    app[WORLD] = world
    app[CLOSING] = asyncio.Event()
    loader = jinja2.DictLoader(TEMPLATES)
    aiohttp_jinja2.setup(app, loader=loader, autoescape=jinja2.select_autoescape(default=True), auto_reload=False)
    app.add_routes(control.routes)
    app.add_routes(pages.routes)
    add_api_routes(app, world)
    app.on_shutdown.append(_end_streams)
    app.cleanup_ctx.append(_deliveries)
    return app


async def _end_streams(app: web.Application) -> None:
    """Open pages must not hold up the shutdown."""
    app[CLOSING].set()


async def _deliveries(app: web.Application) -> AsyncIterator[None]:
    yield
    await app[WORLD].close()
