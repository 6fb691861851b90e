"""Has every state of a session a defined consequence, and is no move tried that WeCom forbids?"""

from __future__ import annotations

from itertools import product

import pytest

from bot.domain import ChannelKind
from bot.following import REACHABLE, SPEAKABLE, Follow, served_in_client, what_follows
from bot.speech import AccountPlan

CLIENT = AccountPlan("corp", ChannelKind.WECOM_KF, "active", "client", "corp")
CONSOLE = AccountPlan("corp", ChannelKind.WECOM_KF, "active", "console", "corp")
OFFICIAL = AccountPlan("shop", ChannelKind.OFFICIAL_ACCOUNT, "active", "console", "corp")
HELD = [("bot", ""), ("queue", ""), ("agent", "lina")]


def follows(  # noqa: PLR0917 - a row of the table
    owner: str, agent: str, believed: int | None, state: int, servicer: str, plan: AccountPlan
) -> Follow:
    return what_follows(owner=owner, agent=agent, believed=believed, state=state, servicer=servicer, plan=plan)


@pytest.mark.parametrize(
    ("owner", "believed", "state", "servicer", "plan", "expected"),
    [
        ("agent", 3, 3, "lina", CLIENT, Follow.NOTHING),
        ("agent", 3, 3, "wanglei", CLIENT, Follow.TAKEN),
        ("queue", 2, 3, "wanglei", CLIENT, Follow.TAKEN),
        ("bot", 1, 3, "wanglei", CONSOLE, Follow.TAKEN),
        ("agent", 3, 2, "", CLIENT, Follow.WAITS),
        ("bot", 1, 2, "", CLIENT, Follow.WAITS),
        ("queue", 2, 2, "", CLIENT, Follow.NOTHING),
        ("queue", 2, 1, "", CLIENT, Follow.TO_POOL),
        ("queue", 2, 0, "", CONSOLE, Follow.NOTHING),
        ("agent", 3, 0, "", CLIENT, Follow.WAITS),
        ("agent", 1, 1, "", CLIENT, Follow.TO_AGENT),
        ("agent", 1, 1, "", CONSOLE, Follow.NOTHING),
        ("agent", 3, 4, "", CLIENT, Follow.OVER),
        ("agent", 2, 4, "", CLIENT, Follow.CUT_OFF),
        ("agent", 1, 4, "", CONSOLE, Follow.CUT_OFF),
        ("queue", 2, 4, "", CLIENT, Follow.CUT_OFF),
        ("bot", 1, 4, "", CLIENT, Follow.NOTHING),
    ],
)
def test_the_table(  # noqa: PLR0917 - a row of the table
    owner: str, believed: int, state: int, servicer: str, plan: AccountPlan, expected: Follow
) -> None:
    assert follows(owner, "lina" if owner == "agent" else "", believed, state, servicer, plan) is expected


def test_an_end_is_not_hers_where_we_wanted_to_go_on() -> None:
    seen = {"owner": "agent", "agent": "lina", "believed": 3, "servicer": "", "plan": CLIENT}
    assert what_follows(**seen, state=4, moving=True) is Follow.CUT_OFF  # type: ignore[arg-type] # a row of the table
    assert what_follows(**seen, state=3, moving=True) is Follow.NOTHING  # type: ignore[arg-type] # a row of the table


def test_every_case_has_a_consequence_that_settles_it() -> None:
    for (owner, agent), believed, state, servicer, plan in product(
        HELD, [None, 0, 1, 2, 3, 4], range(5), ["", "lina", "wanglei"], [CLIENT, CONSOLE]
    ):
        follow = follows(owner, agent, believed, state, servicer if state == 3 else "", plan)
        if follow is Follow.TO_POOL:
            assert 2 in REACHABLE[state]
        if follow is Follow.TO_AGENT:
            assert 3 in REACHABLE[state]
        if follow is Follow.NOTHING and owner == "bot":
            assert state in SPEAKABLE | {4} or (state == 3 and not servicer)


def test_where_people_serve_follows_the_account_and_where_the_session_is() -> None:
    assert served_in_client(CLIENT, None)
    assert not served_in_client(CONSOLE, 1)
    assert served_in_client(CONSOLE, 2)
    assert served_in_client(CONSOLE, 3)
    assert not served_in_client(CONSOLE, 4)
    assert not served_in_client(OFFICIAL, None)
