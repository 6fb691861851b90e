"""Does an analyzer that cannot read one text still read all others, and is what it could not read known?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from archive.analysis import Mark, Utterance
from archive.analysis.marking import READ_CHARS, mark, utterance_of
from archive.entry import Entry, Voice

AT = datetime(2026, 3, 2, tzinfo=UTC)


def said(id_: int, text: str = "好") -> Utterance:
    return Utterance(id_, None, "shop", "xiaolin", "", Voice.CUSTOMER, "", AT, "text", text)


class Lengths:
    """Marks each text with its length; raises on the ids it was told to."""

    name = "length"
    version = 3

    def __init__(self, poison: frozenset[int] = frozenset()) -> None:
        self.poison = poison

    def analyze(self, batch: Sequence[Utterance]) -> Sequence[Mark | None]:
        if self.poison & {each.id for each in batch}:
            raise UnicodeError("what she wrote")
        return [Mark(each.id, len(each.text)) if each.text != "nothing" else None for each in batch]


class Forgetful(Lengths):
    @override
    def analyze(self, batch: Sequence[Utterance]) -> Sequence[Mark | None]:
        return super().analyze(batch)[1:]


@given(size=st.integers(0, 40), poison=st.sets(st.integers(0, 39)))
def test_only_the_poison_is_left_out(size: int, poison: set[int]) -> None:
    found = mark(Lengths(frozenset(poison)), [said(id_) for id_ in range(size)])
    assert [each.entry_id for each in found.failed] == sorted(each for each in poison if each < size)
    assert [each.entry_id for each in found.marks] == [each for each in range(size) if each not in poison]
    assert {each.error for each in found.failed} <= {"UnicodeError"}


def test_marks_that_do_not_fit_are_nobodys() -> None:
    assert [each.error for each in mark(Forgetful(), [said(1), said(2)]).failed] == ["WrongMarks", "WrongMarks"]


def test_who_has_nothing_to_say_has_no_mark() -> None:
    assert mark(Lengths(), [said(1, "nothing")]).marks == ()


def _entry(**more: object) -> Entry:
    common = {"source": "t", "source_id": "1", "conversation_id": None, "account": "shop", "customer": "xiaolin"}
    return Entry(**{**common, "voice": Voice.CUSTOMER, "kind": "text", "at": AT, "text": "好", "id": 1, **more})  # type: ignore[arg-type]


def test_only_what_has_words_and_stands_is_read() -> None:
    assert utterance_of(_entry()) is not None
    assert utterance_of(_entry(text=" ")) is None
    assert utterance_of(_entry(recalled=True)) is None
    assert utterance_of(_entry(damaged=True, text="")) is None
    long = utterance_of(_entry(text="长" * 10_000_000))
    assert long is not None
    assert len(long.text) == READ_CHARS
