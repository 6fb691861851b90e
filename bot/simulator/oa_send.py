"""May this customer-service message of an official account be sent?

Source: wechat-platform §3.
"""

from __future__ import annotations

from datetime import timedelta

from bot.simulator.calls import OfficialCall, OfficialEndpoint
from bot.simulator.content import check_media, check_official_menu, check_text
from bot.simulator.errors import PlatformError
from bot.simulator.oa_api import follower_of
from bot.simulator.official import Follower
from bot.simulator.values import Fields, Json


def custom_send(call: OfficialCall) -> Json:
    """message/custom/send: 5 within 48 h of a message (45047, 45015), 3 within a minute of an event.

    Raises PlatformError 48001 (no such permission), 40003, 43004 (not following), 45162 (type), 45002 (too long).
    """
    _check_permission(call)
    follower = follower_of(call, call.fields.text("touser"))
    msgtype = call.fields.text("msgtype")
    body = call.fields.group(msgtype) if msgtype in call.fields else Fields({})
    _check_content(call, msgtype, body)
    if not follower.subscribed:
        raise PlatformError(43004)
    follower.spend(call.realm.now())
    follower.typing_until = None
    customer = call.realm.customer(call.fields.text("touser"))
    call.realm.say(
        call.account.name,
        customer,
        speaker="bot",
        msgtype=msgtype,
        body=dict(body.values),
        line_id=call.realm.ids.fresh("custom", 20),
        name=call.account.title,
    )
    return {}


def typing(call: OfficialCall) -> Json:
    """message/custom/typing. Raises PlatformError 45072 (command), 45080 (no interaction in 30 s), 45081 (already)."""
    _check_permission(call)
    follower = follower_of(call, call.fields.text("touser"))
    now = call.realm.now()
    match call.fields.text("command", ""):
        case "Typing":
            _check_typing(call, follower)
            follower.typing_until = now + timedelta(seconds=call.realm.limits.typing_lasts_s)
        case "CancelTyping":
            follower.typing_until = None
        case other:
            raise PlatformError(45072, other)
    call.realm.changed(call.account.name, call.realm.customer(call.fields.text("touser")).key)
    return {}


def _check_typing(call: OfficialCall, follower: Follower) -> None:
    now = call.realm.now()
    recent = timedelta(seconds=call.realm.limits.typing_window_s)
    if follower.last_interaction is None or now - follower.last_interaction > recent:
        raise PlatformError(45080)
    if follower.typing_until is not None and now < follower.typing_until:
        raise PlatformError(45081)


def _check_permission(call: OfficialCall) -> None:
    if not call.account.custom_send:
        raise PlatformError(48001)


def _check_content(call: OfficialCall, msgtype: str, body: Fields) -> None:
    match msgtype:
        case "text":
            check_text(body, call.realm.limits)
        case "image" | "voice" | "video":
            check_media(call.realm, call.account.app_id, body.text("media_id"))
        case "msgmenu":
            check_official_menu(body, call.realm.limits)
        case "news":
            articles = body.groups("articles")
            if len(articles) != 1:
                raise PlatformError(40058, "exactly one article")
            articles[0].text("url")
        case "miniprogrampage":
            body.text("appid")
            body.text("pagepath")
            check_media(call.realm, call.account.app_id, body.text("thumb_media_id"))
        case "link" | "music" | "mpnews" | "mpnewsarticle" | "wxcard":
            if not body.values:
                raise PlatformError(40058, msgtype)
        case _:
            raise PlatformError(45162, msgtype)


ENDPOINTS = (
    OfficialEndpoint("POST", "/cgi-bin/message/custom/send", custom_send),
    OfficialEndpoint("POST", "/cgi-bin/message/custom/typing", typing),
)
