"""Does a tag come with evidence, go with time, and always as people decided?"""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.tagging import Each, Judgement, Observation, TagRules, TagState, evaluate, weigh
from tests.archive.tagging.evidence import (
    NAMES,
    NOW,
    SHANGHAI,
    clue,
    evidence,
    observations,
    rule,
    rules,
    seen,
    states,
    tag_rules,
)

ACTIVE, PINNED, VETOED, FADED = TagState.ACTIVE, TagState.PINNED, TagState.VETOED, TagState.FADED


def worn(judged: dict[str, Judgement]) -> set[str]:
    return {name for name, each in judged.items() if each.state.is_worn}


# ── by example ───────────────────────────────────────────────────────────────────────────────


def test_one_clue_is_not_enough_and_two_are() -> None:
    assert evaluate(rules(), [seen(1, "口红")], {}, NOW) == {}
    judged = evaluate(rules(), [seen(1, "口红"), seen(2, "粉底液")], {}, NOW)["美妆爱好者"]
    assert judged.state is ACTIVE
    assert judged.weighed.confidence == pytest.approx(0.64)
    assert [share.entry_id for share in judged.weighed.evidence] == [2, 1]


def test_a_session_counts_once_by_its_newest_message() -> None:
    said = [seen(1, "口红", days_ago=3, session_id=7), seen(2, "口红", session_id=7), seen(3, "口红", session_id=7)]
    weighed = weigh(rule(), said, NOW, SHANGHAI)
    assert [share.entry_id for share in weighed.evidence] == [3]
    assert weighed.confidence == pytest.approx(0.4)
    each = weigh(rule("美妆爱好者", clue(each=Each.MESSAGE)), said, NOW, SHANGHAI)
    assert len(each.evidence) == 3


def test_a_day_is_the_shops_day() -> None:
    rule_ = rule("夜间活跃", clue(each=Each.DAY))
    late, early = seen(1, "口红", at=NOW.replace(hour=15, minute=59)), seen(2, "口红", at=NOW.replace(hour=16))
    assert len(weigh(rule_, [late, early], NOW.replace(hour=17), SHANGHAI).evidence) == 2


def test_too_few_count_nothing() -> None:
    rule_ = rule("价格敏感", clue(at_least=3))
    weighed = weigh(rule_, [seen(1, "口红"), seen(2, "口红")], NOW, SHANGHAI)
    assert (weighed.confidence, weighed.found) == (0.0, (2,))


def test_a_tag_keeps_until_it_is_much_less_sure() -> None:
    said = [seen(1, "口红"), seen(2, "口红")]  # 0.64 now
    later = NOW + timedelta(days=20)  # about 0.44: between fading and appearing
    assert worn(evaluate(rules(), said, {}, later)) == set()
    assert worn(evaluate(rules(), said, {"美妆爱好者": ACTIVE}, later)) == {"美妆爱好者"}
    assert worn(evaluate(rules(), said, {"美妆爱好者": FADED}, later)) == set()
    gone = evaluate(rules(), said, {"美妆爱好者": ACTIVE}, NOW + timedelta(days=29))["美妆爱好者"]
    assert (gone.state, worn({"美妆爱好者": gone})) == (ACTIVE, {"美妆爱好者"})
    assert worn(evaluate(rules(), said, {"美妆爱好者": ACTIVE}, NOW + timedelta(days=31))) == set()


def test_of_tags_that_exclude_each_other_the_priority_decides_then_the_confidence() -> None:
    said = [seen(1, "口红"), seen(2, "口红"), seen(3, "口红")]
    strong, weak = rule("价格敏感", clue(weight=0.6)), rule("不看价格", excludes=frozenset({"价格敏感"}))
    judged = evaluate(rules(strong, weak), said, {}, NOW)
    assert worn(judged) == {"价格敏感"}
    assert judged["不看价格"].lost_to == "价格敏感"
    first = rule("不看价格", excludes=frozenset({"价格敏感"}), priority=1)
    assert worn(evaluate(rules(strong, first), said, {}, NOW)) == {"不看价格"}


def test_of_a_group_of_alternatives_one_stays_and_does_not_flicker() -> None:
    said = [seen(1, "口红"), seen(2, "口红"), seen(3, "发货")]
    one, other = rule("美妆爱好者"), rule("价格敏感", clue(weight=0.45))
    either = rules(one, other, alternatives=("兴趣",))
    assert worn(evaluate(either, said, {}, NOW)) == {"价格敏感"}
    assert worn(evaluate(either, said, {"美妆爱好者": ACTIVE}, NOW)) == {"美妆爱好者"}


def test_a_pin_pushes_out_what_excludes_it() -> None:
    said = [seen(1, "口红"), seen(2, "口红")]
    both = rules(rule("美妆爱好者", excludes=frozenset({"价格敏感"})), rule("价格敏感", clue(at_least=9)))
    judged = evaluate(both, said, {"价格敏感": PINNED, "美妆爱好者": ACTIVE}, NOW)
    assert worn(judged) == {"价格敏感"}
    assert judged["美妆爱好者"].lost_to == "价格敏感"


def test_a_tag_without_a_rule_fades_unless_people_pinned_it() -> None:
    judged = evaluate(rules(), [], {"旧标签": ACTIVE, "老客": PINNED, "同行": VETOED}, NOW)
    assert {name: each.state for name, each in judged.items()} == {"旧标签": FADED, "老客": PINNED, "同行": VETOED}


def test_rules_are_the_same_rules_whatever_the_order_of_their_words() -> None:
    assert rules(rule()).version == rules(rule()).version
    assert rules(rule()).version != rules(rule(appears=0.7)).version
    assert rules(rule()).version != rules(rule(), alternatives=("兴趣",)).version


# ── whatever is said ─────────────────────────────────────────────────────────────────────────


@given(tag_rules(), evidence, observations)
def test_more_evidence_never_makes_less_sure(made: TagRules, said: list[Observation], more: Observation) -> None:
    said = [each for each in said if each.entry_id != more.entry_id]
    for each in made.rules:
        before = weigh(each, said, NOW, SHANGHAI).confidence
        after = weigh(each, [*said, more], NOW, SHANGHAI).confidence
        assert 0 <= before <= after + 1e-9 <= 1 + 1e-9


@given(tag_rules(excluding=False), evidence, observations, states)
def test_more_evidence_takes_no_tag_away_where_none_excludes_another(
    made: TagRules, said: list[Observation], more: Observation, held: dict[str, TagState]
) -> None:
    said = [each for each in said if each.entry_id != more.entry_id]
    assert worn(evaluate(made, said, held, NOW)) <= worn(evaluate(made, [*said, more], held, NOW))


@given(tag_rules(), evidence, st.timedeltas(timedelta(0), timedelta(days=200)))
def test_time_alone_never_makes_surer(made: TagRules, said: list[Observation], later: timedelta) -> None:
    for each in made.rules:
        now, then = (weigh(each, said, at, SHANGHAI).confidence for at in (NOW, NOW + later))
        assert then <= now + 1e-9


@given(tag_rules(), evidence)
def test_everything_is_forgotten_in_the_end(made: TagRules, said: list[Observation]) -> None:
    held = dict.fromkeys(NAMES, ACTIVE)
    assert worn(evaluate(made, said, held, NOW + timedelta(days=400))) == set()


@given(tag_rules(), evidence, states)
def test_what_people_decided_stands(made: TagRules, said: list[Observation], held: dict[str, TagState]) -> None:
    judged = evaluate(made, said, held, NOW)
    for name, state in held.items():
        if state.is_decided:
            assert judged[name].state is state
        else:
            assert judged[name].state in {ACTIVE, FADED}
    assert all(judged[name].state is not PINNED for name in judged if held.get(name) is not PINNED)


@given(tag_rules(), evidence, states)
def test_no_two_tags_clash_but_by_two_pins(made: TagRules, said: list[Observation], held: dict[str, TagState]) -> None:
    judged = evaluate(made, said, held, NOW)
    for one in worn(judged):
        for other in worn(judged):
            if made.clash(one, other):
                assert judged[one].state is judged[other].state is PINNED


@given(tag_rules(), evidence, states, st.randoms(use_true_random=False))
def test_the_order_of_what_was_said_does_not_matter(
    made: TagRules, said: list[Observation], held: dict[str, TagState], chance: Random
) -> None:
    shuffled = [*said]
    chance.shuffle(shuffled)
    before, after = evaluate(made, said, held, NOW), evaluate(made, shuffled, held, NOW)
    assert {name: each.state for name, each in before.items()} == {name: each.state for name, each in after.items()}


@given(tag_rules(), evidence, states)
def test_judging_again_changes_nothing(made: TagRules, said: list[Observation], held: dict[str, TagState]) -> None:
    once = {name: each.state for name, each in evaluate(made, said, held, NOW).items()}
    kept = {name: state for name, state in once.items() if state.is_worn or name in held}
    again = {name: each.state for name, each in evaluate(made, said, kept, NOW).items()}
    assert {name for name, state in once.items() if state.is_worn} == {
        name for name, state in again.items() if state.is_worn
    }
