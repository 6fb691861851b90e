"""What do the calls about a corp's tags answer?

Source: wechat-platform §4.2 (45033), §4.5. What the API changes causes no callback [W 92130].
"""

from __future__ import annotations

from collections.abc import Callable

from bot.simulator.calls import CorpCall, CorpEndpoint
from bot.simulator.corp import Corp, Tag
from bot.simulator.errors import PlatformError
from bot.simulator.realm import Realm
from bot.simulator.values import Json, epoch

MARK_TAG = "/cgi-bin/externalcontact/mark_tag"


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
    names = [item.text("name") for item in call.fields.groups("tag")]
    if not names:
        raise PlatformError(40058, "tag")
    if len(call.corp.tags) + len(names) > call.realm.limits.corp_tags:
        raise PlatformError(40126)
    for place, name in enumerate(names):
        if len(name) > call.realm.limits.tag_name_chars:
            raise PlatformError(40058, f"tag {name}")
        if named(call.corp, group_name, name) is not None or name in names[:place]:
            raise PlatformError(40058, f"tag {name}")
    added = [make_tag(call.realm, call.corp, (group_id, group_name), name, app=call.app.agent_id) for name in names]
    return {"tag_group": {"group_id": group_id, "group_name": group_name, "tag": [_tag(tag) for tag in added]}}


def edit_corp_tag(call: CorpCall) -> Json:
    """externalcontact/edit_corp_tag: a tag or group of the app's own (301002), to a name that is free."""
    wanted, name = call.fields.text("id"), call.fields.text("name")
    found = _own(call, lambda tag: wanted in {tag.id, tag.group_id})
    for tag in found:
        is_group = tag.group_id == wanted
        if not is_group and named(call.corp, tag.group_name, name) not in {None, tag}:
            raise PlatformError(40058, name)
        group_name, tag_name = (name, tag.name) if is_group else (tag.group_name, name)
        call.corp.tags[tag.id] = Tag(tag.id, tag_name, tag.group_id, group_name, tag.created_at, tag.app)
    return {}


def del_corp_tag(call: CorpCall) -> Json:
    """externalcontact/del_corp_tag: tags and groups of the app's own (301002); customers lose them."""
    tag_ids, group_ids = set(call.fields.texts("tag_id")), set(call.fields.texts("group_id"))
    for tag in _own(call, lambda tag: tag.id in tag_ids or tag.group_id in group_ids):
        drop_tag(call.corp, tag)
    return {}


def mark_tag(call: CorpCall) -> Json:
    """externalcontact/mark_tag: needs a live relation (84061), existing tags (40068), at most 3,000 on her."""
    relation = call.corp.relation(call.fields.text("userid"), call.fields.text("external_userid"))
    add, remove = call.fields.texts("add_tag"), call.fields.texts("remove_tag")
    if not add and not remove:
        raise PlatformError(40058, "add_tag or remove_tag")
    if unknown := set(add + remove) - set(call.corp.tags):
        raise PlatformError(40068, ", ".join(sorted(unknown)))
    tags = (relation.tags | set(add)) - set(remove)
    if len(tags) > call.realm.limits.relation_tags:
        raise PlatformError(45059)
    relation.tags = tags
    call.realm.stream.publish({"member": relation.userid})
    return {}


def named(corp: Corp, group_name: str, name: str) -> Tag | None:
    """The tag of this name in the group of that name."""
    return next((tag for tag in corp.tags.values() if (tag.group_name, tag.name) == (group_name, name)), None)


def make_tag(realm: Realm, corp: Corp, group: tuple[str, str], name: str, *, app: int) -> Tag:
    """Let a tag exist. group: its id and name."""
    tag = Tag(realm.ids.fresh("et", 30), name, *group, realm.now(), app)
    corp.tags[tag.id] = tag
    return tag


def drop_tag(corp: Corp, tag: Tag) -> None:
    """The tag is gone, and so it is from every customer."""
    del corp.tags[tag.id]
    for relations in corp.relations.values():
        for relation in relations.values():
            relation.tags.discard(tag.id)


def group_of(realm: Realm, corp: Corp, wanted_name: str) -> tuple[str, str]:
    """Id and name of the group of that name; a fresh id where there is none."""
    known = next((tag.group_id for tag in corp.tags.values() if tag.group_name == wanted_name), "")
    return known or realm.ids.fresh("et", 30), wanted_name


def _own(call: CorpCall, is_meant: Callable[[Tag], bool]) -> list[Tag]:
    found = [tag for tag in call.corp.tags.values() if is_meant(tag)]
    if not found:
        raise PlatformError(40068)
    if any(tag.app != call.app.agent_id for tag in found):
        raise PlatformError(301002)
    return found


def _tag(tag: Tag) -> Json:
    return {"id": tag.id, "name": tag.name, "create_time": epoch(tag.created_at), "order": 0}


def _group(call: CorpCall) -> tuple[str, str]:
    if wanted_id := call.fields.text("group_id", ""):
        for tag in call.corp.tags.values():
            if tag.group_id == wanted_id:
                return tag.group_id, tag.group_name
        raise PlatformError(40068, wanted_id)
    return group_of(call.realm, call.corp, call.fields.text("group_name"))


ENDPOINTS = (
    CorpEndpoint("POST", "/cgi-bin/externalcontact/add_corp_tag", "contact", add_corp_tag),
    CorpEndpoint("POST", "/cgi-bin/externalcontact/del_corp_tag", "contact", del_corp_tag),
    CorpEndpoint("POST", "/cgi-bin/externalcontact/edit_corp_tag", "contact", edit_corp_tag),
    CorpEndpoint("POST", "/cgi-bin/externalcontact/get_corp_tag_list", "contact", corp_tags),
    CorpEndpoint("POST", MARK_TAG, "contact", mark_tag),
)
