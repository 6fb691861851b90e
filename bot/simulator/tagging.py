"""What can people do with tags in WeCom? Each of it is called back; what the API does is not [W 92130]."""

from __future__ import annotations

from bot.simulator.corp import Corp
from bot.simulator.corp_tags_api import drop_tag, group_of, make_tag, named
from bot.simulator.errors import NotPossible, PlatformError
from bot.simulator.kf_push import push_to_corp
from bot.simulator.people import Customer
from bot.simulator.realm import Realm


def member_tags(
    realm: Realm, corp: Corp, customer: Customer, userid: str, tag_name: tuple[str, str], *, on: bool
) -> None:
    """A member gives her customer a tag, or takes it (edit_external_contact); a new one is made for it.

    tag_name: of its group, its own.
    """
    group, name = tag_name
    try:
        relation = corp.relation(userid, customer.external_userid)
    except PlatformError as error:
        raise NotPossible(str(error)) from error
    tag = named(corp, group, name)
    if tag is None:
        tag = make_tag(realm, corp, group_of(realm, corp, group), name, app=0)
        push_to_corp(
            realm, corp, {"Event": "change_external_tag", "Id": tag.id, "TagType": "tag", "ChangeType": "create"}
        )
    (relation.tags.add if on else relation.tags.discard)(tag.id)
    fields = {"Event": "change_external_contact", "ChangeType": "edit_external_contact"}
    push_to_corp(realm, corp, {**fields, "UserID": userid, "ExternalUserID": customer.external_userid})
    realm.stream.publish({"member": userid})


def delete_tag(realm: Realm, corp: Corp, group: str, name: str) -> None:
    """Somebody deletes a tag in the admin console (change_external_tag); every customer loses it."""
    tag = named(corp, group, name)
    if tag is None:
        raise NotPossible(f"no tag {name!r} in {group!r}")
    drop_tag(corp, tag)
    push_to_corp(realm, corp, {"Event": "change_external_tag", "Id": tag.id, "TagType": "tag", "ChangeType": "delete"})
