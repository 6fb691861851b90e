"""Calls of 微信客服 have the shape the platform wants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest

from bot.platform.calls import kf, kf_admin, kf_knowledge
from tests.platform.builder_cases import Case, untested

FROM, UNTIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
SPAN = {"start_time": 1772323200, "end_time": 1772409600}
INTENT = {
    "question": {"text": {"content": "怎么退货"}},
    "similar_questions": {"items": [{"text": {"content": "我要退货"}}]},
    "answers": [{"text": {"content": "七天内可退"}}],
}

CASES = [
    Case(
        partial(kf.sync_msg, "wk1"),
        "kf/sync_msg",
        {"open_kfid": "wk1", "limit": 1000, "voice_format": 0},
        repeatable=True,
    ),
    Case(
        partial(kf.sync_msg, "wk1", cursor="c", token="t", limit=10, voice_format=1),
        "kf/sync_msg",
        {"open_kfid": "wk1", "limit": 10, "voice_format": 1, "cursor": "c", "token": "t"},
        repeatable=True,
    ),
    Case(
        partial(kf.service_state_get, "wk1", "wm1"),
        "kf/service_state/get",
        {"open_kfid": "wk1", "external_userid": "wm1"},
        repeatable=True,
    ),
    Case(
        partial(kf.service_state_trans, "wk1", "wm1", 2),
        "kf/service_state/trans",
        {"open_kfid": "wk1", "external_userid": "wm1", "service_state": 2},
        repeatable=False,
    ),
    Case(
        partial(kf.service_state_trans, "wk1", "wm1", 3, "zhangsan"),
        "kf/service_state/trans",
        {"open_kfid": "wk1", "external_userid": "wm1", "service_state": 3, "servicer_userid": "zhangsan"},
        repeatable=False,
    ),
    Case(
        partial(kf.customer_batchget, ["wm1"], with_enter_session=True),
        "kf/customer/batchget",
        {"external_userid_list": ["wm1"], "need_enter_session_context": 1},
        repeatable=True,
    ),
    Case(
        partial(kf.upgrade_service_member, "wk1", "wm1", "zhangsan", "您好"),
        "kf/customer/upgrade_service",
        {
            "open_kfid": "wk1",
            "external_userid": "wm1",
            "type": 1,
            "member": {"userid": "zhangsan", "wording": "您好"},
        },
        repeatable=False,
    ),
    Case(
        partial(kf.upgrade_service_groupchat, "wk1", "wm1", "wr1"),
        "kf/customer/upgrade_service",
        {"open_kfid": "wk1", "external_userid": "wm1", "type": 2, "groupchat": {"chat_id": "wr1"}},
        repeatable=False,
    ),
    Case(
        partial(kf.cancel_upgrade_service, "wk1", "wm1"),
        "kf/customer/cancel_upgrade_service",
        {"open_kfid": "wk1", "external_userid": "wm1"},
        repeatable=True,
    ),
    Case(partial(kf_admin.account_list), "kf/account/list", {"offset": 0, "limit": 100}, repeatable=True),
    Case(
        partial(kf_admin.account_add, "客服", "m1"),
        "kf/account/add",
        {"name": "客服", "media_id": "m1"},
        repeatable=False,
    ),
    Case(
        partial(kf_admin.account_update, "wk1", name="新名"),
        "kf/account/update",
        {"open_kfid": "wk1", "name": "新名"},
        repeatable=True,
    ),
    Case(partial(kf_admin.account_del, "wk1"), "kf/account/del", {"open_kfid": "wk1"}, repeatable=False),
    Case(
        partial(kf_admin.add_contact_way, "wk1", "ad"),
        "kf/add_contact_way",
        {"open_kfid": "wk1", "scene": "ad"},
        repeatable=True,
    ),
    Case(
        partial(kf_admin.servicer_add, "wk1", ["zhangsan"]),
        "kf/servicer/add",
        {"open_kfid": "wk1", "userid_list": ["zhangsan"]},
        repeatable=True,
    ),
    Case(
        partial(kf_admin.servicer_del, "wk1", department_ids=[2]),
        "kf/servicer/del",
        {"open_kfid": "wk1", "department_id_list": [2]},
        repeatable=True,
    ),
    Case(
        partial(kf_admin.get_corp_statistic, FROM, UNTIL, "wk1"),
        "kf/get_corp_statistic",
        {"open_kfid": "wk1", **SPAN},
        repeatable=True,
    ),
    Case(
        partial(kf_admin.get_servicer_statistic, FROM, UNTIL, servicer_userid="zhangsan"),
        "kf/get_servicer_statistic",
        {"servicer_userid": "zhangsan", **SPAN},
        repeatable=True,
    ),
    Case(
        partial(kf_admin.servicer_list, "wk1"), "kf/servicer/list", {"open_kfid": "wk1"}, repeatable=True, method="GET"
    ),
    Case(partial(kf_knowledge.add_group, "售后"), "kf/knowledge/add_group", {"name": "售后"}, repeatable=False),
    Case(
        partial(kf_knowledge.mod_group, "g1", "售前"),
        "kf/knowledge/mod_group",
        {"group_id": "g1", "name": "售前"},
        repeatable=True,
    ),
    Case(partial(kf_knowledge.del_group, "g1"), "kf/knowledge/del_group", {"group_id": "g1"}, repeatable=False),
    Case(
        partial(kf_knowledge.list_group, "c"), "kf/knowledge/list_group", {"limit": 100, "cursor": "c"}, repeatable=True
    ),
    Case(
        partial(kf_knowledge.add_intent, "g1", "怎么退货", ["我要退货"], "七天内可退"),
        "kf/knowledge/add_intent",
        {"group_id": "g1", **INTENT},
        repeatable=False,
    ),
    Case(
        partial(kf_knowledge.mod_intent, "i1", "怎么退货", ["我要退货"], "七天内可退"),
        "kf/knowledge/mod_intent",
        {"intent_id": "i1", **INTENT},
        repeatable=True,
    ),
    Case(partial(kf_knowledge.del_intent, "i1"), "kf/knowledge/del_intent", {"intent_id": "i1"}, repeatable=False),
    Case(
        partial(kf_knowledge.list_intent, group_id="g1"),
        "kf/knowledge/list_intent",
        {"limit": 100, "group_id": "g1"},
        repeatable=True,
    ),
]

TOO_MUCH: list[Callable[[], object]] = [
    lambda: kf.customer_batchget(["wm"] * 101),
    lambda: kf.service_state_trans("wk1", "wm1", 3),
    lambda: kf_admin.servicer_add("wk1"),
    lambda: kf_admin.servicer_add("wk1", ["u"] * 101),
    lambda: kf_admin.servicer_add("wk1", department_ids=[1] * 21),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.build.func.__name__)
def test_shape(case: Case) -> None:
    case.check()


@pytest.mark.parametrize("build", TOO_MUCH)
def test_what_the_platform_would_refuse_is_refused_here(build: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        build()


def test_every_builder_was_asked() -> None:
    assert untested((kf, kf_admin, kf_knowledge), CASES) == set()
