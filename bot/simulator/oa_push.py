"""How does an official account's message or event reach the shop, and what comes back to the customer?

Passive replies: wechat-platform §1.3.
"""

from __future__ import annotations

from bot.simulator.callbacks import Callback
from bot.simulator.catalogue import PHRASES
from bot.simulator.envelope import Letter, open_reply, seal_for_official
from bot.simulator.limits import Limits
from bot.simulator.official import OfficialAccount
from bot.simulator.people import Customer
from bot.simulator.realm import Realm
from bot.simulator.values import Json, epoch, size

SILENT = ("", "success")


def push(realm: Realm, account: OfficialAccount, customer: Customer, fields: Json, *, expects_answer: bool) -> None:
    """Deliver one message or event; show the passive reply, or the platform's apology where none can be had."""
    stamped: Json = {
        "ToUserName": account.receiver,
        "FromUserName": customer.openid,
        "CreateTime": epoch(realm.now()),
        **fields,
    }

    def write() -> Letter:
        timestamp, nonce = str(epoch(realm.now())), realm.ids.fresh(chars=10)
        return seal_for_official(account, stamped, openid=customer.openid, timestamp=timestamp, nonce=nonce)

    def answered(body: str | None) -> None:
        show_reply(realm, account, customer, body, expects_answer=expects_answer)

    label = str(fields.get("Event") or fields["MsgType"])
    realm.deliver(Callback(account.name, label, account.callback_url, write, answered))


def show_reply(
    realm: Realm, account: OfficialAccount, customer: Customer, body: str | None, *, expects_answer: bool
) -> None:
    """Show what the callback's body says. None: no attempt was answered."""
    if body is not None and body.strip() in SILENT:
        return
    try:
        if body is None:
            raise ValueError("no answer")  # noqa: TRY301 - the same apology as for a malformed one
        msgtype, content = read_reply(account, customer, body, realm.limits)
    except ValueError:
        if expects_answer:
            notice = {"content": PHRASES["oa_unavailable"]}
            line_id = realm.ids.fresh("notice", 20)
            realm.say(account.name, customer, speaker="platform", msgtype="text", body=notice, line_id=line_id)
        return
    line_id = realm.ids.fresh("passive", 20)
    realm.say(account.name, customer, speaker="bot", msgtype=msgtype, body=content, line_id=line_id, name=account.title)


def read_reply(account: OfficialAccount, customer: Customer, body: str, limits: Limits) -> tuple[str, Json]:
    """Read msgtype and body of a passive reply. Raises ValueError for whatever the platform would not show."""
    fields = open_reply(account, body)
    if fields.get("ToUserName") != customer.openid or fields.get("FromUserName") != account.receiver:
        raise ValueError("ToUserName and FromUserName must be swapped")
    if not str(fields.get("CreateTime", "")).isdigit():
        raise ValueError("CreateTime must be a number")
    match fields.get("MsgType"):
        case "text":
            content = str(fields.get("Content") or "")
            if not content or size(content) > limits.text_bytes:
                raise ValueError("Content is empty or too long")
            return "text", {"content": content}
        case "image" | "voice" | "video" as kind:
            return kind, {"media_id": _media_id(fields.get(kind.capitalize()))}
        case "news":
            return "news", {"articles": _articles(fields.get("Articles"))}
        case "transfer_customer_service":
            return "transfer_customer_service", {}
        case _:
            raise ValueError("unknown MsgType")


def _media_id(value: object) -> str:
    media_id = value.get("MediaId") if isinstance(value, dict) else None
    if not isinstance(media_id, str) or not media_id:
        raise ValueError("MediaId is required")
    return media_id


def _articles(value: object) -> list[Json]:
    items = value.get("item") if isinstance(value, dict) else value
    items = items if isinstance(items, list) else [items]
    if len(items) != 1 or not isinstance(items[0], dict):
        raise ValueError("exactly one article")
    item = items[0]
    return [{"title": item.get("Title"), "description": item.get("Description"), "url": item.get("Url")}]
