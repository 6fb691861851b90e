"""What did a form of the sign-in say, and how is one step told to the next? A short-lived cookie that we signed."""

from __future__ import annotations

from typing import Final, TypeVar

from aiohttp import web
from aiohttp.web_request import FileField

from bot.console.console import CONSOLE
from bot.console.login import STEP_S, Proof, Purpose, read, sign

STEP: Final = "xiaoer_console_step"
_WHERE: Final = "/console/login"
Answer = TypeVar("Answer", bound=web.Response)


async def form_of(request: web.Request) -> dict[str, str]:
    """The form's texts; a body in no charset, or a file where a text belongs, is no form of ours."""
    try:
        fields = await request.post()
    except (ValueError, LookupError) as error:
        raise web.HTTPBadRequest from error
    if any(isinstance(value, (FileField, bytes, bytearray)) for value in fields.values()):
        raise web.HTTPBadRequest
    return {name: str(value) for name, value in fields.items()}


def keep_step(request: web.Request, response: Answer, purpose: Purpose, who: str) -> Answer:
    """The browser may take the next step of a sign-in."""
    console = request.app[CONSOLE]
    return keep_token(request, response, sign(console.secret, purpose, who, now=console.now()))


def keep_token(request: web.Request, response: Answer, token: str) -> Answer:
    """The same with a token that is signed already."""
    secure = request.app[CONSOLE].public_url.startswith("https://")
    response.set_cookie(STEP, token, max_age=STEP_S, path=_WHERE, httponly=True, samesite="Lax", secure=secure)
    return response


def step_of(request: web.Request, purpose: Purpose) -> Proof | None:
    """What the step before said; None where there was none, or it is too long ago."""
    console = request.app[CONSOLE]
    return read(console.secret, purpose, request.cookies.get(STEP, ""), console.now())


def forget_step(response: Answer) -> Answer:
    """The sign-in is over."""
    response.del_cookie(STEP, path=_WHERE)
    return response
