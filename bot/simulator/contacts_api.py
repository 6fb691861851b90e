"""What do the external-contact calls answer?

Source: wechat-platform §4.5.
"""

from __future__ import annotations

from urllib.parse import quote

from bot.simulator.calls import CorpCall, CorpEndpoint
from bot.simulator.corp import Relation, Tag
from bot.simulator.errors import PlatformError
from bot.simulator.values import Fields, Json, epoch


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


def corp_tags(call: CorpCall) -> Json:
    """externalcontact/get_corp_tag_list, by tag_id or group_id."""
    tag_ids, group_ids = set(call.fields.texts("tag_id")), set(call.fields.texts("group_id"))
    if unknown := tag_ids - set(call.corp.tags):
        raise PlatformError(40068, ", ".join(sorted(unknown)))
    groups: dict[str, Json] = {}
    members: dict[str, list[Json]] = {}
    for tag in call.corp.tags.values():
        if (tag_ids or group_ids) and tag.id not in tag_ids and tag.group_id not in group_ids:
            continue
        members.setdefault(tag.group_id, []).append(_tag(tag))
        groups[tag.group_id] = {"group_id": tag.group_id, "group_name": tag.group_name}
    return {"tag_group": [{**group, "tag": members[group_id]} for group_id, group in groups.items()]}


def add_corp_tag(call: CorpCall) -> Json:
    """externalcontact/add_corp_tag into a group by id or name; names of 1 to 30 characters, each once a group."""
    group_id, group_name = _group(call)
    added: list[Json] = []
    for item in call.fields.groups("tag"):
        name = item.text("name")
        known = {tag.name for tag in call.corp.tags.values() if tag.group_id == group_id}
        if len(name) > call.realm.limits.tag_name_chars or name in known:
            raise PlatformError(40058, f"tag {name}")
        tag = Tag(call.realm.ids.fresh("et", 30), name, group_id, group_name, call.realm.now())
        call.corp.tags[tag.id] = tag
        added.append(_tag(tag))
    return {"tag_group": {"group_id": group_id, "group_name": group_name, "tag": added}}


def mark_tag(call: CorpCall) -> Json:
    """externalcontact/mark_tag: needs a live relation (84061) and existing tags (40068)."""
    relation = call.corp.relation(call.fields.text("userid"), call.fields.text("external_userid"))
    add, remove = call.fields.texts("add_tag"), call.fields.texts("remove_tag")
    if not add and not remove:
        raise PlatformError(40058, "add_tag or remove_tag")
    if unknown := set(add + remove) - set(call.corp.tags):
        raise PlatformError(40068, ", ".join(sorted(unknown)))
    relation.tags = (relation.tags | set(add)) - set(remove)
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


def _tag(tag: Tag) -> Json:
    return {"id": tag.id, "name": tag.name, "create_time": epoch(tag.created_at), "order": 0}


def _group(call: CorpCall) -> tuple[str, str]:
    wanted_id, wanted_name = call.fields.text("group_id", ""), call.fields.text("group_name", "")
    for tag in call.corp.tags.values():
        if tag.group_id == wanted_id or (wanted_name and tag.group_name == wanted_name):
            return tag.group_id, tag.group_name
    if wanted_id:
        raise PlatformError(40068, wanted_id)
    Fields({"group_name": wanted_name}).text("group_name")
    return call.realm.ids.fresh("et", 30), wanted_name


ENDPOINTS = (
    CorpEndpoint("POST", "/cgi-bin/externalcontact/add_contact_way", "contact", add_contact_way),
    CorpEndpoint("POST", "/cgi-bin/externalcontact/add_corp_tag", "contact", add_corp_tag),
    CorpEndpoint("GET", "/cgi-bin/externalcontact/get", "contact", get_contact),
    CorpEndpoint("POST", "/cgi-bin/externalcontact/get_corp_tag_list", "contact", corp_tags),
    CorpEndpoint("GET", "/cgi-bin/externalcontact/list", "contact", list_contacts),
    CorpEndpoint("POST", "/cgi-bin/externalcontact/mark_tag", "contact", mark_tag),
    CorpEndpoint("POST", "/cgi-bin/externalcontact/remark", "contact", remark),
    CorpEndpoint("POST", "/cgi-bin/externalcontact/send_welcome_msg", "contact", send_welcome),
)
