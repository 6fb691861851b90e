"""What can a customer do at an official account? Each act becomes the callback WeChat sends (wechat-platform §3)."""

from __future__ import annotations

from bot.simulator.errors import NotPossible
from bot.simulator.oa_push import push
from bot.simulator.official import OfficialAccount
from bot.simulator.people import Customer
from bot.simulator.realm import Realm
from bot.simulator.threads import Line
from bot.simulator.values import Json


def write(realm: Realm, account: OfficialAccount, customer: Customer, text: str, menu_id: str = "") -> Line:
    """A text; with `menu_id`, the click on an item of a msgmenu."""
    fields: Json = {"MsgType": "text", "Content": text}
    if menu_id:
        fields["bizmsgmenuid"] = menu_id
    return send(realm, account, customer, fields, msgtype="text", body={"content": text})


def send_media(realm: Realm, account: OfficialAccount, customer: Customer, kind: str, media_id: str) -> Line:
    """A picture, voice or video that is in the media store."""
    fields: Json = {"MsgType": kind, "MediaId": media_id}
    match kind:
        case "image":
            fields["PicUrl"] = f"http://mmbiz.qpic.cn/simulated/{media_id}"
        case "voice":
            fields["Format"] = "amr"
        case "video" | "shortvideo":
            fields["ThumbMediaId"] = media_id
        case _:
            raise NotPossible(f"an official account takes no {kind}")
    return send(realm, account, customer, fields, msgtype=kind, body={"media_id": media_id})


def send(realm: Realm, account: OfficialAccount, customer: Customer, fields: Json, *, msgtype: str, body: Json) -> Line:
    """Any message: `fields` as in the callback, `msgtype` and `body` as on the screen."""
    follower = account.follower(customer.openid)
    if not follower.subscribed:
        raise NotPossible("she does not follow this account")
    follower.wrote(realm.now(), realm.limits)
    msgid = realm.ids.number()
    line = realm.say(
        account.name,
        customer,
        speaker="customer",
        msgtype=msgtype,
        body=body,
        line_id=str(msgid),
        name=customer.nickname,
    )
    push(realm, account, customer, {**fields, "MsgId": msgid}, expects_answer=True)
    return line


def subscribe(realm: Realm, account: OfficialAccount, customer: Customer, scene: str = "") -> None:
    """Follow; with `scene`, by scanning a code of that scene."""
    follower, now = account.follower(customer.openid), realm.now()
    follower.subscribed, follower.subscribed_at, follower.scene = True, now, scene
    follower.subscribe_scene = "ADD_SCENE_QR_CODE" if scene else "ADD_SCENE_SEARCH"
    follower.acted(now, realm.limits)
    fields: Json = {"MsgType": "event", "Event": "subscribe", "EventKey": f"qrscene_{scene}" if scene else ""}
    if scene:
        fields["Ticket"] = _ticket(realm, account, scene)
    realm.changed(account.name, customer.key)
    push(realm, account, customer, fields, expects_answer=True)


def unsubscribe(realm: Realm, account: OfficialAccount, customer: Customer) -> None:
    """Stop following: nothing can be sent any more."""
    follower = account.follower(customer.openid)
    follower.subscribed, follower.message_until, follower.event_until = False, None, None
    realm.changed(account.name, customer.key)
    push(realm, account, customer, {"MsgType": "event", "Event": "unsubscribe", "EventKey": ""}, expects_answer=False)


def scan(realm: Realm, account: OfficialAccount, customer: Customer, scene: str) -> None:
    """Scan a code: a follower's scan is SCAN, anybody else follows with it."""
    follower = account.follower(customer.openid)
    if not follower.subscribed:
        subscribe(realm, account, customer, scene)
        return
    follower.acted(realm.now(), realm.limits)
    ticket = _ticket(realm, account, scene)
    fields: Json = {"MsgType": "event", "Event": "SCAN", "EventKey": scene, "Ticket": ticket}
    push(realm, account, customer, fields, expects_answer=True)


def click_menu(realm: Realm, account: OfficialAccount, customer: Customer, key: str) -> None:
    """Click a button of the account's own menu (CLICK)."""
    follower = account.follower(customer.openid)
    if not follower.subscribed:
        raise NotPossible("she does not follow this account")
    follower.acted(realm.now(), realm.limits)
    push(realm, account, customer, {"MsgType": "event", "Event": "CLICK", "EventKey": key}, expects_answer=True)


def raise_event(realm: Realm, account: OfficialAccount, customer: Customer, event: str, fields: Json) -> None:
    """Any other event (VIEW, LOCATION, TEMPLATESENDJOBFINISH…): allows no sends, needs no answer."""
    push(realm, account, customer, {"MsgType": "event", "Event": event, **fields}, expects_answer=False)


def _ticket(realm: Realm, account: OfficialAccount, scene: str) -> str:
    known = (code.ticket for code in account.qrcodes.values() if code.scene == scene)
    return next(known, None) or realm.ids.fresh("gQ", 80)
