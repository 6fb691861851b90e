"""Are customers' questions grouped into topics a supervisor knows, with true figures and lasting names?"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from archive.words import Known, Question, Topic, known, topics, write_next
from archive.words.alike import groups, likeness
from archive.words.asked import asked
from archive.words.goods import Goods
from tests.archive.words.questions import COURTESIES, INVOICE, LEAKING, START, ask, fortnight

SINCE = START + timedelta(days=7)
UNTIL = START + timedelta(days=14)


def found(questions: Sequence[Question], *, previous: Sequence[Known] = ()) -> list[Topic]:
    return topics(questions, since=SINCE, until=UNTIL, previous=previous)


def named(word: str, all_topics: Sequence[Topic]) -> Topic:
    (topic,) = [each for each in all_topics if word in each.name]
    return topic


# ── grouping ─────────────────────────────────────────────────────────────────────────────────


def test_each_subject_is_a_topic_with_its_questions() -> None:
    all_topics = found(fortnight())
    for word, ids in (("刻字", (*range(200, 208), *range(400, 406))), ("漏液", range(500, 506))):
        topic = named(word, all_topics)
        assert len(set(topic.questions) & set(ids)) >= 0.8 * len(ids)
        assert len(set(topic.questions) - set(ids)) <= 0.2 * len(ids)


def test_courtesies_cards_and_numbers_are_no_topic() -> None:
    assert found([*ask(*COURTESIES * 5, first=1, day=8)]) == []
    everything = {each for topic in found(fortnight()) for each in topic.questions}
    assert everything.isdisjoint([*range(900, 1000)])


@pytest.mark.parametrize(
    ("message", "core"),
    [
        ("您好，请问口红可以刻字吗？谢谢", "口红可以刻字吗"),
        ("咨询订单号：〔订单号〕 什么时候发货", "什么时候发货"),
        ("[订单编号:[订单x]，订单金额:[金额x]，下单时间:[日期x] [时间x]] 发票怎么开", "发票怎么开"),
        ("好的 那我再看看", None),
        ("多久能到", "多久能到"),
        ("ok thanks", None),
        ("", None),
    ],
)
def test_only_what_is_asked_is_compared(message: str, core: str | None) -> None:
    read = asked(message, Goods(()))
    assert (read and read.text) == core


def test_one_customer_s_question_over_and_over_is_no_topic() -> None:
    impatient = [replace(each, customer="c1") for each in ask(*LEAKING, first=1, day=9)]
    assert found(impatient) == []


def test_the_order_of_the_questions_changes_nothing() -> None:
    questions = fortnight()
    once = found(questions)
    random.Random(4).shuffle(questions)
    assert found(questions) == once


def test_an_encoder_is_asked_once_for_distinct_questions() -> None:
    asked_for: list[Sequence[str]] = []

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        asked_for.append(texts)
        rows = np.array([[text.count(each) for each in "刻字发票漏液过敏"] for text in texts], np.float32)
        return rows + 0.01

    all_topics = topics(fortnight(), encode, since=SINCE, until=UNTIL)
    assert len(asked_for) == 1
    assert len(set(asked_for[0])) == len(asked_for[0])
    assert set(named("刻字", all_topics).questions) >= {*range(200, 208), *range(400, 406)}


# ── figures ──────────────────────────────────────────────────────────────────────────────────


def test_figures_are_those_of_the_window() -> None:
    all_topics = found(fortnight())
    leaking = named("漏液", all_topics)
    assert (leaking.asked, leaking.before, leaking.growth) == (6, 0, 7)
    assert (leaking.mood, leaking.without_script, leaking.unanswered, leaking.wait_s) == (-0.8, 1, 1, None)
    engraving = named("刻字", all_topics)
    assert engraving.asked == sum(each >= 400 for each in engraving.questions) >= 5
    assert engraving.before == sum(each < 400 for each in engraving.questions) >= 6
    assert engraving.growth == round((engraving.asked + 1) / (engraving.before + 1), 3)
    assert (engraving.mood, engraving.without_script, engraving.unanswered, engraving.wait_s) == (0.1, 1, 0, 240)
    assert engraving.customers == engraving.asked + engraving.before


def test_representatives_are_questions_of_the_topic_worded_differently() -> None:
    for topic in found(fortnight()):
        assert 1 <= len(topic.representatives) <= 3
        assert set(topic.representatives) <= set(topic.questions)
        assert len(set(topic.representatives)) == len(topic.representatives)


def test_questions_before_both_windows_and_after_do_not_count() -> None:
    early = ask(*LEAKING, first=1, day=-10)
    late = ask(*LEAKING, first=20, day=20)
    assert found([*early, *late]) == []


def test_what_to_write_next_is_what_is_asked_angrily_without_a_script_and_ever_more() -> None:
    ranked = write_next(found(fortnight()))
    assert "漏液" in ranked[0].topic.name
    assert (ranked[0].missing, ranked[0].growth, ranked[0].trouble) == (6, 3, 1.8)
    assert ranked[0].score == pytest.approx(6 * 3 * 1.8)
    assert not any("发票" in each.topic.name or "过敏" in each.topic.name for each in ranked)


# ── names that last ──────────────────────────────────────────────────────────────────────────


def test_a_topic_keeps_its_id_and_name_while_it_lasts() -> None:
    first = found(fortnight())
    more = [*fortnight(), *ask("漏液赔不赔", "精华漏液退款", "漏液漏液", first=700, day=13.5)]
    again = found(more, previous=[known(topic) for topic in first])
    assert {topic.id for topic in again} >= {topic.id for topic in first}
    for topic in first:
        assert next(each.name for each in again if each.id == topic.id) == topic.name


def test_a_topic_is_known_again_by_its_name_when_all_its_questions_are_new() -> None:
    before = Known("t1", "发票", named("发票", found(fortnight())).phrases, frozenset([1, 2, 3]))
    assert named("发票", found(fortnight(), previous=[before])).id == "t1"


def test_ids_differ() -> None:
    stolen = Known(named("漏液", found(fortnight())).id, "别的", ("别的",), frozenset([1]))
    all_topics = found(fortnight(), previous=[stolen])
    assert len({topic.id for topic in all_topics}) == len(all_topics)
    assert stolen.id not in {topic.id for topic in all_topics}


# ── anything ─────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=30)
@given(st.lists(st.one_of(st.text(max_size=60), st.sampled_from(INVOICE + LEAKING + COURTESIES)), max_size=25))
def test_any_messages_may_come(texts: list[str]) -> None:
    questions = ask(*texts, first=1, day=8)
    all_topics = topics(questions, customers=1)
    members = [each for topic in all_topics for each in topic.questions]
    assert len(set(members)) == len(members)
    assert set(members) <= {each.id for each in questions}
    for topic in all_topics:
        assert topic.name
        assert topic.asked >= 1
        assert 0 <= topic.without_script <= 1


def test_of_too_many_questions_the_others_join_the_nearest_group() -> None:
    texts = [f"{subject}{number}" for number in "一二三四五六七八九" for subject in ("口红刻字", "发票抬头")]
    read = [said for text in [*texts, "今天下雨"] if (said := asked(text, Goods(())))]
    found_groups = groups(likeness(read, None), most=8)
    assert sorted(len(group) for group in found_groups if len(group) > 1) == [9, 9]
    for group in found_groups:
        assert len({read[row].text[:4] for row in group}) == 1
