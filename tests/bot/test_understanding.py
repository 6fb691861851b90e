"""What of a library is learned, and what change of it teaches nothing?"""

from __future__ import annotations

from dataclasses import replace

from bot.content.understanding import FAQ_QUESTIONS, MOST_FAQ, faq_examples, learned_from
from bot.glance import FAQ
from tests.knowledge_base.samples import script

MANY = tuple(script(f"s{number:05d}", f"第{number}个问题怎么办") for number in range(MOST_FAQ + 500))


def _texts(*scripts: object) -> set[str]:
    return {example.text for example in faq_examples(scripts).examples}  # type: ignore[arg-type] # scripts, all of them


def test_the_first_questions_of_what_is_live_are_examples_of_one_intent() -> None:
    questions = tuple(f"问法{number}" for number in range(FAQ_QUESTIONS + 2))
    found = faq_examples([script("a", *questions), script("b", "草稿", state="draft")]).examples
    assert {(each.text, each.intent) for each in found} == {(text, FAQ) for text in questions[:FAQ_QUESTIONS]}


def test_of_a_large_library_a_part_is_learned_that_a_single_change_hardly_moves() -> None:
    whole = _texts(*MANY)
    assert len(whole) == MOST_FAQ
    assert _texts(*MANY[::-1]) == whole
    assert len(whole ^ _texts(*MANY[1:], script("new", "新的问题怎么办"))) <= 4


def test_what_customers_do_not_ask_with_teaches_nothing() -> None:
    before = script("a", "问法")
    assert learned_from(before) == learned_from(replace(before, answers={"default": "另一个回答"}, owner="运营"))
    assert learned_from(before) != learned_from(replace(before, questions=("另一种问法",)))
    assert learned_from(replace(before, state="retired")) == learned_from(None) == ()
