"""Calls of official accounts have the shape the platform wants."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from bot.platform.calls import official_account
from tests.platform.builder_cases import Case, untested

CASES = [
    Case(
        partial(official_account.typing, "o1", on=False),
        "message/custom/typing",
        {"touser": "o1", "command": "CancelTyping"},
        repeatable=True,
    ),
    Case(
        partial(official_account.user_info_batchget, ["o1"]),
        "user/info/batchget",
        {"user_list": [{"openid": "o1", "lang": "zh_CN"}]},
        repeatable=True,
    ),
    Case(
        partial(official_account.qrcode_create, "ad-1", expire_s=60),
        "qrcode/create",
        {
            "expire_seconds": 60,
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": "ad-1"}},
        },
        repeatable=True,
    ),
    Case(
        partial(official_account.qrcode_create, "ad-1", expire_s=None),
        "qrcode/create",
        {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "ad-1"}}},
        repeatable=True,
    ),
    Case(partial(official_account.tags_create, "熟客"), "tags/create", {"tag": {"name": "熟客"}}, repeatable=False),
    Case(
        partial(official_account.tags_update, 3, "熟客"),
        "tags/update",
        {"tag": {"id": 3, "name": "熟客"}},
        repeatable=True,
    ),
    Case(partial(official_account.tags_delete, 3), "tags/delete", {"tag": {"id": 3}}, repeatable=False),
    Case(partial(official_account.tags_of_user, "o1"), "tags/getidlist", {"openid": "o1"}, repeatable=True),
    Case(
        partial(official_account.tag_users, 3, ["o1"]),
        "tags/members/batchtagging",
        {"openid_list": ["o1"], "tagid": 3},
        repeatable=True,
    ),
    Case(
        partial(official_account.untag_users, 3, ["o1"]),
        "tags/members/batchuntagging",
        {"openid_list": ["o1"], "tagid": 3},
        repeatable=True,
    ),
    Case(
        partial(official_account.template_send, "o1", "T1", {"first": "您好"}, url="https://x"),
        "message/template/send",
        {"touser": "o1", "template_id": "T1", "url": "https://x", "data": {"first": {"value": "您好"}}},
        repeatable=False,
    ),
    Case(
        partial(official_account.template_send, "o1", "T1", {}, client_msg_id="m1"),
        "message/template/send",
        {"touser": "o1", "template_id": "T1", "client_msg_id": "m1", "data": {}},
        repeatable=True,
    ),
    Case(partial(official_account.clear_quota, "wx1"), "clear_quota", {"appid": "wx1"}, repeatable=False),
    Case(
        partial(official_account.quota_get, "/cgi-bin/x"),
        "openapi/quota/get",
        {"cgi_path": "/cgi-bin/x"},
        repeatable=True,
    ),
    Case(
        partial(official_account.callback_check, "dns"),
        "callback/check",
        {"action": "dns", "check_operator": "DEFAULT"},
        repeatable=True,
    ),
    Case(
        partial(official_account.user_info, "o1"),
        "user/info",
        {"openid": "o1", "lang": "zh_CN"},
        repeatable=True,
        method="GET",
    ),
    Case(partial(official_account.tags_get), "tags/get", None, repeatable=True, method="GET"),
    Case(partial(official_account.get_api_domain_ip), "get_api_domain_ip", None, repeatable=True, method="GET"),
]

TOO_MUCH: list[Callable[[], object]] = [
    lambda: official_account.user_info_batchget(["o"] * 101),
    lambda: official_account.tag_users(3, ["o"] * 51),
    lambda: official_account.qrcode_create(""),
    lambda: official_account.qrcode_create("s" * 65),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.build.func.__name__)
def test_shape(case: Case) -> None:
    case.check()


@pytest.mark.parametrize("build", TOO_MUCH)
def test_what_the_platform_would_refuse_is_refused_here(build: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        build()


def test_every_builder_was_asked() -> None:
    assert untested((official_account,), CASES) == set()
