"""Is the content of a send within the platform's limits?

Source: wechat-platform §2.4, §3.
"""

from __future__ import annotations

from bot.simulator.errors import PlatformError
from bot.simulator.limits import Limits
from bot.simulator.realm import Realm
from bot.simulator.values import Fields, check_size


def check_text(body: Fields, limits: Limits) -> None:
    """A text of 1 to 2048 bytes: 44004 when empty, 45002 when longer."""
    content = body.text("content", "")
    if not content:
        raise PlatformError(44004)
    check_size("content", content, limits.text_bytes, 45002)


def check_kf_content(realm: Realm, owner: str, msgtype: str, body: Fields) -> None:
    """Content of kf/send_msg. Raises PlatformError 40008 for an unknown type, else the code of its limit."""
    limits = realm.limits
    match msgtype:
        case "text":
            check_text(body, limits)
        case "image" | "voice" | "video" | "file":
            check_media(realm, owner, body.text("media_id"))
        case "msgmenu":
            check_kf_menu(body, limits)
        case "link":
            _check_link(realm, owner, body)
        case "miniprogram":
            check_size("title", body.text("title", ""), 64)
            body.text("appid")
            body.text("pagepath")
            check_media(realm, owner, body.text("thumb_media_id"))
        case "location":
            _check_location(body)
        case "ca_link":
            body.text("link_url")
        case _:
            raise PlatformError(40008, msgtype)


def check_media(realm: Realm, owner: str, media_id: str) -> None:
    """Raise PlatformError 40007 for material that is unknown, another's or expired."""
    realm.media.get(media_id, owner=owner, now=realm.now())


def check_kf_menu(body: Fields, limits: Limits) -> None:
    """A kf msgmenu: 95008 over ten items, 95009 for an unknown item type, 40058 for lengths."""
    check_size("head_content", body.text("head_content", ""), limits.menu_head_bytes)
    items = body.groups("list")
    if len(items) > limits.menu_items:
        raise PlatformError(95008, f"{len(items)} items")
    for item in items:
        match item.text("type", ""):
            case "click":
                click = item.group("click")
                check_size("click.id", click.text("id", ""), limits.menu_id_bytes)
                check_size("click.content", click.text("content"), limits.menu_label_bytes)
            case "view":
                check_size("view.url", item.group("view").text("url"), limits.url_bytes)
                check_size("view.content", item.group("view").text("content"), limits.menu_head_bytes)
            case "miniprogram":
                item.group("miniprogram").text("appid")
            case "text":
                item.group("text").text("content")
            case other:
                raise PlatformError(95009, other)


def check_official_menu(body: Fields, limits: Limits) -> None:
    """An official account's msgmenu: 45098 when too long (§3)."""
    items = body.groups("list")
    if not items:
        raise PlatformError(40058, "list")
    if len(items) > limits.menu_items:
        raise PlatformError(45098)
    for item in items:
        item.text("id")
        item.text("content")


def _check_link(realm: Realm, owner: str, body: Fields) -> None:
    check_size("title", body.text("title"), realm.limits.link_title_bytes)
    check_size("desc", body.text("desc", ""), realm.limits.link_desc_bytes)
    check_size("url", body.text("url"), realm.limits.url_bytes)
    check_media(realm, owner, body.text("thumb_media_id"))


def _check_location(body: Fields) -> None:
    for name in ("latitude", "longitude"):
        if not isinstance(body.values.get(name), int | float):
            raise PlatformError(40058, name)
