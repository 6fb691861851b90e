"""Does the same belong together, in whatever order and in however many pieces it arrives?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from archive.analysis.sessions import Moment, Span, group

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
GAP = timedelta(minutes=30)


def _at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def _grown(batches: Sequence[Sequence[Moment]]) -> dict[int, int]:
    """The session of each entry after the batches came one after the other, as the store keeps them."""
    spans: dict[int, Span] = {}
    session_of: dict[int, int] = {}
    for batch in batches:
        for each in group(list(spans.values()), batch, GAP):
            id_ = each.span.id or max(spans, default=0) + 1
            spans[id_] = Span(id_, each.span.conversation_id, each.span.started_at, each.span.ended_at)
            for gone in each.absorbed:
                del spans[gone]
                session_of.update({entry: id_ for entry, session in session_of.items() if session == gone})
            session_of.update(dict.fromkeys(each.entry_ids, id_))
    return session_of


def _together(session_of: dict[int, int]) -> set[frozenset[int]]:
    return {
        frozenset(entry for entry, session in session_of.items() if session == wanted) for wanted in session_of.values()
    }


def test_a_pause_longer_than_the_gap_begins_a_session() -> None:
    moments = [Moment(1, None, _at(0)), Moment(2, None, _at(30)), Moment(3, None, _at(61))]
    assert _together(_grown([moments])) == {frozenset({1, 2}), frozenset({3})}


def test_what_comes_late_and_lies_between_makes_two_sessions_one() -> None:
    first = [Moment(1, None, _at(0)), Moment(2, None, _at(50))]
    assert len(_together(_grown([first]))) == 2
    assert _together(_grown([first, [Moment(3, None, _at(25))]])) == {frozenset({1, 2, 3})}


def test_a_conversation_is_one_session_however_long_it_pauses_and_takes_nothing_else_in() -> None:
    moments = [Moment(1, 7, _at(0)), Moment(2, 7, _at(5000)), Moment(3, None, _at(1)), Moment(4, 8, _at(2))]
    assert _together(_grown([moments])) == {frozenset({1, 2}), frozenset({3}), frozenset({4})}


@given(
    said=st.lists(st.tuples(st.integers(0, 300), st.sampled_from([None, None, None, 7, 8])), min_size=1, max_size=25),
    order=st.randoms(use_true_random=False),
    pieces=st.integers(1, 6),
)
def test_neither_order_nor_pieces_matter(said: list[tuple[int, int | None]], order: object, pieces: int) -> None:
    moments = [Moment(id_, talk, _at(minute)) for id_, (minute, talk) in enumerate(said, start=1)]
    whole = _together(_grown([moments]))
    shuffled = list(moments)
    order.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis' Random
    step = -(-len(shuffled) // pieces)
    assert _together(_grown([shuffled[at : at + step] for at in range(0, len(shuffled), step)])) == whole
