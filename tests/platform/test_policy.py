"""Every code of the reference has a row, and every row tells an engineer what to do."""

from __future__ import annotations

import pytest

from bot.platform.errors import refusal
from bot.platform.policy import POLICIES, Category, Verdict

OFFICIAL_ACCOUNT = """-1 40001 40003 40014 40029 40163 42001 43004 43019 45009 45011 45015 45047 45098 45162 45002
45056 45057 45058 45059 45072 45080 45081 45157 45158 48001 48004 48006 50002 61450 61458 61459 65400
40164 89503 40243"""
KF = """95000 95001 95002 95003 95004 95005 95006 95007 95008 95009 95011 95012 95013 95014 95015 95016 95017 95018
95019 95022 95023 95026 95027 95030 95031 95032 40096 40201"""
WECOM = """40001 40003 40013 40014 40029 40056 40058 40068 40091 40093 40096 40201 41001 42001 42012 42022 43012 45002
45009 45033 48002 50001 50002 50003 60011 60020 60111 60123 81013 82001 84061 84074 84084 86001 86003 86008 86215
301002 41050 41051 41053 41096"""
ARCHIVE = "301042 301052 301053 301058 301059 301060 301061 48002"
CODES = sorted({int(code) for code in f"{OFFICIAL_ACCOUNT} {KF} {WECOM} {ARCHIVE}".split()})


@pytest.mark.parametrize("code", CODES)
def test_every_code_of_the_reference_has_a_row(code: int) -> None:
    assert POLICIES.codes[code].category is not Category.UNKNOWN


@pytest.mark.parametrize(
    ("codes", "verdict", "category"),
    [
        ((-1, 41096, 61450), Verdict.RETRY, Category.BUSY),
        ((40001, 40014, 42001), Verdict.REFRESH, Category.TOKEN),
        ((45009, 45011, 45033), Verdict.WAIT, Category.RATE),
        ((95001, 45047), Verdict.GIVE_UP, Category.BUDGET),
        ((95002, 45015, 41050), Verdict.GIVE_UP, Category.WINDOW),
        ((95013, 95014, 95016, 95018, 95019), Verdict.GIVE_UP, Category.STATE),
        ((48002, 95011, 95012), Verdict.GIVE_UP, Category.PERMISSION),
        ((60020, 40164, 301042), Verdict.GIVE_UP, Category.NETWORK_IP),
        ((84061,), Verdict.GIVE_UP, Category.RELATION),
    ],
)
def test_what_callers_rely_on(codes: tuple[int, ...], verdict: Verdict, category: Category) -> None:
    for code in codes:
        row = POLICIES.codes[code]
        assert (row.verdict, row.category) == (verdict, category), code


@pytest.mark.parametrize("code", sorted({*POLICIES.codes, *POLICIES.token_endpoint}))
def test_advice_is_a_chinese_sentence_without_open_places(code: int) -> None:
    for buying in (False, True):
        advice = refusal("shop", "x", code, "no address here", buying_token=buying).advice
        assert advice.endswith("。")
        assert any("\u4e00" <= char <= "\u9fff" for char in advice)
        assert "{" not in advice


def test_buying_a_token_never_asks_for_a_new_token() -> None:
    for code in POLICIES.codes:
        assert POLICIES.of(code, buying_token=True).verdict is not Verdict.REFRESH


def test_an_unknown_code_is_given_up_and_said_so() -> None:
    error = refusal("shop", "x", 7_654_321, "news")
    assert (error.verdict, error.category) == (Verdict.GIVE_UP, Category.UNKNOWN)
    assert "7654321" in str(error)


@pytest.mark.parametrize(
    ("errmsg", "ip"),
    [
        ("not allow to access from your ip, hint: [1], from ip: 203.0.113.7, more info", "203.0.113.7"),
        ("invalid ip 198.51.100.2 ipv6 ::ffff:198.51.100.2, not in whitelist", "198.51.100.2"),
        ("from ip: 2001:db8:0:0:0:0:0:1", "2001:db8:0:0:0:0:0:1"),
        ("no address", "errmsg"),
    ],
)
def test_the_ip_in_the_advice(errmsg: str, ip: str) -> None:
    assert ip in refusal("corp", "x", 60020, errmsg).advice
