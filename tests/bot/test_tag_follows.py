"""Is only what we wrote ever taken away, and is what people do at the platform understood as theirs?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.tagging.follows import Change, Follow, Seen, attempted, change_of, confirmed, reconcile

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)
NAMES = ("美妆", "价格", "风险", "夜间")
SINCE = dict.fromkeys(NAMES, NOON - timedelta(days=1))
sets = st.frozensets(st.sampled_from(NAMES))


def test_only_changes_are_told() -> None:
    follow = Follow("lina", written=frozenset({"美妆", "价格"}), ours=frozenset({"美妆", "价格"}))
    assert change_of(follow, ["风险", "美妆"], NAMES, 100) == Change(("风险",), ("价格",))
    assert change_of(follow, ["价格", "美妆"], NAMES, 100).is_nothing


def test_what_people_gave_is_neither_given_again_nor_taken() -> None:
    follow = Follow("lina", theirs=frozenset({"美妆"}))
    assert change_of(follow, ["美妆"], NAMES, 100).is_nothing
    assert change_of(follow, [], NAMES, 100).is_nothing


def test_the_surest_come_first_where_there_is_no_room() -> None:
    follow = Follow("", others=18, theirs=frozenset({"夜间"}))
    assert change_of(follow, ["风险", "美妆", "价格"], NAMES, 20) == Change(("风险",), (), ("美妆", "价格"))


def test_a_tag_that_the_platform_does_not_have_is_not_told() -> None:
    assert change_of(Follow("lina"), ["美妆", "新词"], NAMES, 100).add == ("美妆",)


def test_a_call_whose_fate_is_unknown_is_repeated() -> None:
    follow = Follow("lina", written=frozenset({"价格"}), ours=frozenset({"价格"}), marked_at=NOON)
    change = Change(("美妆",), ("价格",))
    tried = attempted(follow, change)
    assert change_of(tried, ["美妆"], NAMES, 100) == change
    assert confirmed(tried, change, LATER).written == frozenset({"美妆"})


@pytest.mark.parametrize(
    ("ours", "change"),
    [(frozenset({"美妆"}), Change((), ("美妆",))), (frozenset[str](), Change(("美妆",), ()))],
)
def test_what_somebody_may_have_given_before_we_were_answered_is_left_until_she_is_forgotten(
    ours: frozenset[str], change: Change
) -> None:
    tried = attempted(Follow("lina", written=ours, ours=ours, marked_at=NOON), change)
    found = reconcile(tried, Seen("lina", frozenset({"美妆"})), since=SINCE, asked_at=LATER)
    assert (found.given, found.taken) == (frozenset(), frozenset())
    assert change_of(found.follow, [], NAMES, 100).is_nothing
    assert change_of(found.follow, ["美妆"], NAMES, 100).is_nothing
    gone = change_of(found.follow, [], NAMES, 100, forgets=True)
    assert gone.remove == ("美妆",)
    assert confirmed(attempted(found.follow, gone), gone, LATER) == Follow("lina", marked_at=LATER)


def test_what_does_not_stand_there_is_nobodys() -> None:
    tried = attempted(Follow("lina"), Change(("美妆",), ()))  # and it was lost on its way there
    absent = reconcile(tried, Seen("lina", frozenset()), since=SINCE, asked_at=LATER)
    assert absent.follow == Follow("lina")
    again = reconcile(absent.follow, Seen("lina", frozenset({"美妆"})), since=SINCE, asked_at=LATER)
    assert (again.given, again.follow.ours) == (frozenset({"美妆"}), frozenset())


def test_what_a_person_takes_is_taken() -> None:
    follow = Follow("lina", written=frozenset({"美妆"}), ours=frozenset({"美妆"}), marked_at=NOON)
    found = reconcile(follow, Seen("lina", frozenset()), since=SINCE, asked_at=LATER)
    assert (found.taken, found.follow.ours) == (frozenset({"美妆"}), frozenset())


@pytest.mark.parametrize(
    ("follow", "since"),
    [
        (Follow("lina", written=frozenset({"美妆"}), ours=frozenset({"美妆"}), marked_at=LATER), SINCE),  # asked before
        (Follow("lina", written=frozenset({"美妆"}), ours=frozenset({"美妆"}), marked_at=NOON), {}),  # deleted for all
        (Follow("lina", live=False, written=frozenset({"美妆"}), ours=frozenset({"美妆"})), SINCE),  # a new relation
    ],
)
def test_what_is_missing_for_another_reason_was_not_taken(follow: Follow, since: dict[str, datetime]) -> None:
    found = reconcile(follow, Seen("lina", frozenset()), since=since, asked_at=NOON + timedelta(seconds=1))
    assert found.taken == frozenset()


def test_who_is_handed_on_brings_our_tags_along() -> None:
    seen = Seen("wanglei", frozenset({"美妆", "风险"}))
    found = reconcile(None, seen, elsewhere={"美妆"}, since=SINCE, asked_at=LATER)
    assert (found.follow.written, found.given) == (frozenset({"美妆"}), frozenset({"风险"}))
    later = LATER + timedelta(minutes=1)
    gone = reconcile(found.follow, Seen("wanglei", frozenset({"风险"})), since=SINCE, asked_at=later)
    assert gone.taken == frozenset({"美妆"})


@given(sets, sets, sets, st.lists(st.sampled_from(NAMES), unique=True))
def test_nothing_of_theirs_is_ever_removed(
    written: frozenset[str], ours: frozenset[str], theirs: frozenset[str], wanted: list[str]
) -> None:
    follow = Follow("lina", written=written & (ours - theirs), ours=ours, theirs=theirs)
    change = change_of(follow, wanted, NAMES, 100)
    assert not theirs & set(change.remove)
    assert set(change.remove) <= follow.ours
    after = confirmed(attempted(follow, change), change, NOON)
    assert change_of(after, wanted, NAMES, 100).is_nothing
    assert after.written | after.theirs >= set(wanted)


@dataclass
class Platform:
    """Who put which tag on a customer's card."""

    by_us: set[str] = field(default_factory=set)
    by_people: set[str] = field(default_factory=set)


class Marking(RuleBasedStateMachine):
    """We write, calls get lost on either way, people give and take: nobody's work is undone by us.

    What people do is called back, and looked at before anything is written.
    """

    def __init__(self) -> None:
        super().__init__()
        self.time = NOON
        self.card = Platform()
        self.follow = Follow("lina")
        self.wanted: set[str] = set()
        self.pinned: set[str] = set()
        self.vetoed: set[str] = set()

    @rule(names=sets)
    def rules_say(self, names: frozenset[str]) -> None:
        self.wanted = {*names}

    @rule(name=st.sampled_from(NAMES))
    def person_gives(self, name: str) -> None:
        if name not in self.card.by_us:
            self.card.by_people.add(name)
        self.we_look()

    @rule(name=st.sampled_from(NAMES))
    def person_takes(self, name: str) -> None:
        self.card.by_us.discard(name)
        self.card.by_people.discard(name)
        self.we_look()

    @rule(arrives=st.booleans(), answered=st.booleans(), forgets=st.booleans())
    def we_write(self, *, arrives: bool, answered: bool, forgets: bool) -> None:
        self.time += timedelta(seconds=1)
        wanted = [] if forgets else sorted((self.wanted | self.pinned) - self.vetoed)
        change = change_of(self.follow, wanted, NAMES, 100, forgets=forgets)
        if change.is_nothing:
            return
        before, self.follow = self.follow, attempted(self.follow, change)
        assert not self.card.by_people & (set(change.remove) - (before.ours & before.theirs))
        if arrives:
            self.card.by_us |= set(change.add) - self.card.by_people
            self.card.by_us -= set(change.remove)
            self.card.by_people -= set(change.remove)
        if arrives and answered:
            self.follow = confirmed(self.follow, change, self.time)

    def we_look(self) -> None:
        self.time += timedelta(seconds=1)
        seen = Seen("lina", frozenset(self.card.by_us | self.card.by_people))
        found = reconcile(self.follow, seen, since=SINCE, asked_at=self.time)
        self.follow = found.follow
        self.pinned = (self.pinned | found.given) - found.taken
        self.vetoed = (self.vetoed | found.taken) - found.given

    @invariant()
    def what_is_written_is_not_theirs(self) -> None:
        assert not self.follow.written & self.follow.theirs
        assert self.follow.written <= self.follow.ours

    @invariant()
    def what_stands_there_by_us_can_be_forgotten(self) -> None:
        assert self.card.by_us <= self.follow.ours


TestMarking = Marking.TestCase
TestMarking.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
