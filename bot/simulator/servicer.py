"""What can a servicer do in the WeCom client? Each act becomes the event the API sees (wechat-platform §2.2, §2.3)."""

from __future__ import annotations

from bot.simulator.corp import Corp
from bot.simulator.desk import Desk
from bot.simulator.errors import NotPossible
from bot.simulator.kf_account import KfAccount
from bot.simulator.kf_codes import Occasion
from bot.simulator.kf_push import SERVICER, enter_event, enter_message, fresh_code
from bot.simulator.kf_session import Session, State
from bot.simulator.people import Customer
from bot.simulator.threads import Line
from bot.simulator.values import Json

PICKED, TRANSFERRED, ENDED, REOPENED = 1, 2, 3, 4  # change_type (§2.2)


def answer(desk: Desk, customer: Customer, userid: str, text: str) -> Line:
    """Write to a customer she serves; in an ended session this opens it again (change_type 4)."""
    session = _session(desk.kf, customer)
    state = session.current(desk.now(), desk.limits)
    if state is State.ENDED:
        _check_servicer(desk.kf, userid)
        session.serve(userid)
        _changed(desk, customer, {"change_type": REOPENED, "new_servicer_userid": userid})
    elif state is not State.SERVED or session.servicer != userid:
        raise NotPossible("this conversation is not hers")
    body: Json = {"content": text}
    msgid = enter_message(desk, customer, origin=SERVICER, msgtype="text", body=body, servicer=userid)
    return desk.realm.say(
        desk.place,
        customer,
        speaker="servicer",
        msgtype="text",
        body=body,
        line_id=msgid,
        name=_name(desk.corp, userid),
    )


def take_from_pool(desk: Desk, customer: Customer, userid: str) -> str:
    """Pick a waiting customer (change_type 1); the msg_code of the event."""
    session = _session(desk.kf, customer)
    _check_servicer(desk.kf, userid)
    if session.current(desk.now(), desk.limits) is not State.POOL:
        raise NotPossible("she is not waiting in the pool")
    session.serve(userid)
    code = fresh_code(desk, customer, Occasion.SERVED)
    _changed(desk, customer, {"change_type": PICKED, "new_servicer_userid": userid, "msg_code": code})
    return code


def transfer(desk: Desk, customer: Customer, userid: str, to: str) -> None:
    """Hand a customer to another servicer (change_type 2)."""
    session = _served_by(desk, customer, userid)
    _check_servicer(desk.kf, to)
    if not desk.kf.servicers[to].receiving:
        raise NotPossible("that servicer is not receiving")
    session.serve(to)
    details: Json = {"change_type": TRANSFERRED, "old_servicer_userid": userid, "new_servicer_userid": to}
    _changed(desk, customer, details)


def end_session(desk: Desk, customer: Customer, userid: str) -> str:
    """End the session (change_type 3); the msg_code of the event, good for one closing message."""
    session = _served_by(desk, customer, userid)
    session.end()
    code = fresh_code(desk, customer, Occasion.ENDED)
    _changed(desk, customer, {"change_type": ENDED, "old_servicer_userid": userid, "msg_code": code})
    return code


def recall(desk: Desk, customer: Customer, userid: str, line: Line) -> None:
    """Take a message back (servicer_recall_msg)."""
    if line.speaker != "servicer" or line.customer != customer.key:
        raise NotPossible("only a servicer's messages")
    line.recalled = True
    details: Json = {
        "external_userid": customer.external_userid,
        "recall_msgid": line.id,
        "servicer_userid": userid,
    }
    enter_event(desk, "servicer_recall_msg", details)
    desk.realm.changed(desk.place, customer.key)


def set_receiving(desk: Desk, userid: str, *, receiving: bool, suspended: bool = False) -> None:
    """Start or stop receiving (servicer_status_change: 1 receiving, 2 stopped; stop_type 0 stop, 1 suspend)."""
    _check_servicer(desk.kf, userid)
    servicer = desk.kf.servicers[userid]
    servicer.receiving, servicer.suspended = receiving, suspended
    details: Json = {"servicer_userid": userid, "status": 1 if receiving else 2}
    if not receiving:
        details["stop_type"] = int(suspended)
    enter_event(desk, "servicer_status_change", details)
    desk.realm.changed(desk.place)


def _session(kf: KfAccount, customer: Customer) -> Session:
    if customer.external_userid not in kf.sessions:
        raise NotPossible("she was never here")
    return kf.sessions[customer.external_userid]


def _served_by(desk: Desk, customer: Customer, userid: str) -> Session:
    session = _session(desk.kf, customer)
    if session.current(desk.now(), desk.limits) is not State.SERVED or session.servicer != userid:
        raise NotPossible("this conversation is not hers")
    return session


def _check_servicer(kf: KfAccount, userid: str) -> None:
    if userid not in kf.servicers:
        raise NotPossible(f"{userid!r} is no servicer of this account")


def _changed(desk: Desk, customer: Customer, details: Json) -> None:
    fields: Json = {"external_userid": customer.external_userid, **details}
    enter_event(desk, "session_status_change", fields)
    desk.realm.changed(desk.place, customer.key)


def _name(corp: Corp, userid: str) -> str:
    return corp.members[userid].name if userid in corp.members else userid
