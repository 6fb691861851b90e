"""Do questions that ask the same come together, the same way every time, and never live?"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import normalized_mutual_info_score

from knowledge_base import TO_BE_WRITTEN, Gap, Near, Script, Unanswered, core, find_gaps, is_written, propose
from nlu import RememberingEncoder, general_negatives, normalise
from tests.knowledge_base.samples import SHOP, script
from tests.spelt import DIM, spelt

ORDINARY = np.zeros(DIM, dtype=np.float32)
DATA = Path(os.environ.get("XIAOER_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
TRADES = DATA / "faq" / "chatopera"


def ask(*texts: str, customers: Sequence[str] = "abcdefgh") -> list[Unanswered]:
    return [Unanswered(text, customers[at % len(customers)]) for at, text in enumerate(texts)]


ENGRAVING = ("口红可以刻字吗", "口红能刻字吗", "请问口红可以刻字吗？")
STORES = ("北京有线下门店吗", "你们北京有门店吗", "北京线下门店在哪")


def test_what_asks_the_same_is_one_gap() -> None:
    gaps = find_gaps(ask(*ENGRAVING, *STORES, "随便问一句别的事情"), spelt, ORDINARY)
    assert [set(gap.questions) <= {core(each) for each in (*ENGRAVING, *STORES)} for gap in gaps] == [True, True]
    first = next(gap for gap in gaps if "刻字" in gap.title)
    assert (first.asked, first.customers, first.questions) == (3, 3, ("口红可以刻字吗", "口红能刻字吗"))


def test_one_customer_alone_is_no_gap() -> None:
    assert find_gaps(ask(*ENGRAVING, customers="a"), spelt, ORDINARY) == ()
    assert find_gaps(ask(*ENGRAVING, customers="a"), spelt, ORDINARY, customers=1) != ()


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("你好，请问口红能刻字吗？谢谢", "口红能刻字吗"),
        ("好的 那多久到呀", "那多久到呀"),
        ("好用吗", "好用吗"),
        ("亲肤吗", "亲肤吗"),
        ("〔订单号〕 这个能退吗", "这个能退吗"),
        ("发票抬头改成〔姓名〕", "发票抬头改成"),
        ("订单号：〔订单号〕 下单时间: 〔日期〕 申请价保", "申请价保"),
        ("你好", "你好"),
        ("", ""),
    ],
)
def test_courtesies_and_masks_are_not_what_is_asked(text: str, asked: str) -> None:
    assert core(text) == asked


def test_what_nobody_could_ask_alike_is_left_out() -> None:
    assert find_gaps(ask("12345", "？？", "长" * 100, customers="ab"), spelt, ORDINARY, customers=1) == ()
    assert find_gaps([], spelt, ORDINARY) == ()


WORDS = st.sampled_from(
    ["口红", "刻字", "门店", "北京", "能", "可以", "吗", "退货", "多久", "到", "谢谢", "？", "〔电话〕", "好的 "]
)
TEXTS = st.lists(WORDS, min_size=1, max_size=6).map("".join)
MANY = st.lists(st.builds(Unanswered, TEXTS, st.sampled_from("abc")), max_size=25)


@settings(max_examples=50)
@given(asked=MANY, order=st.randoms(use_true_random=False))
def test_the_order_of_asking_changes_nothing(asked: list[Unanswered], order: object) -> None:
    mixed = list(asked)
    order.shuffle(mixed)  # type: ignore[attr-defined] # hypothesis's Random
    assert find_gaps(asked, spelt, ORDINARY, customers=1) == find_gaps(mixed, spelt, ORDINARY, customers=1)


@settings(max_examples=50)
@given(asked=MANY)
def test_every_question_is_in_one_gap_and_no_gap_goes_live(asked: list[Unanswered]) -> None:
    gaps = find_gaps(asked, spelt, ORDINARY, customers=1)
    questions = [question for gap in gaps for question in gap.questions]
    assert len(set(map(normalise, questions))) == len(questions)
    assert sum(gap.asked for gap in gaps) <= len(asked)
    for gap in gaps:
        assert gap.title == gap.questions[0]
        assert 0 <= gap.closeness <= 1
        assert 1 <= gap.customers <= gap.asked
        drafted = propose(gap, None, SHOP, extend_above=0.25).script
        assert (drafted.state, is_written(drafted.answers)) == ("draft", False)


GAP = Gap("口红能刻字吗", ("口红能刻字吗", "可以刻字吗"), 5, 3, 0.8)
REFUND = next(each for each in SHOP if each.id == "refund")


def test_a_gap_near_a_script_proposes_to_extend_it() -> None:
    near = propose(GAP, Near(REFUND, 0.4), SHOP, extend_above=0.25)
    assert (near.extends, near.script.related, near.script.category) == ("refund", ("refund",), ("测试",))
    far = propose(GAP, Near(REFUND, 0.1), SHOP, extend_above=0.25)
    assert (far.extends, far.script.related, far.script.questions) == ("", (), GAP.questions)


@pytest.mark.parametrize(("state", "drafted"), [("draft", "mine"), ("review", "mine"), ("live", ""), ("retired", "")])
def test_a_gap_that_is_drafted_already_is_not_drafted_again(
    state: Literal["draft", "review", "live", "retired"], drafted: str
) -> None:
    mine = script("mine", "可以刻字吗？", state=state)
    assert propose(GAP, None, (*SHOP, mine), extend_above=0.25).drafted == drafted


def test_the_same_title_makes_the_same_draft() -> None:
    again = replace(GAP, title="口红能刻字吗！", asked=9)
    assert propose(GAP, None, (), extend_above=1).script.id == propose(again, None, (), extend_above=1).script.id


def test_the_mark_of_an_unwritten_answer_is_seen_wherever_it_stands() -> None:
    assert not is_written({"default": "好", "wecom_kf": f"先说一句。{TO_BE_WRITTEN}"})
    assert is_written({"default": "答案写好了"})


@cache
def trades() -> list[tuple[str, str]]:
    """(question, which script it asks for) over the five trades."""
    found: dict[str, tuple[str, str]] = {}
    for file in sorted(TRADES.glob("*.json")):
        for item in json.loads(file.read_text(encoding="utf-8")):
            for question in (item["post"], *item["similarQuestions"]):
                found.setdefault(normalise(core(question)), (question, item["post"]))
    return list(found.values())


@pytest.mark.local_data
@pytest.mark.skipif(not TRADES.is_dir(), reason=f"{TRADES} is absent; set XIAOER_DATA")
def test_similar_questions_of_five_trades_find_together(encoder: RememberingEncoder) -> None:
    scripts = {core(question): post for question, post in trades()}
    asked = [Unanswered(question, str(at)) for at, (question, _) in enumerate(trades())]
    ordinary = encoder.encode(general_negatives()[::4]).mean(axis=0)
    gaps = find_gaps(asked, encoder.encode, ordinary, customers=1)
    groups = [[scripts[question] for question in gap.questions] for gap in gaps]
    several = [group for group in groups if len(group) > 1]
    alike = sum(Counter(group).most_common(1)[0][1] for group in several)
    purity = alike / sum(map(len, several))
    truth = [post for group in groups for post in group]
    found = [at for at, group in enumerate(groups) for _ in group]
    assert purity >= 0.84
    assert normalized_mutual_info_score(truth, found) >= 0.88


def test_scripts_are_made_of_gaps() -> None:
    assert isinstance(propose(GAP, None, (), extend_above=1).script, Script)
