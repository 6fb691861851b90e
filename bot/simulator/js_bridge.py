"""What does WeCom's client answer a page beside a chat, whose JS-SDK calls window.WeixinJSBridge.invoke?

Errors are those of the client: {"err_msg": "agentConfig:invalid signature more info at …?e=40093"} [W 96912]; the
JS-SDK makes errMsg of it. The page is trusted with its own address: a real client has it from its browser.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from bot.simulator.corp import Corp
from bot.simulator.errors import NotPossible
from bot.simulator.js_tickets import OF_CORP
from bot.simulator.values import Fields, Json
from bot.simulator.world import World

ENTRY = "single_kf_tools"  # the chats of the simulator's WeCom client are those of 微信客服
_MORE = "more info at https://open.work.weixin.qq.com/devtool/query?e="


@dataclass(frozen=True, slots=True)
class Beside:
    """The page as it is open: who is signed in to the client, whose chat it stands beside, and its address."""

    corp: Corp
    userid: str
    customer: str
    place: str
    url: str

    @property
    def signed_url(self) -> str:
        """What the page's signature is about."""
        return self.url.partition("#")[0]


def invoke(world: World, page: Beside, name: str, params: Fields) -> Json:
    """The client's answer to one call. params: as the SDK gives them, its own signature among them."""
    try:
        return {"err_msg": f"{name}:ok", **_answer(world, page, name, params)}
    except Refused as error:
        return {"err_msg": f"{name}:{error}"}


def _answer(world: World, page: Beside, name: str, params: Fields) -> Json:
    match name:
        case "preVerifyJSAPI":
            return _pre_verify(world, page, params)
        case "agentConfig":
            return _agent_config(world, page, params)
        case _ if name in _APIS:
            _check_allowed(page, name, params)
            return _APIS[name](world, page, params)
        case _:
            raise Refused("function not exist")


class Refused(Exception):  # noqa: N818 - what the client says after the name of the call
    """The call is answered with this."""


def _pre_verify(world: World, page: Beside, params: Fields) -> Json:
    """`config`: the corp's ticket."""
    if params.text("verifyAppId", "") != page.corp.corp_id:
        raise Refused(f"invalid corpId {_MORE}40013")
    signature = _checked(world, page, OF_CORP, params, prefix="verify")
    page.corp.js_pages[page.signed_url, signature] = frozenset(params.texts("verifyJsApiList"))
    return {}


def _agent_config(world: World, page: Beside, params: Fields) -> Json:
    """`agentConfig`: the app's ticket; the member must be within the app's visible range, here everybody is."""
    if params.text("corpid", "") != page.corp.corp_id:
        raise Refused(f"invalid corpId {_MORE}40013")
    agent = params.text("agentid", "")
    if not agent.isdecimal() or int(agent) not in page.corp.apps:
        raise Refused(f"invalid agentid {_MORE}40056")
    signature = _checked(world, page, int(agent), params)
    page.corp.js_pages[page.signed_url, signature] = frozenset(params.texts("jsApiList"))
    return {}


def _checked(world: World, page: Beside, of: int, params: Fields, prefix: str = "") -> str:
    """The signature, if it is the one that a valid ticket gives for this very page."""
    if not page.corp.trusts(page.url):
        raise Refused(f"invalid url domain {_MORE}80001")

    def given(name: str) -> str:
        return params.text(f"{prefix}{name[0].upper()}{name[1:]}" if prefix else name, "")

    fields = f"noncestr={given('nonceStr')}&timestamp={given('timestamp')}&url={page.signed_url}"
    right = {
        hashlib.sha1(f"jsapi_ticket={ticket}&{fields}".encode(), usedforsecurity=False).hexdigest()
        for ticket in page.corp.js_tickets.valid(of, world.now())
    }
    if given("signature") not in right:
        raise Refused(f"invalid signature {_MORE}40093")
    return given("signature")


def _check_allowed(page: Beside, name: str, params: Fields) -> None:
    """A call counts on the page that was configured, and for what its jsApiList names [W 96912]."""
    listed = page.corp.js_pages.get((page.signed_url, params.text("verifySignature", "")))
    if listed is None or name not in listed:
        raise Refused("fail_nopermission")


def _context(world: World, page: Beside, params: Fields) -> Json:
    del world, page, params
    return {"entry": ENTRY}


def _contact(world: World, page: Beside, params: Fields) -> Json:
    del params
    return {"userId": world.customer(page.customer).external_userid}


def _send(world: World, page: Beside, params: Fields) -> Json:
    """Into the chat, as the member's own words. Where she could not write herself, the client says so."""
    content = params.group("text").text("content", "")
    if params.text("msgtype", "") != "text" or not content.strip():
        raise Refused("fail invalid msgtype or content")
    try:
        world.servicer_answers(page.userid, page.customer, page.place, content)
    except NotPossible as error:
        raise Refused("fail no permission") from error
    return {}


_APIS: dict[str, Callable[[World, Beside, Fields], Json]] = {
    "getContext": _context,
    "getCurExternalContact": _contact,
    "sendChatMessage": _send,
}
