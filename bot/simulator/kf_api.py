"""What do kf/sync_msg, kf/service_state and the two sending calls answer?

Source: wechat-platform §2.2–§2.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from bot.simulator.calls import CorpCall, CorpEndpoint
from bot.simulator.content import check_kf_content, check_kf_menu, check_text
from bot.simulator.desk import Desk
from bot.simulator.errors import PlatformError
from bot.simulator.faults import FaultKind
from bot.simulator.kf_account import KfAccount
from bot.simulator.kf_codes import MENU_ALLOWED, Occasion
from bot.simulator.kf_push import enter_event, fresh_code
from bot.simulator.kf_session import Session, State
from bot.simulator.people import Customer
from bot.simulator.values import Fields, Json

MSGID = re.compile(r"[0-9a-zA-Z_-]+")
REFUSED, GENERIC_FAILURE = 10, 0  # fail_type (§2.2)


def sync_msg(call: CorpCall) -> Json:
    """One page of the log. A token older than 10 minutes is 95007; calls without one are limited (45009)."""
    kf = call.corp.kf_account(call.fields.text("open_kfid"))
    limits, now = call.realm.limits, call.realm.now()
    limit = call.fields.number("limit", limits.kf_page) or limits.kf_page
    if not 1 <= limit <= limits.kf_page or call.fields.number("voice_format", 0) not in (0, 1):
        raise PlatformError(40058, "limit or voice_format")
    if token := call.fields.text("token", ""):
        kf.log.check_token(token, now, limits)
    else:
        _limit_untokened(call, kf)
    cursor = call.fields.text("cursor", "")
    if call.realm.faults.take(("/cgi-bin/kf/sync_msg", "*"), (FaultKind.EMPTY_PAGE,)):
        return {"next_cursor": cursor or kf.log.cursor(0), "has_more": 1, "msg_list": []}
    page = kf.log.page(cursor, limit, now, limits)
    return {"next_cursor": page.cursor, "has_more": int(page.more), "msg_list": page.messages}


def get_state(call: CorpCall) -> Json:
    """service_state/get."""
    _, _, session = _session(call, "external_userid")
    state = session.current(call.realm.now(), call.realm.limits)
    return {"service_state": int(state), "servicer_userid": session.servicer}


def trans_state(call: CorpCall) -> Json:
    """service_state/trans along the allowed moves; msg_code where one message may follow.

    Raises PlatformError 95013, 95016, 95014, 95019, 40058.
    """
    desk, customer, session = _session(call, "external_userid")
    number = call.fields.number("service_state")
    if number not in set(State):
        raise PlatformError(40058, "service_state")
    target, servicer = State(number), ""
    session.current(call.realm.now(), call.realm.limits)
    if target is State.SERVED:
        servicer = desk.kf.receiving(call.fields.text("servicer_userid", "")).userid
    earns_code = session.move(target, servicer)
    call.realm.changed(desk.place, customer.key)
    if not earns_code:
        return {}
    occasions = {State.POOL: Occasion.POOLED, State.SERVED: Occasion.SERVED, State.ENDED: Occasion.ENDED}
    return {"msg_code": fresh_code(desk, customer, occasions[target])}


def send_msg(call: CorpCall) -> Json:
    """send_msg: in state 0 or 1 (95018), 5 a customer message (95001), within 48 h (95002).

    A repeated msgid is answered as the first time and shown once.
    """
    desk, customer, session = _session(call, "touser")
    msgid = _msgid(call)
    if msgid in desk.kf.msgids:
        desk.kf.repeats += 1
        return {"msgid": msgid}
    msgtype, body = _content(call, desk.kf)
    check_kf_content(call.realm, call.corp.corp_id, msgtype, body)
    _check_sendable(call, session)
    session.sends_left -= 1
    _show(desk, Bubble(msgid, customer, msgtype, body))
    return {"msgid": msgid}


def send_msg_on_event(call: CorpCall) -> Json:
    """One message on a single-use code; a menu only as welcome or as farewell."""
    code = call.corp.codes.look_up(call.fields.text("code"), call.realm.now())
    kf = call.corp.kf_account(code.open_kfid)
    msgid = _msgid(call)
    msgtype, body = _content(call, kf)
    if msgtype == "text":
        check_text(body, call.realm.limits)
    elif msgtype == "msgmenu" and code.occasion in MENU_ALLOWED:
        check_kf_menu(body, call.realm.limits)
    else:
        raise PlatformError(40008, f"{msgtype} on {code.occasion}")
    code.used = True
    if code.occasion is Occasion.WELCOME:
        kf.session(code.external_userid).welcomed_at = call.realm.now()
    customer = call.realm.customer(code.external_userid)
    _show(Desk(call.realm, call.corp, kf), Bubble(msgid, customer, msgtype, body))
    return {"msgid": msgid}


def _session(call: CorpCall, field: str) -> tuple[Desk, Customer, Session]:
    kf = call.corp.kf_account(call.fields.text("open_kfid", ""))
    external = call.fields.text(field)
    customer = call.realm.knows(external)
    if customer is None or customer.external_userid != external:
        raise PlatformError(40096, external)
    return Desk(call.realm, call.corp, kf), customer, kf.session(external)


def _content(call: CorpCall, kf: KfAccount) -> tuple[str, Fields]:
    msgtype = call.fields.text("msgtype")
    if msgtype in kf.banned_types:
        raise PlatformError(95030, msgtype)
    return msgtype, call.fields.group(msgtype) if msgtype in call.fields else Fields({})


def _check_sendable(call: CorpCall, session: Session) -> None:
    now, limits = call.realm.now(), call.realm.limits
    if session.last_message_at is not None and not session.in_window(now, limits):
        raise PlatformError(95002)
    if session.current(now, limits) not in (State.NEW, State.BOT):
        raise PlatformError(95018)
    if session.sends_left < 1:
        raise PlatformError(95001)


def _msgid(call: CorpCall) -> str:
    given = call.fields.text("msgid", "")
    if not given:
        return call.realm.ids.fresh(chars=28)
    if not MSGID.fullmatch(given) or len(given) > call.realm.limits.msgid_bytes:
        raise PlatformError(40058, "msgid")
    return given


@dataclass(frozen=True, slots=True)
class Bubble:
    """One accepted send, on its way to the customer's screen."""

    msgid: str
    customer: Customer
    msgtype: str
    body: Fields


def _show(desk: Desk, bubble: Bubble) -> None:
    """Put it on the screen, or tell by msg_send_fail that errcode 0 was not a delivery (§2.4)."""
    kf, customer = desk.kf, bubble.customer
    kf.msgids[bubble.msgid] = customer.key
    fault = desk.realm.faults.take(("/cgi-bin/kf/send_msg", "*"), (FaultKind.FAIL_DELIVERY,))
    rejects = kf.session(customer.external_userid).rejects
    if rejects or fault is not None:
        reason = REFUSED if rejects or fault is None else max(fault.errcode, GENERIC_FAILURE)
        details: Json = {
            "external_userid": customer.external_userid,
            "fail_msgid": bubble.msgid,
            "fail_type": reason,
        }
        enter_event(desk, "msg_send_fail", details)
        return
    body = dict(bubble.body.values)
    desk.realm.say(
        desk.place, customer, speaker="bot", msgtype=bubble.msgtype, body=body, line_id=bubble.msgid, name=kf.name
    )


def _limit_untokened(call: CorpCall, kf: KfAccount) -> None:
    now = call.realm.now()
    while kf.untokened and now - kf.untokened[0] >= timedelta(minutes=1):
        kf.untokened.popleft()
    if len(kf.untokened) >= call.realm.limits.untokened_syncs_per_minute:
        raise PlatformError(45009, "sync_msg without a token")
    kf.untokened.append(now)


ENDPOINTS = (
    CorpEndpoint("POST", "/cgi-bin/kf/send_msg", "kf", send_msg),
    CorpEndpoint("POST", "/cgi-bin/kf/send_msg_on_event", "kf", send_msg_on_event),
    CorpEndpoint("POST", "/cgi-bin/kf/service_state/get", "kf", get_state),
    CorpEndpoint("POST", "/cgi-bin/kf/service_state/trans", "kf", trans_state),
    CorpEndpoint("POST", "/cgi-bin/kf/sync_msg", "kf", sync_msg),
)
