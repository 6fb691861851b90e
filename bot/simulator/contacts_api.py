"""What do the external-contact calls answer, tags left out?

Source: wechat-platform §4.5.
"""

from __future__ import annotations

from urllib.parse import quote

from bot.simulator.calls import CorpCall, CorpEndpoint
from bot.simulator.corp import Relation
from bot.simulator.errors import PlatformError
from bot.simulator.values import Json, epoch


def get_contact(call: CorpCall) -> Json:
    """externalcontact/get: the person and who follows her. Raises PlatformError 40096, 84061."""
    external = call.fields.text("external_userid")
    customer = call.realm.knows(external)
    if customer is None or customer.external_userid != external:
        raise PlatformError(40096, external)
    relations = call.corp.relations.get(external)
    if not relations:
        raise PlatformError(84061)
    contact: Json = {"external_userid": external, "name": customer.nickname, "type": 1, "gender": customer.gender}
    if customer.unionid:
        contact["unionid"] = customer.unionid
    follow = [_follow_user(call, relation) for relation in relations.values()]
    return {"external_contact": contact, "follow_user": follow, "next_cursor": ""}


def list_contacts(call: CorpCall) -> Json:
    """externalcontact/list of one member. Raises PlatformError 60111, 84061."""
    userid = call.fields.text("userid")
    if userid not in call.corp.members:
        raise PlatformError(60111, userid)
    found = [external for external, relations in call.corp.relations.items() if userid in relations]
    if not found:
        raise PlatformError(84061)
    return {"external_userid": found}


def remark(call: CorpCall) -> Json:
    """externalcontact/remark."""
    relation = call.corp.relation(call.fields.text("userid"), call.fields.text("external_userid"))
    relation.remark = call.fields.text("remark", relation.remark)
    return {}


def add_contact_way(call: CorpCall) -> Json:
    """externalcontact/add_contact_way: config_id and a code that the simulator's phone can open."""
    if call.fields.number("type") not in (1, 2) or call.fields.number("scene") not in (1, 2):
        raise PlatformError(40058, "type or scene")
    state = call.fields.text("state", "")
    if len(state) > call.realm.limits.state_chars:
        raise PlatformError(40058, "state")
    users = call.fields.texts("user")
    if not users or any(userid not in call.corp.members for userid in users):
        raise PlatformError(40058, "user")
    config_id = call.realm.ids.fresh(chars=32)
    call.corp.contact_ways[config_id] = {"user": users, "state": state}
    url = f"{call.origin}/phone?corp={call.corp.name}&add={quote(users[0])}&state={quote(state)}"
    return {"config_id": config_id, "qr_code": url}


def send_welcome(call: CorpCall) -> Json:
    """externalcontact/send_welcome_msg: once, within 20 s of the add (41050)."""
    code = call.fields.text("welcome_code")
    known = call.corp.contact_codes.pop(code, None)
    if known is None or call.realm.now() >= known[1]:
        raise PlatformError(41050)
    body: Json = dict(call.fields.group("text").values) if "text" in call.fields else {}
    customer = call.realm.customer(known[0])
    line_id = call.realm.ids.fresh("welcome", 20)
    call.realm.say(
        call.corp.name, customer, speaker="bot", msgtype="text", body=body, line_id=line_id, name=call.corp.title
    )
    return {}


def _follow_user(call: CorpCall, relation: Relation) -> Json:
    tags = [call.corp.tags[tag_id] for tag_id in sorted(relation.tags)]
    listed = [{"group_name": tag.group_name, "tag_name": tag.name, "tag_id": tag.id, "type": 1} for tag in tags]
    return {
        "userid": relation.userid,
        "remark": relation.remark,
        "createtime": epoch(relation.added_at),
        "tags": listed,
        "state": relation.state,
        "add_way": 1,
    }


ENDPOINTS = (
    CorpEndpoint("POST", "/cgi-bin/externalcontact/add_contact_way", "contact", add_contact_way),
    CorpEndpoint("GET", "/cgi-bin/externalcontact/get", "contact", get_contact),
    CorpEndpoint("GET", "/cgi-bin/externalcontact/list", "contact", list_contacts),
    CorpEndpoint("POST", "/cgi-bin/externalcontact/remark", "contact", remark),
    CorpEndpoint("POST", "/cgi-bin/externalcontact/send_welcome_msg", "contact", send_welcome),
)
