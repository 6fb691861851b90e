"""What does one more message say about the scripts before it?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.learning import Found, Heard, LastShown, UseKind, uses_of
from bot.learning.uses import alike

A, B, C = Found("a", "多久发货", 0.9), Found("b", "开发票", 0.5), Found("c", "退货", 0.4)
SAW_A = LastShown(turn=7, asked=7, text="几天能发货", shown=(A,))
SAW_MENU = LastShown(turn=7, asked=7, text="票", offered=(A, B))
SAW_NOTHING = LastShown(turn=7, asked=7, text="能定制吗")


def facts(previous: LastShown | None, heard: Heard) -> set[tuple[str, str, int, int]]:
    return {(use.kind.value, use.script_id, use.about, use.asked) for use in uses_of(previous, heard)}


def test_what_is_shown_offered_and_missed() -> None:
    assert facts(None, Heard("几天能发货", shown=(A,))) == {("shown", "a", 0, 0)}
    assert facts(None, Heard("票", offered=(A, B))) == {("offered", "a", 0, 0), ("offered", "b", 0, 0)}
    assert facts(None, Heard("能定制吗", missed=True)) == {("missed", "", 0, 0)}


@pytest.mark.parametrize(
    ("text", "kind"), [("没用", "unhelpful"), ("谢谢", "satisfied"), ("几天才能发货啊", "asked_again")]
)
def test_what_she_makes_of_an_answer(text: str, kind: str) -> None:
    assert (kind, "a", 7, 7) in facts(SAW_A, Heard(text))


def test_a_call_for_a_person_after_an_answer() -> None:
    assert facts(SAW_A, Heard("转人工", wants_person=True)) == {("person", "a", 7, 7)}


def test_another_question_says_nothing_of_the_answer() -> None:
    assert facts(SAW_A, Heard("能开专票吗", shown=(B,))) == {("shown", "b", 0, 0)}


def test_the_same_script_found_again_is_asked_again() -> None:
    assert facts(SAW_A, Heard("啥时候寄出", best="a", shown=(A,))) == {("asked_again", "a", 7, 7), ("shown", "a", 0, 0)}


def test_useless_is_no_question_that_was_missed() -> None:
    assert facts(SAW_A, Heard("没用", missed=True)) == {("unhelpful", "a", 7, 7)}


def test_what_she_picks_answers_what_she_had_asked() -> None:
    found = uses_of(SAW_MENU, Heard("开发票", picked="b", best="b", shown=(Found("b", "", 1.0),)))
    assert {(use.kind.value, use.script_id, use.about, use.asked) for use in found} == {
        ("chosen", "b", 7, 7), ("passed_over", "a", 7, 7), ("shown", "b", 0, 7),
    }  # fmt: skip
    assert {(use.question, use.probability) for use in found if use.script_id == "b"} == {("开发票", 0.5)}


@pytest.mark.parametrize("heard", [Heard("转人工", wants_person=True), Heard("都不是")])
def test_a_menu_turned_down_leaves_the_question_unanswered(heard: Heard) -> None:
    assert facts(SAW_MENU, heard) == {("passed_over", "a", 7, 7), ("passed_over", "b", 7, 7), ("missed", "", 7, 7)}


def test_a_menu_is_open_while_she_only_greets() -> None:
    assert facts(SAW_MENU, Heard("在吗", substantial=False)) == set()


def test_a_new_question_passes_the_menu_over() -> None:
    assert facts(SAW_MENU, Heard("能退货吗", shown=(C,))) == {
        ("passed_over", "a", 7, 7), ("passed_over", "b", 7, 7), ("shown", "c", 0, 0),
    }  # fmt: skip


def test_an_older_menu_may_still_be_clicked() -> None:
    assert facts(SAW_A, Heard("开发票", picked="b", best="b", shown=(B,))) == {("shown", "b", 0, 0)}


def test_after_nothing_there_is_nothing_to_judge() -> None:
    assert facts(SAW_NOTHING, Heard("没用")) == set()
    assert facts(SAW_NOTHING, Heard("转人工", wants_person=True)) == set()


@pytest.mark.parametrize("other", ["几天才能发货", "多久能发货呀", "我几天能发货"])
def test_rewordings_are_alike(other: str) -> None:
    assert alike("几天能发货", other) == (other != "多久能发货呀")


SCRIPTS = st.lists(st.sampled_from([A, B, C]), unique=True, max_size=3).map(tuple)
HEARD = st.builds(
    Heard,
    text=st.sampled_from(["没用", "谢谢", "多久发货", "转人工", "在吗", "票", ""]),
    picked=st.sampled_from(["", "a", "b", "z"]),
    best=st.sampled_from(["", "a", "c"]),
    shown=SCRIPTS,
    offered=SCRIPTS,
    missed=st.booleans(),
    wants_person=st.booleans(),
    substantial=st.booleans(),
)
PREVIOUS = st.none() | st.builds(
    LastShown, turn=st.just(7), asked=st.just(5), text=st.sampled_from(["", "多久发货"]), shown=SCRIPTS, offered=SCRIPTS
)


@given(PREVIOUS, HEARD)
def test_every_fact_is_about_something_that_was_seen(previous: LastShown | None, heard: Heard) -> None:
    found = uses_of(previous, heard)
    assert len({(use.kind, use.script_id, use.about) for use in found}) == len(found)
    for use in found:
        match use.kind:
            case UseKind.SHOWN:
                assert (use.about, use.script_id in {each.script_id for each in heard.shown}) == (0, True)
            case UseKind.OFFERED:
                assert (use.about, use.script_id in {each.script_id for each in heard.offered}) == (0, True)
            case UseKind.MISSED:
                assert use.script_id == ""
            case UseKind.CHOSEN | UseKind.PASSED_OVER:
                assert previous is not None
                assert use.script_id in {each.script_id for each in previous.offered}
                assert (use.kind is UseKind.CHOSEN) == (use.script_id == heard.picked)
            case _:
                assert previous is not None
                assert use.script_id in {each.script_id for each in previous.shown}


@given(PREVIOUS, HEARD)
def test_one_message_passes_one_verdict(previous: LastShown | None, heard: Heard) -> None:
    verdicts = {UseKind.UNHELPFUL, UseKind.PERSON, UseKind.SATISFIED, UseKind.ASKED_AGAIN}
    assert len({use.kind for use in uses_of(previous, heard)} & verdicts) <= 1
