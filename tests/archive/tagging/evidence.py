"""What do tests of tags talk about? Rules and observations in few words, and strategies for any of either."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from archive.tagging import (
    Clue,
    Each,
    Figure,
    HasIntent,
    HasKeyword,
    HasMood,
    HasSignal,
    Observation,
    SessionShows,
    ShowsOrder,
    Signal,
    TagRule,
    TagRules,
    TagState,
    WithinHours,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MAKEUP = HasKeyword(frozenset({"口红", "粉底"}))
WORDS = ("口红", "粉底液", "发货", "退款", "发票")
INTENTS = ("urge", "complain", "greet")
NAMES = ("美妆爱好者", "价格敏感", "不看价格", "投诉风险", "夜间活跃")


def clue(*conditions: Any, weight: float = 0.4, days: float = 30, **more: Any) -> Clue:
    return Clue(conditions or (MAKEUP,), weight, timedelta(days=days), **more)


def rule(name: str = "美妆爱好者", *clues: Clue, **more: Any) -> TagRule:
    values: dict[str, Any] = {"group": "兴趣", "appears": 0.6, "fades": 0.3, "half_life": timedelta(days=30), **more}
    return TagRule(name=name, clues=clues or (clue(),), **values)


def rules(*each: TagRule, alternatives: tuple[str, ...] = ()) -> TagRules:
    return TagRules(each or (rule(),), SHANGHAI, frozenset(alternatives))


def seen(number: int, *keywords: str, days_ago: float = 0, **more: Any) -> Observation:
    """Message `number`; each is a session of its own unless said otherwise."""
    values = {"session_id": number, "at": NOW - timedelta(days=days_ago), "keywords": frozenset(keywords), **more}
    return Observation(entry_id=number, **values)


# ── any of them ──────────────────────────────────────────────────────────────────────────────

# drawn from few, so that drawing takes no longer than judging
CONDITIONS = (
    MAKEUP,
    HasKeyword(frozenset({"发"})),
    HasIntent(frozenset({"urge", "complain"})),
    HasMood(at_most=-0.3),
    HasMood(at_least=0.2),
    HasSignal(Signal.COMPLAINT, 0.5),
    HasSignal(Signal.URGENCY, 0.1),
    WithinHours(time(22), time(6)),
    WithinHours(time(9), time(18)),
    SessionShows(Figure.MOOD_LAST, at_most=0.0),
    SessionShows(Figure.COMPLAINT, at_least=0.5),
    ShowsOrder(),
)
DAYS = tuple(timedelta(days=days) for days in (0.1, 1, 7, 30, 90))
LEVELS = (0.01, 0.1, 0.3, 0.5, 0.7, 0.95, 0.99)
spans = st.sampled_from(DAYS)
conditions = st.sampled_from(CONDITIONS)
clues = st.builds(
    Clue,
    st.lists(conditions, min_size=1, max_size=2).map(tuple),
    st.sampled_from(LEVELS),
    spans,
    st.integers(1, 3),
    st.sampled_from(Each),
)
observations = st.builds(
    Observation,
    entry_id=st.integers(1, 10_000),
    at=st.integers(-5, 24 * 90).map(lambda hours: NOW - timedelta(hours=hours)),
    session_id=st.none() | st.integers(1, 5),
    kind=st.sampled_from(["text", "order"]),
    keywords=st.frozensets(st.sampled_from(WORDS), max_size=2),
    intent=st.sampled_from(["", *INTENTS]),
    mood=st.sampled_from([None, -0.9, -0.3, 0.0, 0.2, 1.0]),
    signals=st.sampled_from([{}, {Signal.URGENCY: 0.5}, {Signal.COMPLAINT: 0.5, Signal.URGENCY: 0.05}]),
    figures=st.sampled_from([{}, {Figure.MOOD_LAST: -0.5}, {Figure.COMPLAINT: 0.9, Figure.MOOD_LAST: 0.3}]),
)
evidence = st.lists(observations, max_size=12, unique_by=lambda each: each.entry_id)
states = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(TagState), max_size=4)


@st.composite
def tag_rules(draw: st.DrawFn, *, excluding: bool = True) -> TagRules:
    """Up to four rules, of two groups, some of which exclude each other."""
    made = []
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)):
        appears = draw(st.sampled_from(LEVELS))
        made.append(
            TagRule(
                name=name,
                group=draw(st.sampled_from(["兴趣", "风险"])),
                clues=draw(st.lists(clues, min_size=1, max_size=3).map(tuple)),
                appears=appears,
                fades=appears * draw(st.sampled_from((0.1, 0.5, 1))),
                half_life=draw(spans),
                excludes=draw(st.frozensets(st.sampled_from(NAMES), max_size=2)) if excluding else frozenset(),
                priority=draw(st.integers(0, 2)),
            )
        )
    return TagRules(tuple(made), SHANGHAI, draw(st.frozensets(st.just("兴趣"))) if excluding else frozenset())
