"""Calls about the session archive have the shape the platform wants, and keep its limits."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from bot.platform import all_credentials, archive_account
from bot.platform.calls import msgaudit
from bot.platform.errors import RateLimited
from bot.platform.limits import Limits
from bot.platform.shared import SharedStore
from bot.settings import ArchiveAccess, LimitSettings
from tests.platform.builder_cases import Case, untested
from tests.platform.conftest import Clock
from tests.platform.test_accounts import corp, shop

CASES = [
    Case(partial(msgaudit.get_permit_user_list), "msgaudit/get_permit_user_list", {}, repeatable=True),
    Case(partial(msgaudit.get_permit_user_list, 2), "msgaudit/get_permit_user_list", {"type": 2}, repeatable=True),
    Case(
        partial(msgaudit.check_single_agree, [("lina", "wm1")]),
        "msgaudit/check_single_agree",
        {"info": [{"userid": "lina", "exteranalopenid": "wm1"}]},
        repeatable=True,
    ),
    Case(partial(msgaudit.check_room_agree, "wr1"), "msgaudit/check_room_agree", {"roomid": "wr1"}, repeatable=True),
    Case(partial(msgaudit.group_chat, "wr1"), "msgaudit/groupchat/get", {"roomid": "wr1"}, repeatable=True),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.build.func.__name__)
def test_shape(case: Case) -> None:
    case.check()


def test_every_builder_was_asked() -> None:
    assert untested((msgaudit,), CASES) == set()


def test_more_than_a_hundred_pairs_are_refused_here() -> None:
    with pytest.raises(ValueError, match="101 given"):
        msgaudit.check_single_agree([("lina", "wm1")] * 101)


def test_the_archive_has_credentials_of_its_own() -> None:
    access = ArchiveAccess.model_validate({"secret": "archive-secret", "private_keys": {}, "library": "lib.so"})
    plain, archived = all_credentials([shop(), corp().model_copy(update={"archive": access})])[1:]
    assert (archived.account, archived.secret.get_secret_value()) == (archive_account("corp"), "archive-secret")
    assert archived.owner == plain.owner  # the platform counts by corp
    assert archived.token_key != plain.token_key
    assert "archive-secret" not in repr(archived) + archived.token_key


@pytest.mark.parametrize(
    ("call", "limit"), [("msgaudit/check_single_agree", 2_500), ("msgaudit/check_room_agree", 1_500)]
)
async def test_each_question_about_consent_has_its_own_limit(clock: Clock, call: str, limit: int) -> None:
    limits = Limits(SharedStore(None, clock.now), LimitSettings(), clock.now, clock.sleep)
    (credentials,) = all_credentials([corp()])
    for _ in range(limit // 10 - 1):  # the burst: a tenth of a minute's
        await limits.admit(credentials, call, 0.0)
    with pytest.raises(RateLimited):
        await asyncio.gather(*(limits.admit(credentials, call, 0.0) for _ in range(2)))
