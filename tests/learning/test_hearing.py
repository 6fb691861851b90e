"""What do the scripts learn of a message, whatever was decided about it?"""

from __future__ import annotations

import pytest

from bot.costs import Thresholds
from bot.decide import CHOICE_HUMAN, CHOICE_PREFIX, Candidate, Part
from bot.domain import Answer, AskBack, AskSlot, Choice, Decision, HandOver, Several, StaySilent
from bot.learning import Found, Heard, heard_of
from handoff import Verdict

SURE = Thresholds(answer=0.6, ask=0.25)
SHIPPING = Candidate("shipping", "多久发货", "两天内", 0.9, SURE)
INVOICE = Candidate("invoice", "开发票", "可以", 0.4, SURE)
FAR = Candidate("gift", "赠品", "有", 0.1, SURE)
KEPT = Verdict(hand_over=False, reason="", signals=(), team="service", priority=3, rule="default")


def part(*candidates: Candidate, picked: bool = False) -> Part:
    return Part("多久发货", candidates, KEPT, picked=picked)


def answer(name: str = "shipping") -> Answer:
    return Answer(name, "两天内", 0.9)


def menu(*names: str) -> AskBack:
    choices = [Choice(CHOICE_PREFIX + name, name) for name in names]
    return AskBack("哪一个？", (*choices, Choice(CHOICE_HUMAN, "人工")))


def hand_over(reason: str) -> HandOver:
    return HandOver(reason, (reason,), "service", 3, "default")


NOTHING = AskBack("没明白", ())


def heard(decision: Decision, *parts: Part, text: str = "多久发货", whole: Part | None = None) -> Heard:
    found = heard_of(text, decision, whole or part(), parts)
    assert found is not None
    return found


def test_an_answer_is_shown_with_the_question_that_matched() -> None:
    known = heard(answer(), whole=part(SHIPPING, INVOICE))
    assert (known.shown, known.offered, known.missed) == ((Found("shipping", "多久发货", 0.9),), (), False)
    assert (known.picked, known.best, known.substantial) == ("", "shipping", True)


def test_what_she_picked_is_known() -> None:
    assert heard(answer(), whole=part(SHIPPING, picked=True)).picked == "shipping"


def test_a_script_too_improbable_to_offer_is_not_the_best() -> None:
    assert (heard(NOTHING, whole=part(FAR)).best, heard(NOTHING, whole=part(INVOICE)).best) == ("", "invoice")


def test_a_menu_offers_scripts_and_no_person() -> None:
    known = heard(menu("invoice", "gift"), whole=part(SHIPPING, INVOICE))
    assert (known.shown, known.offered) == ((), (Found("invoice", "开发票", 0.4), Found("gift")))
    assert (known.missed, known.best) == (False, "shipping")


def test_a_ready_reply_is_no_script() -> None:
    known = heard(answer("reply:thank"), text="谢谢")
    assert (known.shown, known.missed, known.substantial) == ((), False, False)


@pytest.mark.parametrize(
    ("decision", "text", "missed"),
    [
        (NOTHING, "能定制吗", True),
        (NOTHING, "好的", False),
        (hand_over("nothing_found"), "能定制吗", True),
        (hand_over("asked_for_person"), "能定制吗", False),
        (hand_over("legal"), "能定制吗", False),
        (AskSlot("order_number", "订单号？"), "到哪了", False),
        (Several((answer(),), NOTHING), "多久发货，能定制吗", True),
        (Several((answer(),), None), "多久发货，开发票", False),
    ],
)
def test_a_question_is_missed_where_nothing_fitted(decision: Decision, text: str, missed: bool) -> None:  # noqa: FBT001
    assert heard(decision, text=text).missed == missed


def test_several_answers_are_all_shown_and_the_rest_is_offered() -> None:
    known = heard(Several((answer(), answer("gift")), menu("invoice")), part(SHIPPING), part(FAR), part(INVOICE))
    assert [each.script_id for each in known.shown] == ["shipping", "gift"]
    assert ([each.script_id for each in known.offered], known.parts) == (["invoice"], 3)


@pytest.mark.parametrize(("reason", "wants"), [("asked_for_person", True), ("complaint", True), ("legal", False)])
def test_who_asks_for_a_person_judges(reason: str, wants: bool) -> None:  # noqa: FBT001
    assert heard(hand_over(reason)).wants_person == wants


def test_where_a_person_serves_nothing_is_learned() -> None:
    assert heard_of("多久发货", StaySilent("a person is serving"), part()) is None
