"""Which calls concern a corp's customers (客户联系)? Contacts, remarks, tags, contact ways, welcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.channels.base import ApiCall
from bot.platform.calls._build import at_most, get, given, post

USERS = 100
STATE_CHARS = 30
ATTACHMENTS = 9


def get_contact(external_userid: str, cursor: str = "") -> ApiCall:
    """external_contact{name, unionid...}, follow_user[{userid, remark, tags, state}], next_cursor [W 92114]."""
    return get("externalcontact/get", {"external_userid": external_userid, **({"cursor": cursor} if cursor else {})})


def list_contacts(userid: str) -> ApiCall:
    """The customers of one member: external_userid[] [W 92113]."""
    return get("externalcontact/list", {"userid": userid})


def get_follow_user_list() -> ApiCall:
    """Members who may have customers: follow_user[] [W 92571]."""
    return get("externalcontact/get_follow_user_list")


def batch_get_by_user(userids: Sequence[str], cursor: str = "", limit: int = 100) -> ApiCall:
    """Customers of at most 100 members, a page at a time [W 92994]."""
    fields = {"userid_list": at_most("userid_list", userids, USERS), "limit": limit, **given(cursor=cursor)}
    return post("externalcontact/batch/get_by_user", fields, repeatable=True)


def remark(userid: str, external_userid: str, *, remark: str = "", description: str = "") -> ApiCall:
    """What the member notes about the customer [W 92115]."""
    changes = given(remark=remark, description=description)
    fields = {"userid": userid, "external_userid": external_userid, **changes}
    return post("externalcontact/remark", fields, repeatable=True)


def get_corp_tag_list(tag_ids: Sequence[str] = (), group_ids: Sequence[str] = ()) -> ApiCall:
    """The corp's tags: tag_group[{group_id, group_name, tag[{id, name}]}]; nothing named: all [W 92117]."""
    fields = given(tag_id=list(tag_ids), group_id=list(group_ids))
    return post("externalcontact/get_corp_tag_list", fields, repeatable=True)


def add_corp_tag(
    names: Sequence[str], *, group_id: str = "", group_name: str = "", agent_id: int | None = None
) -> ApiCall:
    """Create tags (names ≤ 30 characters) in a group, which is created if its name is new [W 92117].

    Raises ValueError unless exactly one of group_id and group_name is given.
    """
    if bool(group_id) == bool(group_name):
        raise ValueError("name the tag group either by group_id or by group_name")
    fields = {"tag": [{"name": name} for name in names], **given(group_id=group_id, group_name=group_name)}
    return post("externalcontact/add_corp_tag", {**fields, **given(agentid=agent_id)})


def edit_corp_tag(tag_or_group_id: str, name: str, agent_id: int | None = None) -> ApiCall:
    """Rename a tag or group of our own (others': 301002)."""
    fields = {"id": tag_or_group_id, "name": name, **given(agentid=agent_id)}
    return post("externalcontact/edit_corp_tag", fields, repeatable=True)


def del_corp_tag(tag_ids: Sequence[str] = (), group_ids: Sequence[str] = (), agent_id: int | None = None) -> ApiCall:
    """Delete tags or groups of our own."""
    return post("externalcontact/del_corp_tag", given(tag_id=list(tag_ids), group_id=list(group_ids), agentid=agent_id))


def mark_tag(userid: str, external_userid: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> ApiCall:
    """Give and take tags; needs a live follow relation (84061) and at most 5 at a time (45033) [W 92118]."""
    if not add and not remove:
        raise ValueError("mark_tag needs a tag to add or to remove")
    fields = {"userid": userid, "external_userid": external_userid}
    changes = given(add_tag=list(add), remove_tag=list(remove))
    return post("externalcontact/mark_tag", {**fields, **changes}, repeatable=True)


@dataclass(frozen=True, slots=True)
class ContactWay:
    """A "add me" QR code [W 92228]. state (≤ 30 characters) comes back in add_external_contact.

    kind: 1 one member, 2 several. scene: 1 mini-program, 2 QR code.
    """

    users: tuple[str, ...]
    state: str = ""
    remark: str = ""
    parties: tuple[int, ...] = ()
    skip_verify: bool = True
    kind: Literal[1, 2] = 1
    scene: Literal[1, 2] = 2

    def __post_init__(self) -> None:
        if len(self.state) > STATE_CHARS or len(self.remark) > STATE_CHARS:
            raise ValueError("state and remark of a contact way: at most 30 characters")


def add_contact_way(way: ContactWay) -> ApiCall:
    """Create it; answers config_id (keep it: without it the way cannot be changed) and qr_code."""
    return post("externalcontact/add_contact_way", {"type": way.kind, "scene": way.scene, **_way(way)})


def get_contact_way(config_id: str) -> ApiCall:
    """Read it: contact_way{...}."""
    return post("externalcontact/get_contact_way", {"config_id": config_id}, repeatable=True)


def update_contact_way(config_id: str, way: ContactWay) -> ApiCall:
    """Change it; kind and scene stay as they were created."""
    return post("externalcontact/update_contact_way", {"config_id": config_id, **_way(way)}, repeatable=True)


def del_contact_way(config_id: str) -> ApiCall:
    """Delete it."""
    return post("externalcontact/del_contact_way", {"config_id": config_id})


def send_welcome_msg(welcome_code: str, text: str, attachments: Sequence[Mapping[str, object]] = ()) -> ApiCall:
    """Greet a new contact within 20 s, once (41050, 41051) [W 92137]."""
    if len(attachments) > ATTACHMENTS:
        raise ValueError("a welcome has at most 9 attachments")
    fields = {"welcome_code": welcome_code, "text": {"content": text}}
    return post("externalcontact/send_welcome_msg", {**fields, **given(attachments=list(attachments))})


def _way(way: ContactWay) -> dict[str, object]:
    who = given(user=list(way.users), party=list(way.parties), state=way.state, remark=way.remark)
    return {"skip_verify": way.skip_verify, **who}
