"""Does the check name duplicates, contradictions and dead ends, and leave a sound library alone?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest

from knowledge_base import Finding, Link, Menu, MiniProgram, Picture, Script, Window, lint, read_scripts
from knowledge_base.findings import Kind
from knowledge_base.words import words
from tests.knowledge_base.samples import script

TODAY = date(2026, 3, 1)
FEE = script("fee", "邮费多少钱", answers={"default": "满 99 元包邮，不满收 8 元。"})
TIME = script("time", "多久能发货", answers={"default": "现货 48 小时内发出。"})


def found(*scripts: Script, folder: Path | None = None) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(each.kind, each.severity, each.scripts) for each in lint(scripts, today=TODAY, folder=folder)]


def only(*scripts: Script, folder: Path | None = None) -> Finding:
    (one,) = lint(scripts, today=TODAY, folder=folder)
    return one


def test_a_sound_library_has_no_findings() -> None:
    assert found(FEE, TIME) == []


@pytest.mark.parametrize(
    ("answer", "kinds"),
    [
        ("现货 72 小时内发出。", ["contradiction", "same_question"]),
        ("现货三天内发出。", ["contradiction", "same_question"]),
        ("现货两天内发出，下单后请留意短信。", ["same_question"]),
        ("您好，当天发。", ["same_question"]),
    ],
)
def test_one_question_in_two_scripts_and_what_their_answers_say(answer: str, kinds: list[str]) -> None:
    other = script("soon", "几点截单", "多久能发货？", answers={"default": answer})
    assert found(TIME, other) == [(kind, "error", ("time", "soon")) for kind in kinds]


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("请问你们支不支持七天无理由啊", ["contradiction"]),
        ("你们店支持七天无理由吗", ["contradiction"]),
        ("支持货到付款吗", []),
    ],
)
def test_a_yes_and_a_no_to_alike_questions_contradict(question: str, kinds: list[str]) -> None:
    yes = script("yes", "支持七天无理由吗", answers={"default": "支持七天无理由，未拆封就能退。"})
    no = script("no", question, answers={"default": "这个不支持，请谅解。"})
    assert [each.kind for each in lint((yes, no, FEE, TIME), today=TODAY)] == kinds


def test_the_contradiction_is_quoted() -> None:
    said = only(
        script("a", "包邮吗", answers={"default": "全场包邮。"}),
        script("b", "包不包邮", answers={"default": "这款不包邮哦。"}),
    )
    assert said.message == "问的是一件事（「包邮吗」「包不包邮」），答案却对不上：一边「包邮」，一边「不包邮」"
    assert said.remedy


@pytest.mark.parametrize(
    "other",
    [
        {"regions": ("新疆",)},
        {"tags": ("会员",)},
        {"channels": ("wecom_kf",)},
        {"hours": (Window(frozenset({5, 6})),)},
        {"valid_from": date(2026, 6, 1)},
    ],
)
def test_variants_for_others_may_share_questions_and_differ(other: dict[str, object]) -> None:
    first = replace(TIME, valid_until=date(2026, 5, 31))
    assert found(first, script("far", "多久能发货", answers={"default": "72 小时内发出。"}, **other)) == []


def test_alike_questions_and_equal_answers_are_named_once_a_pair() -> None:
    said = {"default": "饭前用纸巾抿一下，再薄涂一层散粉。"}
    one = script("one", "口红掉色怎么办啊朋友们", "口红总是掉色怎么办呀", answers=said)
    two = script("two", "口红掉色怎么办朋友们", "口红老是掉色怎么办呀", answers={"default": said["default"] + "！"})
    assert found(one, two) == [("near_question", "warning", ("one", "two")), ("same_answer", "warning", ("one", "two"))]
    assert found(one, replace(two, state="retired")) == []


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"valid_until": date(2026, 2, 28)}, "expired"),
        ({"valid_until": date(2026, 3, 10)}, "expires_soon"),
        ({"related": ("nowhere",)}, "missing_related"),
        ({"related": ("draft",)}, "unseen_related"),
        ({"attachments": (Menu(("fee", "draft")),)}, "missing_choice"),
        ({"attachments": (Link("表", "", "https://example.com"),)}, "no_cover"),
        ({"attachments": (MiniProgram("wx0123456789abcdef", "a", "查"),)}, "no_cover"),
        ({"answers": {"default": "短", "wecom_kf": "长" * 683}}, "long_answer"),
        ({"questions": ("怎么退货", "？退")}, "short_question"),
        ({"questions": ("怎么退货", "怎么退货？")}, "repeated_question"),
        ({"category": ()}, "no_category"),
        (
            {
                "valid_from": date(2026, 3, 24),
                "valid_until": date(2026, 3, 25),
                "hours": (Window(frozenset({5, 6}), time(22), time(6)),),
            },
            "never_valid",
        ),
    ],
)
def test_a_script_s_own_faults(values: dict[str, object], kind: Kind) -> None:
    faulty = replace(script("faulty", "怎么退货"), **values)  # type: ignore[arg-type] # checked by the constructor
    one = only(faulty, FEE, script("draft", "内部折扣", state="draft"))
    assert (one.kind, one.scripts) == (kind, ("faulty",))


def test_files_are_looked_for_in_the_pack(tmp_path: Path) -> None:
    (tmp_path / "big.png").write_bytes(b"\0" * (10 * 1024 * 1024 + 1))
    (tmp_path / "good.png").write_bytes(b"\0")
    pictures = tuple(Picture(name) for name in ("big.png", "good.png", "none.png", "https://example.com/a.png"))
    shown = replace(FEE, attachments=pictures)
    assert found(shown) == []
    assert found(shown, folder=tmp_path) == [
        ("large_file", "error", ("fee",)),
        ("missing_file", "error", ("fee",)),
    ]


def test_a_branch_with_one_script_is_named_in_a_large_library() -> None:
    many = [script(f"n{number}", f"第{number}个完全不同的问题{chr(0x4E00 + 7 * number)}") for number in range(20)]
    lonely = script("lonely", "门店在哪里", category=("门店",))
    assert found(*many, lonely) == [("lone_category", "warning", ("lonely",))]


def test_every_finding_has_its_words() -> None:
    kinds = set(Kind.__args__)  # type: ignore[attr-defined] # a Literal has them
    assert words("findings").keys() == words("remedies").keys() == kinds


def test_the_shipped_shop_is_sound() -> None:
    pack = Path(__file__).parents[2] / "examples" / "cosmetics"
    scripts = read_scripts(pack / "scripts")
    assert [each for each in lint(scripts, today=date(2026, 11, 1), folder=pack) if each.severity == "error"] == []
