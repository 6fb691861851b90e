"""Does a sheet come to what its weights say, and do two raters agree as Cohen reckoned it?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.reviews import Agreement, MarksBroken, ScoreSheet, SheetNode, agreement, score

NODES = st.lists(st.tuples(st.floats(0.1, 100), st.integers(1, 5), st.booleans()), min_size=1, max_size=8).map(
    lambda rows: tuple(
        SheetNode(f"n{number}", weight, points, fatal=fatal) for number, (weight, points, fatal) in enumerate(rows)
    )
)


@st.composite
def scored_sheets(draw: st.DrawFn) -> tuple[ScoreSheet, dict[str, int | None]]:
    nodes = draw(NODES)
    marks = {node.name: draw(st.none() | st.integers(0, node.points)) for node in nodes}
    return ScoreSheet("sheet", draw(st.floats(0, 100)), nodes), marks


@given(scored_sheets())
def test_a_total_is_within_bounds_and_a_fatal_zero_fails(given_sheet: tuple[ScoreSheet, dict[str, int | None]]) -> None:
    sheet, marks = given_sheet
    found = score(sheet, marks)
    assert 0 <= found.total <= 100
    assert found.fatal == tuple(node.name for node in sheet.nodes if node.fatal and marks[node.name] == 0)
    assert found.passed == (found.total >= sheet.pass_mark and not found.fatal)


@given(scored_sheets(), st.data())
def test_one_more_point_never_lowers_it_and_what_does_not_apply_does_not_count(
    given_sheet: tuple[ScoreSheet, dict[str, int | None]], data: st.DataObject
) -> None:
    sheet, marks = given_sheet
    before = score(sheet, marks)
    node = data.draw(st.sampled_from(sheet.nodes))
    mark = marks[node.name]
    if mark is None:
        without = ScoreSheet(sheet.name, sheet.pass_mark, tuple(each for each in sheet.nodes if each is not node))
        assert score(without, {k: v for k, v in marks.items() if k != node.name}).total == before.total
    elif mark < node.points:
        assert score(sheet, marks | {node.name: mark + 1}).total >= before.total


def test_marks_weigh_by_their_nodes() -> None:
    nodes = (SheetNode("greets", 10), SheetNode("answers", 30, points=2), SheetNode("calms", 60))
    sheet = ScoreSheet("sheet", 80, nodes)
    assert score(sheet, {"greets": 1, "answers": 1, "calms": None}).total == 62.5  # (10 + 15) of 40
    with pytest.raises(MarksBroken) as broken:
        score(sheet, {"greets": 2, "answers": 0})
    assert broken.value.nodes == ("greets", "calms")
    with pytest.raises(MarksBroken):
        score(sheet, {"greets": 1, "answers": 1, "calms": 1, "stranger": 1})


PAIRS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=40)


def test_kappa_is_cohens() -> None:
    """Two raters, 50 things: both yes 20, only the first 5, only the second 10, both no 15: po .7, pe .5."""
    pairs = [(1, 1)] * 20 + [(1, 0)] * 5 + [(0, 1)] * 10 + [(0, 0)] * 15
    found = agreement(pairs)
    assert (found.n, found.observed) == (50, 0.7)
    assert found.kappa == pytest.approx(0.4)
    assert agreement([]) == Agreement(0, None, None)


@given(PAIRS)
def test_kappa_is_symmetric_at_most_one_and_one_only_in_full_agreement(pairs: list[tuple[str, str]]) -> None:
    found = agreement(pairs)
    assert agreement([(other, one) for one, other in pairs]) == found
    if found.kappa is None:
        assert len({each for pair in pairs for each in pair}) <= 1
    else:
        assert -1 <= found.kappa <= 1
        assert (found.kappa == 1) == (found.observed == 1)


@given(PAIRS, st.permutations("abc"))
def test_kappa_does_not_care_what_categories_are_called(pairs: list[tuple[str, str]], names: list[str]) -> None:
    called = dict(zip("abc", names, strict=True))
    assert agreement([(called[one], called[other]) for one, other in pairs]) == agreement(pairs)
