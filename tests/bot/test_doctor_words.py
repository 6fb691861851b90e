"""Does the doctor say all that it finds of accounts in both languages, with the same figures and advice?"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from string import Formatter

import pytest

from bot.doctor_line import Finding

CATALOGUE = tomllib.loads((files("bot") / "doctor.toml").read_text(encoding="utf-8"))
FOUND = [(check, what) for check, said in CATALOGUE["en"].items() if check != "names" for what in said]


def named(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


@pytest.mark.parametrize(("check", "what"), FOUND)
def test_each_finding_is_said_in_chinese_too(check: str, what: str) -> None:
    english, chinese = (CATALOGUE[each][check][what] for each in ("en", "zh"))
    assert english.keys() == chinese.keys()
    assert {part: named(words) for part, words in english.items()} == {
        part: named(words) for part, words in chinese.items()
    }


def test_nothing_is_said_in_one_language_alone() -> None:
    english, chinese = (
        {(check, what) for check, said in CATALOGUE[each].items() for what in said} for each in CATALOGUE
    )
    assert english == chinese


def test_a_finding_that_any_check_may_have_goes_by_the_name_of_the_check() -> None:
    found = Finding("token", "unreachable", False, {"account": "shop", "error": "refused"})
    assert [found.line(each).name for each in ("en", "zh")] == ["shop: token", "shop：访问令牌"]
    assert "refused" in found.line("zh").detail
