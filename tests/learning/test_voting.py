"""Do customers teach the search together, and none of them alone?"""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bot.learning import UseKind, Vote, judgements
from bot.learning.voting import PER_CUSTOMER, PER_SCRIPT
from knowledge_base import Judged
from nlu import normalise

ASKED = "能开票吗"


def vote(kind: UseKind, script: str = "a", customer: int = 1, **more: object) -> Vote:
    values = {"query": ASKED, "about": 1, **more}
    return Vote(script_id=script, kind=kind, customer=customer, **values)  # type: ignore[arg-type] # by name


def test_what_is_chosen_is_right_and_the_rest_of_that_menu_wrong() -> None:
    votes = [vote(UseKind.CHOSEN, "a"), vote(UseKind.PASSED_OVER, "b"), vote(UseKind.PASSED_OVER, "c", about=2)]
    assert judgements(votes) == (Judged(ASKED, "a", True), Judged(ASKED, "b", False))


def test_signs_need_two_witnesses() -> None:
    signs = [vote(UseKind.UNHELPFUL, customer=1, query="开票"), vote(UseKind.PERSON, customer=2, query="要发票")]
    assert judgements(signs[:1]) == ()
    assert judgements(signs) == (Judged("开票", "a", False), Judged("要发票", "a", False))
    assert judgements([vote(UseKind.SATISFIED, customer=each) for each in (1, 2)]) == (Judged(ASKED, "a", True),)


def test_one_witness_twice_is_one() -> None:
    assert judgements([vote(UseKind.UNHELPFUL), vote(UseKind.PERSON, about=2)]) == ()


def test_what_she_chose_was_found_rightly_though_it_did_not_help() -> None:
    others = [vote(UseKind.UNHELPFUL, customer=each, query="别的") for each in (2, 3)]
    votes = [vote(UseKind.CHOSEN), vote(UseKind.UNHELPFUL, about=2), *others]
    assert judgements(votes) == (Judged(ASKED, "a", True), Judged("别的", "a", False))


def test_the_majority_decides_and_a_tie_does_not() -> None:
    tie = [
        vote(UseKind.CHOSEN, customer=1),
        vote(UseKind.CHOSEN, "b", 2, about=2),
        vote(UseKind.PASSED_OVER, "a", 2, about=2),
    ]
    assert judgements(tie) == (Judged(ASKED, "b", True),)
    assert Judged(ASKED, "a", True) in judgements([*tie, vote(UseKind.CHOSEN, customer=3, about=3)])


def test_a_message_of_several_questions_teaches_nothing() -> None:
    assert judgements([vote(UseKind.CHOSEN, parts=2)]) == ()


def test_the_newest_are_kept() -> None:
    votes = [vote(UseKind.CHOSEN, customer=each, query=f"问题{each}", about=each) for each in range(5)]
    assert [each.query for each in judgements(votes, newest=2)] == ["问题3", "问题4"]


VOTES = st.lists(
    st.builds(
        Vote,
        query=st.sampled_from(["开票", "多久到", "退货", "包邮吗", "！"]),
        script_id=st.sampled_from("abcdefghijkl"),
        kind=st.sampled_from(UseKind),
        customer=st.integers(1, 6),
        about=st.integers(1, 20),
    ),
    max_size=80,
)


@given(VOTES)
def test_a_question_and_a_script_are_judged_once(votes: list[Vote]) -> None:
    judged = judgements(votes)
    assert len({(normalise(each.query), each.script_id) for each in judged}) == len(judged)
    assert all(normalise(each.query) for each in judged)


@given(VOTES, VOTES)
def test_one_customer_changes_no_more_than_her_share(others: list[Vote], hers: list[Vote]) -> None:
    """Signs aside, for which she may be the second witness: there others have said the same."""
    acts = (UseKind.CHOSEN, UseKind.PASSED_OVER)
    others = [each for each in others if each.kind in acts]
    mine = [Vote(each.query, each.script_id, each.kind, 99, each.about + 100) for each in hers if each.kind in acts]
    before, after = set(judgements(others)), set(judgements([*others, *mine]))
    assert len(after - before) <= PER_CUSTOMER
    assert len(before - after) <= PER_CUSTOMER
    per_script = Counter(each.script_id for each in after - before)
    assert all(count <= 2 * PER_SCRIPT for count in per_script.values())
