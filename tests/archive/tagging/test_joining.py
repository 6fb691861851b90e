"""Are the tags of one person whom several accounts know read as hers, in whatever order they come?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.tagging import Tag, TagRule, TagRules, TagState, joined

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMES = ("时效敏感", "价格敏感", "不看价格", "投诉风险")


def rule(name: str, group: str = "", priority: int = 0) -> TagRule:
    return TagRule(name, group, (), appears=0.6, fades=0.3, half_life=timedelta(days=30), priority=priority)


RULES = TagRules(
    (rule("时效敏感"), rule("价格敏感", "价格"), rule("不看价格", "价格", 1), rule("投诉风险")),
    UTC,
    frozenset({"价格"}),
)


def tag(name: str, state: TagState, sure: float = 0.7, *, minutes: int = 0) -> Tag:
    return Tag(name, state, sure, (), None, None, "", NOON + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ([tag("时效敏感", TagState.ACTIVE), tag("时效敏感", TagState.FADED, 0.9)], {"时效敏感": TagState.ACTIVE}),
        ([tag("时效敏感", TagState.ACTIVE), tag("时效敏感", TagState.VETOED)], {"时效敏感": TagState.VETOED}),
        (
            [tag("时效敏感", TagState.PINNED, minutes=5), tag("时效敏感", TagState.VETOED, minutes=3)],
            {"时效敏感": TagState.PINNED},
        ),
        (
            [tag("价格敏感", TagState.ACTIVE, 0.9), tag("不看价格", TagState.ACTIVE, 0.7)],
            {"价格敏感": TagState.FADED, "不看价格": TagState.ACTIVE},
        ),
        (
            [tag("价格敏感", TagState.PINNED), tag("不看价格", TagState.ACTIVE)],
            {"价格敏感": TagState.PINNED, "不看价格": TagState.FADED},
        ),
        (
            [tag("价格敏感", TagState.VETOED), tag("不看价格", TagState.ACTIVE), tag("投诉风险", TagState.ACTIVE)],
            {"价格敏感": TagState.VETOED, "不看价格": TagState.ACTIVE, "投诉风险": TagState.ACTIVE},
        ),
    ],
)
def test_what_she_has_of_all_her_names(tags: list[Tag], expected: dict[str, TagState]) -> None:
    assert {each.name: each.state for each in joined(tags, RULES)} == expected


TAGS = st.lists(
    st.builds(
        tag,
        st.sampled_from(NAMES),
        st.sampled_from(TagState),
        st.sampled_from((0.0, 0.3, 0.7)),
        minutes=st.integers(0, 99),
    ),
    max_size=12,
    unique_by=lambda each: (each.name, each.changed_at),  # two decisions of one moment have no later one
)


@given(TAGS, st.randoms())
def test_the_order_does_not_matter_and_nothing_excluded_stands_beside_the_other(
    tags: list[Tag], random: Random
) -> None:
    found = joined(tags, RULES)
    again = list(tags)
    random.shuffle(again)
    assert [(each.name, each.state, each.confidence) for each in joined(again, RULES)] == [
        (each.name, each.state, each.confidence) for each in found
    ]
    assert {each.name for each in found} == {each.name for each in tags}
    active = [each.name for each in found if each.state is TagState.ACTIVE]
    pinned = [each.name for each in found if each.state is TagState.PINNED]
    assert not any(RULES.clash(one, other) for one in active for other in (*active, *pinned))
