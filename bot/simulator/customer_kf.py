"""What can a customer do at a 微信客服 account?

Source: wechat-platform §2.2, §2.3.
"""

from __future__ import annotations

from datetime import timedelta

from bot.simulator.catalogue import PHRASES
from bot.simulator.desk import Desk
from bot.simulator.errors import NotPossible
from bot.simulator.kf_account import KfAccount
from bot.simulator.kf_codes import Occasion
from bot.simulator.kf_push import CUSTOMER, enter_event, enter_message, fresh_code
from bot.simulator.kf_session import Session, State
from bot.simulator.people import Customer
from bot.simulator.realm import Realm
from bot.simulator.threads import Line
from bot.simulator.values import Json

MEDIA = ("image", "voice", "video", "file")


def enter(desk: Desk, customer: Customer, *, scene: str = "", scene_param: str = "") -> str:
    """Open the conversation (enter_session); the welcome_code, or "" where none is given (§2.4)."""
    session = _session(desk.kf, customer)
    session.scene, session.scene_param = scene, scene_param
    code = ""
    if _deserves_welcome(desk, session):
        code = fresh_code(desk, customer, Occasion.WELCOME)
    details: Json = {"external_userid": customer.external_userid, "scene": scene, "scene_param": scene_param}
    if code:
        details["welcome_code"] = code
    enter_event(desk, "enter_session", details)
    desk.realm.changed(desk.place, customer.key)
    return code


def write(desk: Desk, customer: Customer, text: str, menu_id: str = "") -> Line:
    """A text; with `menu_id`, the click on an item of a msgmenu."""
    body: Json = {"content": text}
    if menu_id:
        body["menu_id"] = menu_id
    return send(desk, customer, "text", body)


def send(desk: Desk, customer: Customer, msgtype: str, body: Json) -> Line:
    """Any message; what is too large arrives as a text notice instead (§2.2)."""
    session = _session(desk.kf, customer)
    session.customer_wrote(desk.now(), desk.limits)
    msgtype, body = _fit(desk.realm, msgtype, body)
    msgid = enter_message(desk, customer, origin=CUSTOMER, msgtype=msgtype, body=body)
    return desk.realm.say(
        desk.place,
        customer,
        speaker="customer",
        msgtype=msgtype,
        body=body,
        line_id=msgid,
        name=customer.nickname,
    )


def recall(desk: Desk, customer: Customer, line: Line) -> None:
    """Take a message back (user_recall_msg)."""
    if line.speaker != "customer" or line.customer != customer.key:
        raise NotPossible("only her own messages")
    line.recalled = True
    details: Json = {"external_userid": customer.external_userid, "recall_msgid": line.id}
    enter_event(desk, "user_recall_msg", details)
    desk.realm.changed(desk.place, customer.key)


def reject(desk: Desk, customer: Customer, *, rejects: bool) -> None:
    """Refuse this account's messages, or take them again."""
    _session(desk.kf, customer).rejects = rejects
    details: Json = {"external_userid": customer.external_userid, "reject_switch": int(rejects)}
    enter_event(desk, "reject_customer_msg_switch_change", details)


def _session(kf: KfAccount, customer: Customer) -> Session:
    return kf.sessions.setdefault(customer.external_userid, Session())


def _deserves_welcome(desk: Desk, session: Session) -> bool:
    if desk.kf.native_welcome or session.current(desk.now(), desk.limits) is not State.ENDED:
        return False
    welcomed = session.welcomed_at
    return welcomed is None or desk.now() - welcomed >= timedelta(seconds=desk.limits.window_s)


def _fit(realm: Realm, msgtype: str, body: Json) -> tuple[str, Json]:
    if msgtype not in MEDIA:
        return msgtype, body
    item = realm.media.peek(str(body.get("media_id", "")))
    if item is None:
        raise NotPossible("no such media")
    if len(item.data) > realm.media.limit(msgtype):
        return "text", {"content": PHRASES[f"{msgtype}_too_large"]}
    return msgtype, body
