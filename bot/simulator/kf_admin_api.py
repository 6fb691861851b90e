"""What do the kf account, servicer, contact-way and customer calls answer?

Source: wechat-platform §2.5.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from bot.simulator.calls import CorpCall, CorpEndpoint
from bot.simulator.errors import PlatformError
from bot.simulator.kf_account import KfAccount, Servicer
from bot.simulator.values import Json

SCENE = re.compile(r"[0-9a-zA-Z_-]*")
AVATAR = "https://wwcdn.weixin.qq.com/node/wework/images/kf_head_image_url_{}.png"
PER_PAGE = 100


def list_accounts(call: CorpCall) -> Json:
    """account/list, 100 a page."""
    offset, limit = call.fields.number("offset", 0), call.fields.number("limit", PER_PAGE)
    if offset < 0 or not 1 <= limit <= PER_PAGE:
        raise PlatformError(40058, "offset or limit")
    accounts = list(call.corp.kf.values())[offset : offset + limit]
    return {"account_list": [_account(number, kf) for number, kf in enumerate(accounts, start=1)]}


def add_account(call: CorpCall) -> Json:
    """account/add. Raises PlatformError 95006 for an empty name or one of more than 16 characters."""
    open_kfid = call.realm.ids.fresh("wk", 30)
    call.corp.kf[open_kfid] = KfAccount(open_kfid, _name(call, call.fields.text("name", "")))
    return {"open_kfid": open_kfid}


def update_account(call: CorpCall) -> Json:
    """account/update."""
    kf = call.corp.kf_account(call.fields.text("open_kfid"))
    if "name" in call.fields:
        kf.name = _name(call, call.fields.text("name", ""))
    return {}


def delete_account(call: CorpCall) -> Json:
    """account/del."""
    del call.corp.kf[call.corp.kf_account(call.fields.text("open_kfid")).open_kfid]
    return {}


def add_contact_way(call: CorpCall) -> Json:
    """A link that opens the simulator's phone in this conversation; `&scene_param=` may be appended."""
    kf = call.corp.kf_account(call.fields.text("open_kfid"))
    scene = call.fields.text("scene", "")
    if not SCENE.fullmatch(scene) or len(scene) > call.realm.limits.scene_bytes:
        raise PlatformError(40058, "scene")
    return {"url": f"{call.origin}/phone?kf={quote(kf.open_kfid)}&scene={scene}"}


def list_servicers(call: CorpCall) -> Json:
    """servicer/list: status 0 receiving, 1 stopped."""
    kf = call.corp.kf_account(call.fields.text("open_kfid"))
    return {"servicer_list": [_servicer(servicer) for servicer in kf.servicers.values()]}


def add_servicers(call: CorpCall) -> Json:
    """servicer/add: one result a userid."""

    def add(kf: KfAccount, userid: str) -> None:
        if userid not in call.corp.members:
            raise PlatformError(60111, userid)
        kf.servicers.setdefault(userid, Servicer(userid))

    return _for_each(call, add)


def delete_servicers(call: CorpCall) -> Json:
    """servicer/del: one result a userid, 95014 for one who is none."""

    def delete(kf: KfAccount, userid: str) -> None:
        if kf.servicers.pop(userid, None) is None:
            raise PlatformError(95014, userid)

    return _for_each(call, delete)


def customers(call: CorpCall) -> Json:
    """customer/batchget of up to 100."""
    wanted = call.fields.texts("external_userid_list")
    if not 1 <= len(wanted) <= call.realm.limits.batch:
        raise PlatformError(40058, "external_userid_list")
    with_context = call.fields.number("need_enter_session_context", 0) == 1
    found = {ref: _customer(call, ref, with_context=with_context) for ref in wanted}
    return {
        "customer_list": [customer for customer in found.values() if customer],
        "invalid_external_userid": [ref for ref, customer in found.items() if not customer],
    }


def _account(number: int, kf: KfAccount) -> Json:
    return {
        "open_kfid": kf.open_kfid,
        "name": kf.name,
        "avatar": AVATAR.format(number),
        "manage_privilege": kf.managed,
    }


def _servicer(servicer: Servicer) -> Json:
    status: Json = {"userid": servicer.userid, "status": 0 if servicer.receiving else 1}
    return status if servicer.receiving else {**status, "stop_type": int(servicer.suspended)}


def _name(call: CorpCall, name: str) -> str:
    if not 1 <= len(name) <= call.realm.limits.kf_name_chars:
        raise PlatformError(95006, name)
    return name


def _for_each(call: CorpCall, act: Callable[[KfAccount, str], None]) -> Json:
    kf = call.corp.kf_account(call.fields.text("open_kfid"))
    userids = call.fields.texts("userid_list")
    if not 1 <= len(userids) <= call.realm.limits.batch:
        raise PlatformError(40058, "userid_list")
    results: list[Json] = []
    for userid in userids:
        outcome: Json = {"errcode": 0, "errmsg": "ok"}
        try:
            act(kf, userid)
        except PlatformError as error:
            outcome = error.as_json()
        results.append({"userid": userid, **outcome})
    return {"result_list": results}


def _customer(call: CorpCall, ref: str, *, with_context: bool) -> Json:
    customer = call.realm.knows(ref)
    if customer is None or customer.external_userid != ref:
        return {}
    sessions = [kf.sessions[ref] for kf in call.corp.kf.values() if ref in kf.sessions]
    if not sessions:
        return {}
    info: Json = {
        "external_userid": ref,
        "nickname": customer.nickname,
        "avatar": "",
        "gender": customer.gender,
    }
    if customer.unionid:
        info["unionid"] = customer.unionid
    if with_context:
        info["enter_session_context"] = {"scene": sessions[-1].scene, "scene_param": sessions[-1].scene_param}
    return info


ENDPOINTS = (
    CorpEndpoint("POST", "/cgi-bin/kf/account/add", "kf", add_account),
    CorpEndpoint("POST", "/cgi-bin/kf/account/del", "kf", delete_account),
    CorpEndpoint("GET", "/cgi-bin/kf/account/list", "kf", list_accounts),
    CorpEndpoint("POST", "/cgi-bin/kf/account/list", "kf", list_accounts),
    CorpEndpoint("POST", "/cgi-bin/kf/account/update", "kf", update_account),
    CorpEndpoint("POST", "/cgi-bin/kf/add_contact_way", "kf", add_contact_way),
    CorpEndpoint("POST", "/cgi-bin/kf/customer/batchget", "kf", customers),
    CorpEndpoint("POST", "/cgi-bin/kf/servicer/add", "kf", add_servicers),
    CorpEndpoint("POST", "/cgi-bin/kf/servicer/del", "kf", delete_servicers),
    CorpEndpoint("GET", "/cgi-bin/kf/servicer/list", "kf", list_servicers),
)
