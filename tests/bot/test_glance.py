"""Is nothing taken for certain by its spelling that is not?"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.glance import enough_without_meaning
from knowledge_base import Passage
from nlu import Mood, Understanding


def glance(*ranking: tuple[str, float]) -> Understanding:
    intent, confidence = ranking[0]
    return Understanding("问", intent, confidence, ranking, (), Mood(0, 0), None, "spelling")


def found(probability: float) -> list[Passage]:
    return [Passage("shipping", "发货", "什么时候发货", "48 小时内", probability, {})]


@pytest.mark.parametrize(
    ("ranking", "probability", "enough"),
    [
        ((("greet", 0.97), ("faq", 0.03)), 0.0, True),
        ((("greet", 0.90), ("faq", 0.10)), 0.99, False),
        ((("faq", 0.97), ("greet", 0.03)), 0.97, True),
        ((("faq", 0.97), ("greet", 0.03)), 0.90, False),
        ((("faq", 0.80), ("ask_human", 0.20)), 0.99, False),
        ((("faq/refund", 0.60), ("faq/shipping", 0.40)), 0.97, True),
        ((("faq/refund", 0.99), ("greet", 0.01)), 0.5, False),
        ((("out_of_scope", 0.95), ("faq", 0.05)), 0.97, True),
    ],
)
def test_only_certainty_spares_the_encoder(
    ranking: tuple[tuple[str, float], ...],
    probability: float,
    enough: bool,  # noqa: FBT001
) -> None:
    assert (enough_without_meaning(glance(*ranking), lambda _: found(probability)) is not None) is enough


def test_scripts_are_not_looked_for_where_she_may_mean_to_steer() -> None:
    def search(_: float) -> Sequence[Passage]:
        pytest.fail("searched")

    assert enough_without_meaning(glance(("faq", 0.7), ("ask_human", 0.3)), search) is None
