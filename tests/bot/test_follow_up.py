"""Does a follow-up get an answer of its own?"""

from __future__ import annotations

from bot.follow_up import combined
from knowledge_base import Passage


def passages(**probabilities: float) -> list[Passage]:
    return [Passage(name, name, name, name, value, {}) for name, value in probabilities.items()]


def ranking(found: list[Passage]) -> list[tuple[str, float]]:
    return [(each.script_id, round(each.probability, 2)) for each in found]


def test_what_it_asks_itself_comes_first() -> None:
    found = combined(
        passages(postage=0.9), passages(how_to_return=0.92, postage=0.02), passages(how_to_return=0.98), most=5
    )
    assert ranking(found) == [("postage", 0.9), ("how_to_return", 0.02)]


def test_what_only_both_together_say_counts() -> None:
    found = combined(passages(postage=0.1), passages(return_postage=0.8), passages(how_to_return=0.9), most=5)
    assert ranking(found) == [("return_postage", 0.8), ("postage", 0.1)]


def test_what_was_answered_before_is_not_said_again() -> None:
    found = combined([], passages(sensitive_skin=0.96), passages(sensitive_skin=0.97), most=5)
    assert ranking(found) == [("sensitive_skin", 0.03)]


def test_no_more_than_asked_for() -> None:
    assert len(combined(passages(a=0.1, b=0.2, c=0.3), [], [], most=2)) == 2
