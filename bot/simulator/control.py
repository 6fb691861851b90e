"""How is the simulator driven over HTTP? JSON under /simulator: acts, views, faults, live changes."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable

from aiohttp import web

from bot.simulator import views
from bot.simulator.acts import ACTS
from bot.simulator.errors import NotPossible, PlatformError
from bot.simulator.faults import Fault, FaultKind
from bot.simulator.gateway import read_fields
from bot.simulator.js_bridge import Beside, invoke
from bot.simulator.values import Fields, Json
from bot.simulator.world import World

WORLD = web.AppKey("simulated_world", World)
CLOSING = web.AppKey("closing", asyncio.Event)

HEARTBEAT_S = 15.0

routes = web.RouteTableDef()


@routes.post("/simulator/api/acts/{act}")
async def act(request: web.Request) -> web.Response:
    """Do one act; 404 unknown act, 400 wrong arguments, 409 what the real app would not offer."""
    do = ACTS.get(request.match_info["act"])
    if do is None:
        return _problem(404, f"no such act; there are {', '.join(ACTS)}")
    try:
        return web.json_response(do(request.app[WORLD], await read_fields(request)))
    except NotPossible as error:
        return _problem(409, str(error))
    except PlatformError as error:
        return _problem(400, str(error))


@routes.post("/simulator/api/verify/{account}")
async def verify(request: web.Request) -> web.Response:
    """Verify an account's callback URL, as the platform's console does when it is saved."""
    try:
        return web.json_response({"verified": await request.app[WORLD].verify_callback(request.match_info["account"])})
    except NotPossible as error:
        return _problem(404, str(error))


@routes.get("/simulator/api/people")
async def people(request: web.Request) -> web.Response:
    """Everybody one can play."""
    return web.json_response(views.people(request.app[WORLD]))


@routes.get("/simulator/api/phone")
async def phone(request: web.Request) -> web.Response:
    """?customer= the conversations on her phone."""
    return _view(request, lambda world, f: views.phone(world, world.customer(f.text("customer"))))


@routes.get("/simulator/api/thread")
async def thread(request: web.Request) -> web.Response:
    """?customer=&place= the bubbles of one conversation."""
    return _view(request, lambda world, f: views.thread(world, f.text("place"), world.customer(f.text("customer"))))


@routes.get("/simulator/api/wecom")
async def wecom(request: web.Request) -> web.Response:
    """?corp=&userid= what a member sees."""
    return _view(request, lambda world, f: views.wecom(world, world.corp(f.text("corp")), f.text("userid")))


@routes.post("/simulator/api/js/{name}")
async def js(request: web.Request) -> web.Response:
    """What the client answers the page beside a chat: {"corp", "userid", "customer", "place", "url", "params"}."""
    world = request.app[WORLD]
    try:
        f = await read_fields(request)
        who = (f.text("userid"), world.customer(f.text("customer")).key, f.text("place"))
        page = Beside(world.corp(f.text("corp")), *who, f.text("url"))
        return web.json_response(invoke(world, page, request.match_info["name"], f.group("params")))
    except NotPossible as error:
        return _problem(404, str(error))
    except PlatformError as error:
        return _problem(400, str(error))


@routes.get("/simulator/api/traffic")
async def traffic(request: web.Request) -> web.Response:
    """Callbacks sent, calls received, faults in waiting."""
    return web.json_response(views.traffic(request.app[WORLD]))


@routes.get("/simulator/api/stream")
async def stream(request: web.Request) -> web.StreamResponse:
    """Server-sent events naming what changed."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
    await response.prepare(request)
    world, closing = request.app[WORLD], request.app[CLOSING]
    queue = world.stream.open()
    stop = asyncio.ensure_future(closing.wait())
    try:
        await response.write(b": hello\n\n")
        while not stop.done():
            news = asyncio.ensure_future(queue.get())
            await asyncio.wait({news, stop}, timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
            if news.done():
                await response.write(f"data: {news.result()}\n\n".encode())
            else:
                news.cancel()
                await response.write(b": still here\n\n")
    except ConnectionResetError:
        pass
    finally:
        stop.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await stop
        world.stream.close(queue)
    return response


@routes.get("/simulator/media/{media_id}")
async def media(request: web.Request) -> web.Response:
    """A material, for the pages."""
    item = request.app[WORLD].media.peek(request.match_info["media_id"])
    if item is None or item.kind not in ("image", "thumb", "video"):
        raise web.HTTPNotFound
    content_type = shown_as(item.data)
    headers = {"Content-Type": content_type, "X-Content-Type-Options": "nosniff"}
    return web.Response(body=item.data, headers=headers)


@routes.get("/simulator/faults")
async def list_faults(request: web.Request) -> web.Response:
    """The faults in waiting."""
    return web.json_response([_fault_json(fault) for fault in request.app[WORLD].faults.waiting])


@routes.post("/simulator/faults")
async def add_fault(request: web.Request) -> web.Response:
    """Queue one fault: {"on", "kind", "count", "errcode", "copies", "seconds"}."""
    try:
        fault = _read_fault(await read_fields(request))
    except (PlatformError, ValueError) as error:
        return _problem(400, f"{error}; kinds are {', '.join(FaultKind)}")
    request.app[WORLD].faults.add(fault)
    return web.json_response(_fault_json(fault), status=201)


@routes.delete("/simulator/faults")
async def clear_faults(request: web.Request) -> web.Response:
    """Behave again; what a REORDER fault held back is sent."""
    request.app[WORLD].faults.clear()
    request.app[WORLD].postman.release()
    return web.Response(status=204)


def shown_as(data: bytes) -> str:
    """The type a browser may show it as, by its first bytes: what is uploaded need not be what it says."""
    shown = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
    if data[4:8] == b"ftyp":
        return "video/mp4"
    return next((kind for magic, kind in shown.items() if data.startswith(magic)), "application/octet-stream")


def _view(request: web.Request, read: Callable[[World, Fields], Json]) -> web.Response:
    try:
        return web.json_response(read(request.app[WORLD], Fields(dict(request.query))))
    except NotPossible as error:
        return _problem(404, str(error))
    except PlatformError as error:
        return _problem(400, str(error))


def _read_fault(fields: Fields) -> Fault:
    return Fault(
        on=fields.text("on"),
        kind=FaultKind(fields.text("kind")),
        count=max(1, fields.number("count", 1)),
        errcode=fields.number("errcode", -1),
        copies=max(1, fields.number("copies", 2)),
        seconds=float(fields.number("seconds", 30)),
    )


def _fault_json(fault: Fault) -> Json:
    return {
        "on": fault.on,
        "kind": fault.kind.value,
        "count": fault.count,
        "errcode": fault.errcode,
        "copies": fault.copies,
        "seconds": fault.seconds,
    }


def _problem(status: int, message: str) -> web.Response:
    return web.json_response(
        {"problem": message}, status=status, dumps=lambda body: json.dumps(body, ensure_ascii=False)
    )
