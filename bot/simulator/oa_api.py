"""What does an official account's API answer?

Source: wechat-platform §3.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

from bot.simulator.calls import OfficialCall, OfficialEndpoint
from bot.simulator.errors import PlatformError
from bot.simulator.official import Follower, QrCode
from bot.simulator.values import Fields, Json, epoch

TEMPORARY = ("QR_SCENE", "QR_STR_SCENE")
PERMANENT = ("QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE")


def user_info(call: OfficialCall) -> Json:
    """user/info: no nickname, avatar or sex since 2021-12-27. Raises PlatformError 40003."""
    return _info(call, call.fields.text("openid"))


def user_info_batch(call: OfficialCall) -> Json:
    """user/info/batchget of up to 100."""
    wanted = call.fields.groups("user_list")
    if len(wanted) > call.realm.limits.batch:
        raise PlatformError(40058, "at most 100")
    return {"user_info_list": [_info(call, item.text("openid")) for item in wanted]}


def create_qrcode(call: OfficialCall) -> Json:
    """qrcode/create: temporary (≤ 30 days) or permanent, scene_id or scene_str of 1–64 characters."""
    kind = call.fields.text("action_name")
    if kind not in (*TEMPORARY, *PERMANENT):
        raise PlatformError(40058, "action_name")
    scene = _scene(call, kind, call.fields.group("action_info").group("scene"))
    seconds = None
    if kind in TEMPORARY:
        seconds = min(call.fields.number("expire_seconds", 60), int(call.realm.limits.qr_scene_s))
    ticket = call.realm.ids.fresh("gQ", 80)
    until = None if seconds is None else call.realm.now() + timedelta(seconds=seconds)
    call.account.qrcodes[ticket] = QrCode(ticket, scene, until)
    url = f"{call.origin}/phone?official={call.account.name}&scan={quote(scene)}"
    answer: Json = {"ticket": ticket, "url": url}
    return answer if seconds is None else {**answer, "expire_seconds": seconds}


def api_domain_ip(_: OfficialCall) -> Json:
    """get_api_domain_ip and getcallbackip."""
    return {"ip_list": ["127.0.0.1"]}


def follower_of(call: OfficialCall, openid: str) -> Follower:
    """The relation of an openid. Raises PlatformError 40003 (unknown openid)."""
    customer = call.realm.knows(openid)
    if customer is None or customer.openid != openid:
        raise PlatformError(40003, openid)
    return call.account.follower(openid)


def _info(call: OfficialCall, openid: str) -> Json:
    follower = follower_of(call, openid)
    if not follower.subscribed or follower.subscribed_at is None:
        return {"subscribe": 0, "openid": openid}
    customer = call.realm.customer(openid)
    info: Json = {
        "subscribe": 1,
        "openid": openid,
        "language": "zh_CN",
        "subscribe_time": epoch(follower.subscribed_at),
        "remark": "",
        "groupid": 0,
        "tagid_list": sorted(follower.tags),
        "subscribe_scene": follower.subscribe_scene,
        "qr_scene": 0,
        "qr_scene_str": follower.scene,
    }
    return {**info, "unionid": customer.unionid} if customer.unionid else info


def _scene(call: OfficialCall, kind: str, scene: Fields) -> str:
    if kind.endswith("STR_SCENE"):
        text = scene.text("scene_str")
        if len(text) > call.realm.limits.scene_str_chars:
            raise PlatformError(40058, "scene_str")
        return text
    return str(scene.number("scene_id"))


ENDPOINTS = (
    OfficialEndpoint("GET", "/cgi-bin/get_api_domain_ip", api_domain_ip),
    OfficialEndpoint("GET", "/cgi-bin/getcallbackip", api_domain_ip),
    OfficialEndpoint("POST", "/cgi-bin/qrcode/create", create_qrcode),
    OfficialEndpoint("GET", "/cgi-bin/user/info", user_info),
    OfficialEndpoint("POST", "/cgi-bin/user/info/batchget", user_info_batch),
)
