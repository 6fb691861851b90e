"""Is only drafted what the library does not answer, and is it told from what it answers badly?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.costs import Tariff
from bot.learning import InVain, Library, UseKind, proposals
from knowledge_base import Passage, Proposal
from tests.knowledge_base.samples import SHOP
from tests.spelt import DIM, spelt

REFUND = next(each for each in SHOP if each.id == "refund")


def library(probability: float) -> Library:
    """One that finds the refund script for whatever says 退."""

    def search(text: str, vector: NDArray[np.float32]) -> Sequence[Passage]:
        assert vector.shape == (DIM,)
        if "退" not in text:
            return []
        return [
            Passage(
                script_id="refund",
                title=REFUND.title,
                question=REFUND.questions[0],
                answer="",
                probability=probability,
                features={},
            )
        ]

    return Library(SHOP, search, Tariff(), "default")


def propose(probability: float, *asked: InVain) -> tuple[Proposal, ...]:
    ordinary = np.zeros(DIM, dtype=np.float32)
    return proposals(asked, library(probability), encode=spelt, ordinary=ordinary, customers=2)


def twice(text: str, kind: UseKind = UseKind.MISSED, parts: int = 1) -> tuple[InVain, InVain]:
    return InVain(text, 1, kind, "", parts), InVain(text + "呀", 2, kind, "", parts)


def test_what_was_missed_and_is_answered_by_now_is_no_gap() -> None:
    assert propose(0.9, *twice("退税怎么弄")) == ()
    (found,) = propose(0.4, *twice("退税怎么弄"))
    assert (found.extends, found.near and found.near.probability) == ("refund", 0.4)


@pytest.mark.parametrize("kind", [UseKind.UNHELPFUL, UseKind.PERSON])
def test_what_is_answered_badly_is_a_gap_however_surely_it_is_found(kind: UseKind) -> None:
    (found,) = propose(0.9, *twice("退税怎么弄", kind))
    assert found.extends == "refund"


def test_what_nothing_is_near_to_needs_a_script() -> None:
    (found,) = propose(0.9, *twice("口红能刻字吗"))
    assert (found.near, found.extends, found.script.state) == (None, "", "draft")


def test_of_several_questions_only_the_open_one_is_drafted() -> None:
    (found,) = propose(0.9, *twice("怎么退款？口红能刻字吗？", parts=2))
    assert "刻字" in found.gap.title
    assert "退" not in "".join(found.gap.questions)


def test_neither_greetings_nor_personal_data_become_questions() -> None:
    chat = [
        InVain(text, customer, UseKind.MISSED)
        for customer, text in enumerate(("在吗", "在吗", "好的", "好的", "12345", "12345"))
    ]
    assert propose(0.9, *chat) == ()
    (found,) = propose(0.9, *twice("口红能刻字吗，我电话13812345678"))
    assert not any("138" in question for question in (found.gap.title, *found.gap.questions, *found.script.questions))
    assert propose(0.9) == ()
