"""How does WeCom let somebody in? There with a state that this browser keeps, back with a code that names a member."""

from __future__ import annotations

import hmac

import structlog
from aiohttp import web

from bot.access import Action, Actor, Way, WeComApp, WeComSignIn
from bot.console.console import CONSOLE, Console
from bot.console.login import read, sign
from bot.console.resuming import return_to
from bot.console.session import PATH, WECOM_CLIENT, address_of, sign_in
from bot.console.sign_in.steps import forget_step, keep_token, step_of
from bot.console.sign_in_page import problem_words, sign_in_page
from bot.platform import PlatformError

_log = structlog.get_logger()


async def begin(request: web.Request) -> web.Response:
    """Off to WeCom: inside its client without a question, elsewhere to a QR code. ?to= the page she wants after."""
    console = request.app[CONSOLE]
    wecom, app = _app(request, console)
    token = sign(console.secret, "state", app.account, now=console.now())
    proof = read(console.secret, "state", token, console.now())
    assert proof is not None  # noqa: S101 - signed this moment
    target = wecom.begins_at(
        app,
        back=f"{console.public_url}{PATH}/login/wecom/{app.account}/back",
        state=proof.nonce,
        in_client=WECOM_CLIENT in request.headers.get("User-Agent", "").casefold(),
    )
    response = keep_token(request, web.Response(status=302, headers={"Location": target}), token)
    return return_to(request, response, request.query.get("to"))


async def back(request: web.Request) -> web.Response:
    """Back from WeCom. The state must be the one that this very browser left with."""
    console = request.app[CONSOLE]
    wecom, app = _app(request, console)
    proof, state = step_of(request, "state"), request.query.get("state", "")
    if proof is None or proof.who != app.account or not hmac.compare_digest(proof.nonce.encode(), state.encode()):
        _log.warning("console.foreign_state", account=app.account)
        return _refused(request, status=401, problem=problem_words("too_late"))
    if not (code := request.query.get("code", "")):
        return _refused(request, status=401, problem=problem_words("wecom_declined"))
    try:
        userid = await wecom.userid(app, code)
    except PlatformError as error:
        _log.warning("console.wecom_sign_in_failed", account=app.account, error=str(error))
        return _refused(request, status=502, problem=problem_words("wecom_failed"))
    person = None if userid is None else await _person(console, userid)
    if person is None:
        by, on = Actor("", address_of(request)), f"wecom:{userid}" if userid else ""
        await console.access.log.record(Action.SIGN_IN_FAILED, by=by, on=on)
        return _refused(request, status=403, problem=problem_words("wecom_unknown"))
    return forget_step(await sign_in(request, person, Way.WECOM))


async def _person(console: Console, userid: str) -> str | None:
    """Whom a member is here: a person linked to her, else the agent of the pack who has her userid for an id."""
    found = await console.access.of_wecom(userid)
    if found is not None:
        return found.id if found.active else None
    # somebody else's row may have that id, who is not this member
    if await console.access.person(userid) is not None:
        return None
    return userid if any(agent.id == userid for agent in await console.workbench.agents()) else None


def _app(request: web.Request, console: Console) -> tuple[WeComSignIn, WeComApp]:
    wecom, account = console.access.wecom, request.match_info["account"]
    if wecom is None or account not in wecom.apps:
        raise web.HTTPNotFound
    return wecom, wecom.apps[account]


def _refused(request: web.Request, *, status: int, problem: str) -> web.Response:
    return forget_step(sign_in_page(request, status=status, problem=problem))
