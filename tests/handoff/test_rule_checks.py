"""Is a rule refused only if no message can reach it, and is it refused with the line of what takes it?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff import Facts, PolicyError, Router, Rule, parse_policy
from handoff.conditions import Seen, When
from handoff.rule_checks import shadowing
from handoff.wording import normalise
from tests.handoff.policies import IN_CHINESE, POLICY_YAML, policy_data, sample_policy

HEAD = POLICY_YAML[: POLICY_YAML.index("rules:")]
FIRST = HEAD.count("\n") + 2  # the line of the first rule


def policy(*whens: str, signals: str = "") -> Any:
    rules = [f"  - {{name: r{n}, when: {when}, team: aftersale, priority: 3}}\n" for n, when in enumerate(whens)]
    last = "  - {name: last, when: {}, team: aftersale, priority: 4}\n"
    return parse_policy(policy_data(f"{HEAD}{signals}rules:\n{''.join(rules)}{last}"))


@pytest.mark.parametrize(
    ("whens", "line", "said"),
    [
        (("{intents: [a, b]}", "{intents: [a]}"), 1, "'r0' (line {0}) above takes all of it"),
        (("{}", "{intents: [a]}"), 1, "'r0' (line {0}) above takes all of it"),
        (
            ("{intents: [a]}", "{intents: [b]}", "{intents: [a, b]}"),
            2,
            "'r0' (line {0}) and 'r1' (line {1}) above take",
        ),
        (("{intents: [a]}", "{intents: [a], stages: [x]}"), 1, "'r0' (line {0})"),
        (("{text_words: [团购]}", "{text_words: [企业团购, 团购价]}"), 1, "'r0' (line {0})"),
        (("{regions: [广东]}", "{regions: [广东省/深圳市]}"), 1, "'r0' (line {0})"),
        (("{regions: [深圳]}", "{regions: [广东/深圳/南山]}"), 1, "'r0' (line {0})"),
        (("{sources: [qr-*]}", "{sources: [qr-1, 'qr-a*']}"), 1, "'r0' (line {0})"),
        (("{signals: [complaint, legal]}", "{signals: [legal], hours: [open]}"), 1, "'r0' (line {0})"),
        (("{text_words: ['？！']}",), 0, "neither letters nor digits"),
        (("{signals: [out_of_hours], hours: [open]}",), 0, "closed hours"),
        (("{signals: [mood_trend], moods: [calm]}",), 0, "calm customer"),
        (("{hours: []}",), 0, "must have at least one entry"),
        (("{intents: []}",), 0, "must have at least one entry"),
        (("{hours: [night]}",), 0, "'open' or 'closed'"),
        (("{sources: ['a*b']}",), 0, "at its end only"),
        (("{regions: ['广东/深圳/南山/粤海']}",), 0, "is no region"),
    ],
)
def test_a_rule_in_vain_is_refused_with_its_line(whens: tuple[str, ...], line: int, said: str) -> None:
    with pytest.raises(PolicyError) as caught:
        policy(*whens)
    problem = caught.value.problems[0]
    assert problem.line == FIRST + line
    assert said.format(FIRST, FIRST + 1) in problem.remedy
    assert IN_CHINESE.search(problem.said("zh"))


def test_a_signal_that_is_switched_off_takes_its_rules_along() -> None:
    with pytest.raises(PolicyError, match="vip is switched off"):
        policy("{signals: [vip]}", signals="signals: {vip: {tags: []}}\n")
    with pytest.raises(PolicyError, match="order_at_risk is switched off"):
        policy("{signals: [order_at_risk]}", signals="signals: {order_at_risk: {weight: 0}}\n")


@pytest.mark.parametrize(
    "whens",
    [
        ("{intents: [a], stages: [x]}", "{intents: [a]}"),
        ("{text_words: [企业团购]}", "{text_words: [团购]}"),
        ("{text_words: [ab]}", "{text_words: [abc]}"),  # Latin words count as wholes
        ("{regions: [广东/深圳]}", "{regions: [广东]}"),
        ("{regions: [广东]}", "{regions: [深圳]}"),  # which may lie elsewhere for all we know
        ("{sources: [qr-1]}", "{sources: ['qr-*']}"),
        ("{moods: [negative], hours: [open]}", "{moods: [negative]}"),
    ],
)
def test_a_rule_that_something_is_left_for_stays(whens: tuple[str, ...]) -> None:
    assert len(policy(*whens).rules) == len(whens) + 1


VALUES: dict[str, tuple[str, ...]] = {
    "signals": ("legal", "vip"),
    "intents": ("a", "b"),
    "stages": ("before", "after"),
    "categories": ("售后", "活动"),
    "channels": ("wecom_kf", "official_account"),
    "text_words": ("团购", "企业团购", "ab", "ab cd", "购"),
    "regions": ("广东", "广东/深圳", "深圳", "南山", "北京/海淀"),
    "tags": ("x", "y"),
    "sources": ("qr-*", "qr-1", "*"),
    "goods": ("水", "霜"),
    "moods": ("negative", "urgent", "calm"),
    "hours": ("open", "closed"),
    "languages": ("zh", "en"),
}
REGIONS = (
    (), ("广东省",), ("广东省", "深圳市"), ("广东", "深圳", "南山区"), ("北京市", "北京市", "海淀区"),
    ("", "", "南山区"),
)  # fmt: skip


def when_of(given: dict[str, Any]) -> When:
    return When(**{name: tuple(values) for name, values in given.items()})


whens = st.fixed_dictionaries(
    {}, optional={name: st.lists(st.sampled_from(of), min_size=1, max_size=2) for name, of in VALUES.items()}
).map(when_of)
several = st.sets(st.sampled_from(("a", "b"))).map(tuple)
seen = st.builds(
    lambda facts, signals: Seen(facts, normalise(facts.text), frozenset(signals)),
    st.builds(
        Facts,
        text=st.lists(st.sampled_from(VALUES["text_words"])).map("".join),
        intent=st.sampled_from(VALUES["intents"]),
        stage=st.sampled_from(VALUES["stages"]),
        category=st.sets(st.sampled_from(VALUES["categories"])).map(tuple),
        channel=st.sampled_from(VALUES["channels"]),
        tags=st.sets(st.sampled_from(VALUES["tags"])).map(tuple),
        source=st.sampled_from(("", "qr-1", "qr-2", "x")),
        region=st.sampled_from(REGIONS),
        goods=st.sets(st.sampled_from(VALUES["goods"])).map(tuple),
        urgency=st.sampled_from((0.0, 0.9)),
        sentiment=st.sampled_from((0.0, -0.9)),
        open_now=st.none() | st.booleans(),
        language=st.sampled_from(("zh", "en", "other")),
    ),
    st.sets(st.sampled_from(VALUES["signals"])),
)  # fmt: skip


@given(st.lists(whens, min_size=1, max_size=4), whens, seen)
def test_whatever_reaches_a_rule_in_vain_was_taken_before(earlier: list[When], when: When, message: Seen) -> None:
    """The check is sound: where it speaks, no facts exist that this rule would be the first for."""
    rules = [Rule(str(number), each, "aftersale", 3) for number, each in enumerate(earlier)]
    if shadowing(rules, Rule("in vain", when, "aftersale", 3)) and when.holds(message):
        assert any(each.holds(message) for each in earlier)


@given(when=whens, message=seen)
def test_a_rule_includes_itself_and_nothing_it_does_not_hold_for(when: When, message: Seen) -> None:
    assert when.includes(when)
    assert When().includes(when)
    assert when.holds(message) == all(when.judged(message).values())


@given(message=seen)
def test_the_first_rule_that_holds_wins(message: Seen) -> None:
    sample = sample_policy()
    verdict = Router(sample).route(message.facts)
    fired = Seen(message.facts, message.normalised, frozenset(verdict.signals))
    assert next(rule.name for rule in sample.rules if rule.when.holds(fired)) == verdict.rule
