"""The HTTP door: who may come in, what is kept, what is answered. The only code that sees a callback request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.base import AnswersInline, BadPayload, BadSignature, Channel, Delivery, Envelope
from bot.domain import ArchiveBell, ChannelKind
from bot.inline import InlineAnswers
from bot.speech import AccountPlan
from bot.store.intake import Accepted, Intake
from bot.wakeups import Wakeups

ACCEPTED = Counter("xiaoer_door_accepted_total", "Callbacks accepted", ["account", "fresh"])
REFUSED = Counter("xiaoer_door_refused_total", "Callbacks refused", ["account", "why"])
ACCEPT_SECONDS = Histogram("xiaoer_door_accept_seconds", "From request to durable acknowledgement", ["account"])
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Doors:
    """What the door needs. channels: account → the channel that keeps its door."""

    channels: Mapping[str, Channel]
    plans: Mapping[tuple[str, ChannelKind], AccountPlan]
    intake: Intake
    inline: InlineAnswers
    wakeups: Wakeups
    now: Callable[[], datetime]
    clock: Callable[[], float]
    reached: Callable[[str], None]
    passive_wait_s: float
    health: Callable[[], Awaitable[Mapping[str, object]]]
    ready: Callable[[], Awaitable[Mapping[str, str]]]


DOORS: web.AppKey[Doors] = web.AppKey("doors", Doors)


def add_doors(app: web.Application, doors: Doors) -> None:
    """Register the callbacks and the probes."""
    app[DOORS] = doors
    app.router.add_get("/callbacks/{account}", shake_hands)
    app.router.add_post("/callbacks/{account}", receive)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)


async def shake_hands(request: web.Request) -> web.Response:
    """Answer the platform's URL verification."""
    doors = request.app[DOORS]
    channel = _channel(doors, request)
    try:
        return web.Response(text=channel.handshake(request.query, doors.now()))
    except (BadSignature, BadPayload) as error:
        return _refuse(request, error)


async def receive(request: web.Request) -> web.Response:
    """Verify, parse, store durably, acknowledge; a passive account's answer may ride in the response."""
    doors, began = request.app[DOORS], request.app[DOORS].clock()
    channel = _channel(doors, request)
    try:
        delivery = channel.parse(Envelope(query=request.query, body=await request.read(), received_at=doors.now()))
    except (BadSignature, BadPayload) as error:
        return _refuse(request, error)
    except web.HTTPRequestEntityTooLarge as error:
        return _refuse(request, BadPayload(f"the body is larger than {error.text}"))
    account = request.match_info["account"]
    doors.reached("before_accept")
    try:
        accepted = await doors.intake.accept(delivery.inbound, delivery.doorbells)
    except (SQLAlchemyError, OSError) as error:
        # Nothing is stored, so nothing is acknowledged: the platform will bring it again.
        _log.error("door.store_failed", account=account, error=type(error).__name__)
        return web.Response(status=503, text="try again")
    doors.reached("after_accept")
    ACCEPTED.labels(account=account, fresh=str(bool(accepted.new or delivery.doorbells))).inc()
    doors.wakeups.ring(_topic(delivery))
    ACCEPT_SECONDS.labels(account=account).observe(doors.clock() - began)
    return web.Response(text=await _answer(doors, channel, account, delivery, accepted))


def _topic(delivery: Delivery) -> str:
    match delivery.doorbells:
        case ():
            return Wakeups.INBOX
        case (ArchiveBell(), *_):
            return Wakeups.ARCHIVE
        case _:
            return Wakeups.NEWS


async def _answer(doors: Doors, channel: Channel, account: str, delivery: Delivery, accepted: Accepted) -> str:
    plan = doors.plans.get((account, channel.kind))
    carries = plan is not None and plan.answering == "inline" and delivery.slot is not None
    if not carries or not accepted.inbox_ids or not isinstance(channel, AnswersInline):
        return channel.acknowledge()
    content = await doors.inline.wait(accepted.inbox_ids[-1], timeout_s=doors.passive_wait_s)
    if content is None or delivery.slot is None:
        return channel.acknowledge()
    return channel.render_passive(delivery.slot, content, doors.now())


async def healthz(request: web.Request) -> web.Response:
    """Alive, with every queue visible."""
    return web.json_response(await request.app[DOORS].health())


async def readyz(request: web.Request) -> web.Response:
    """Able to serve: 200, or 503 with what is missing."""
    problems = await request.app[DOORS].ready()
    return web.json_response({"ready": not problems, "problems": dict(problems)}, status=503 if problems else 200)


async def metrics(request: web.Request) -> web.Response:
    """Prometheus text; what is counted in the database is counted now."""
    await request.app[DOORS].health()
    body = await asyncio.to_thread(generate_latest)  # it reads files: what this process uses
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})


def _channel(doors: Doors, request: web.Request) -> Channel:
    channel = doors.channels.get(request.match_info["account"])
    if channel is None:
        REFUSED.labels(account="unknown", why="unknown_account").inc()
        raise web.HTTPNotFound(text="no such account")
    return channel


def _refuse(request: web.Request, error: BadSignature | BadPayload) -> web.Response:
    """401 or 400 without details for the sender; the reason goes to our log and metrics."""
    account = request.match_info["account"]
    why, status = ("bad_signature", 401) if isinstance(error, BadSignature) else ("bad_payload", 400)
    REFUSED.labels(account=account, why=why).inc()
    _log.warning("door.refused", account=account, why=why, detail=str(error))
    return web.Response(status=status, text=why)
