"""Calls about customers and members have the shape the platform wants."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from bot.platform.calls import directory, external_contact
from bot.platform.calls.external_contact import ContactWay
from tests.platform.builder_cases import Case, untested

WAY = ContactWay(users=("zhangsan",), state="order-1")

CASES = [
    Case(
        partial(external_contact.batch_get_by_user, ["zhangsan"], "c"),
        "externalcontact/batch/get_by_user",
        {"userid_list": ["zhangsan"], "limit": 100, "cursor": "c"},
        repeatable=True,
    ),
    Case(
        partial(external_contact.remark, "zhangsan", "wm1", remark="爱用面霜"),
        "externalcontact/remark",
        {"userid": "zhangsan", "external_userid": "wm1", "remark": "爱用面霜"},
        repeatable=True,
    ),
    Case(partial(external_contact.get_corp_tag_list), "externalcontact/get_corp_tag_list", {}, repeatable=True),
    Case(
        partial(external_contact.add_corp_tag, ["干皮"], group_name="肤质", agent_id=7),
        "externalcontact/add_corp_tag",
        {"tag": [{"name": "干皮"}], "group_name": "肤质", "agentid": 7},
        repeatable=False,
    ),
    Case(
        partial(external_contact.edit_corp_tag, "et1", "油皮"),
        "externalcontact/edit_corp_tag",
        {"id": "et1", "name": "油皮"},
        repeatable=True,
    ),
    Case(
        partial(external_contact.del_corp_tag, ["et1"]),
        "externalcontact/del_corp_tag",
        {"tag_id": ["et1"]},
        repeatable=False,
    ),
    Case(
        partial(external_contact.mark_tag, "zhangsan", "wm1", add=["et1"], remove=["et2"]),
        "externalcontact/mark_tag",
        {"userid": "zhangsan", "external_userid": "wm1", "add_tag": ["et1"], "remove_tag": ["et2"]},
        repeatable=True,
    ),
    Case(
        partial(external_contact.add_contact_way, WAY),
        "externalcontact/add_contact_way",
        {"type": 1, "scene": 2, "skip_verify": True, "user": ["zhangsan"], "state": "order-1"},
        repeatable=False,
    ),
    Case(
        partial(external_contact.get_contact_way, "k1"),
        "externalcontact/get_contact_way",
        {"config_id": "k1"},
        repeatable=True,
    ),
    Case(
        partial(external_contact.update_contact_way, "k1", WAY),
        "externalcontact/update_contact_way",
        {"config_id": "k1", "skip_verify": True, "user": ["zhangsan"], "state": "order-1"},
        repeatable=True,
    ),
    Case(
        partial(external_contact.del_contact_way, "k1"),
        "externalcontact/del_contact_way",
        {"config_id": "k1"},
        repeatable=False,
    ),
    Case(
        partial(external_contact.send_welcome_msg, "w1", "欢迎"),
        "externalcontact/send_welcome_msg",
        {"welcome_code": "w1", "text": {"content": "欢迎"}},
        repeatable=False,
    ),
    Case(
        partial(external_contact.get_contact, "wm1"),
        "externalcontact/get",
        {"external_userid": "wm1"},
        repeatable=True,
        method="GET",
    ),
    Case(
        partial(external_contact.get_contact, "wm1", "c"),
        "externalcontact/get",
        {"external_userid": "wm1", "cursor": "c"},
        repeatable=True,
        method="GET",
    ),
    Case(
        partial(external_contact.list_contacts, "zhangsan"),
        "externalcontact/list",
        {"userid": "zhangsan"},
        repeatable=True,
        method="GET",
    ),
    Case(
        partial(external_contact.get_follow_user_list),
        "externalcontact/get_follow_user_list",
        None,
        repeatable=True,
        method="GET",
    ),
    Case(partial(directory.get_user_detail, "ut"), "auth/getuserdetail", {"user_ticket": "ut"}, repeatable=True),
    Case(partial(directory.user_get, "zhangsan"), "user/get", {"userid": "zhangsan"}, repeatable=True, method="GET"),
    Case(
        partial(directory.user_simplelist, 1), "user/simplelist", {"department_id": "1"}, repeatable=True, method="GET"
    ),
    Case(partial(directory.department_list), "department/list", None, repeatable=True, method="GET"),
    Case(partial(directory.department_list, 2), "department/list", {"id": "2"}, repeatable=True, method="GET"),
    Case(
        partial(directory.get_user_info, "code"), "auth/getuserinfo", {"code": "code"}, repeatable=False, method="GET"
    ),
    Case(partial(directory.get_callback_ip), "getcallbackip", None, repeatable=True, method="GET"),
    Case(partial(directory.get_api_domain_ip), "get_api_domain_ip", None, repeatable=True, method="GET"),
]

TOO_MUCH: list[Callable[[], object]] = [
    lambda: external_contact.batch_get_by_user(["u"] * 101),
    lambda: external_contact.mark_tag("u", "wm1"),
    lambda: external_contact.add_corp_tag(["t"]),
    lambda: external_contact.add_corp_tag(["t"], group_id="g", group_name="n"),
    lambda: external_contact.send_welcome_msg("w", "t", [{}] * 10),
    lambda: ContactWay(users=("u",), state="s" * 31),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.build.func.__name__)
def test_shape(case: Case) -> None:
    case.check()


@pytest.mark.parametrize("build", TOO_MUCH)
def test_what_the_platform_would_refuse_is_refused_here(build: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        build()


def test_every_builder_was_asked() -> None:
    assert untested((external_contact, directory), CASES) == set()
