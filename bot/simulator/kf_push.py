"""How does news enter a kf account? A message in its log, and a doorbell at the corp's callback URL.

The doorbell carries no content (wechat-platform §2.1).
"""

from __future__ import annotations

from bot.simulator.callbacks import Callback
from bot.simulator.corp import Corp
from bot.simulator.desk import Desk
from bot.simulator.envelope import Letter, open_corp_reply, seal_for_corp
from bot.simulator.faults import FaultKind
from bot.simulator.kf_codes import Code, Occasion, lifetime
from bot.simulator.people import Customer
from bot.simulator.realm import Realm
from bot.simulator.values import Json, epoch

CUSTOMER, SYSTEM, SERVICER = 3, 4, 5  # origin (§2.2)


def enter_message(
    desk: Desk,
    customer: Customer,
    *,
    origin: int,
    msgtype: str,
    body: Json,
    servicer: str = "",
) -> str:
    """Log a message of a customer or a servicer; its msgid."""
    message: Json = {
        "msgid": desk.realm.ids.fresh(chars=28),
        "open_kfid": desk.place,
        "external_userid": customer.external_userid,
        "send_time": epoch(desk.now()),
        "origin": origin,
        "servicer_userid": servicer,
        "msgtype": msgtype,
        msgtype: body,
    }
    desk.kf.log.add(message, desk.now(), desk.limits)
    _ring(desk)
    return str(message["msgid"])


def enter_event(desk: Desk, event_type: str, details: Json) -> None:
    """Log an event; open_kfid and external_userid stand inside event{} only (§2.2)."""
    if desk.realm.faults.take((f"event:{event_type}", "event:*"), (FaultKind.LOSE_EVENT,)):
        return
    message: Json = {
        "msgid": desk.realm.ids.fresh(chars=28),
        "send_time": epoch(desk.now()),
        "origin": SYSTEM,
        "msgtype": "event",
        "event": {"event_type": event_type, "open_kfid": desk.place, **details},
    }
    desk.kf.log.add(message, desk.now(), desk.limits)
    _ring(desk)


def fresh_code(desk: Desk, customer: Customer, occasion: Occasion) -> str:
    """A single-use code for kf/send_msg_on_event."""
    until = desk.now() + lifetime(occasion, desk.limits)
    code = Code(occasion, desk.place, customer.external_userid, until)
    return desk.corp.codes.add(desk.realm.ids.fresh(chars=32), code)


def push_to_corp(realm: Realm, corp: Corp, fields: Json, *, agent_id: int = 0, member: str = "") -> None:
    """Deliver one WeCom callback. A passive update_button answer changes `member`'s card (§4.3)."""
    stamped: Json = {"ToUserName": corp.corp_id, "CreateTime": epoch(realm.now()), "MsgType": "event", **fields}

    def write() -> Letter:
        timestamp, nonce = str(epoch(realm.now())), realm.ids.fresh(chars=10)
        return seal_for_corp(corp, stamped, agent_id=agent_id, timestamp=timestamp, nonce=nonce)

    def answered(body: str | None) -> None:
        if body and member and body.strip() != "success":
            _update_button(realm, corp, str(fields.get("TaskId", "")), member, body)

    realm.deliver(Callback(corp.name, str(fields["Event"]), corp.callback_url, write, answered))


def _ring(desk: Desk) -> None:
    token = desk.realm.ids.fresh("ENC", 40)
    desk.kf.log.add_token(token, desk.now(), desk.limits)
    push_to_corp(desk.realm, desk.corp, {"Event": "kf_msg_or_event", "Token": token, "OpenKfId": desk.place})


def _update_button(realm: Realm, corp: Corp, task_id: str, member: str, body: str) -> None:
    try:
        fields = open_corp_reply(corp, body)
    except ValueError:
        return
    button = fields.get("Button")
    if fields.get("MsgType") != "update_button" or not isinstance(button, dict):
        return
    for message in corp.messages.values():
        if message.task_id == task_id and member in message.members:
            message.replaced[member] = str(button.get("ReplaceName", ""))
            realm.stream.publish({"member": member})
