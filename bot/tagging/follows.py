"""What stands at the platform of one customer's tags, whose is it, and what is to be changed there? Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

NOBODY = ""  # the member of an official account's followers


@dataclass(frozen=True, slots=True)
class Follow:
    """What we know of a customer's tags with one member ("" at official accounts); names of the shop's tags.

    written: ours, and the platform confirmed that they stand there. ours: put there by us, or tried to, or tried to
    take away: what we were not answered about is in here alone. theirs: put there by people. What is in both may be
    either's: it is left to people, until we have to forget her. others: how many further tags she has there. live: the
    member may give her tags.
    """

    member: str
    live: bool = True
    written: frozenset[str] = frozenset()
    ours: frozenset[str] = frozenset()
    theirs: frozenset[str] = frozenset()
    others: int = 0
    marked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What the platform says of a customer and a member. tags: of the shop's names; others: how many further ones."""

    member: str
    tags: frozenset[str]
    others: int = 0


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How it stands now, and what people decided there since we looked last."""

    follow: Follow
    given: frozenset[str]
    taken: frozenset[str]


@dataclass(frozen=True, slots=True)
class Change:
    """One call's changes, by name; left_out: what found no room."""

    add: tuple[str, ...]
    remove: tuple[str, ...]
    left_out: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether the platform need not be told anything."""
        return not self.add and not self.remove

    def only(self, names: Collection[str]) -> Change:
        """The part of it that is about these names."""
        add, remove = (tuple(name for name in part if name in names) for part in (self.add, self.remove))
        return Change(add, remove)


def reconcile(
    known: Follow | None,
    seen: Seen,
    *,
    elsewhere: Collection[str] = (),
    since: Mapping[str, datetime],
    asked_at: datetime,
) -> Reconciled:
    """What people did with our tags there since we looked.

    elsewhere: what is ours with other members of hers: a customer who is handed on brings it along. since: when
    the tags that the platform has were made: one that was deleted for everybody was not taken from her. asked_at: when
    it was asked.

    What a call was about whose answer we never got is told again before we look, unless somebody touched her card
    meanwhile; then nobody can say who put there what we see of it now, and people's work is not to be undone.
    """
    before = known or _brought(seen, elsewhere, asked_at)
    if before.marked_at is not None and asked_at < before.marked_at:
        return Reconciled(before, frozenset(), frozenset())  # written since
    given = seen.tags - before.ours - before.theirs
    either = seen.tags & before.ours - before.written
    lasting = {name for name, made_at in since.items() if before.marked_at is not None and made_at <= before.marked_at}
    stood = before.written | (before.ours & before.theirs)
    follow = replace(
        before,
        live=True,
        written=seen.tags & before.written,
        ours=seen.tags & before.ours,
        theirs=seen.tags & before.theirs | given | either,
        others=seen.others,
    )
    return Reconciled(follow, given, (stood - seen.tags) & lasting if before.live else frozenset())


def _brought(seen: Seen, elsewhere: Collection[str], at: datetime) -> Follow:
    """Of a member whom we did not know: she was handed on to him with what is ours."""
    ours = seen.tags & frozenset(elsewhere)
    return Follow(seen.member, written=ours, ours=ours, marked_at=at if ours else None)


def change_of(
    follow: Follow, wanted: Sequence[str], existing: Collection[str], most: int, *, forgets: bool = False
) -> Change:
    """What to tell the platform, so that what is wanted stands there beside what people put there.

    wanted: the surest first. existing: the tags that can be given. most: tags that one customer may have there.
    forgets: she is to be forgotten, and what may be ours goes, too.
    """
    possible = [name for name in wanted if name in existing]
    there = follow.theirs | follow.written
    room = max(most - follow.others - len(there), 0)
    mine = follow.ours if forgets else follow.ours - follow.theirs
    remove = tuple(sorted((mine & frozenset(existing)) - frozenset(possible)))
    new = [name for name in possible if name not in there]
    room += len(follow.written & frozenset(remove))
    return Change(tuple(new[:room]), remove, tuple(new[room:]))


def attempted(follow: Follow, change: Change) -> Follow:
    """Before the call leaves: whatever becomes of it, what it gives or takes may stand there, and by us."""
    return replace(follow, written=follow.written - frozenset(change.remove), ours=follow.ours | frozenset(change.add))


def confirmed(follow: Follow, change: Change, at: datetime) -> Follow:
    """After the platform said yes."""
    gone = frozenset(change.remove)
    written = (follow.written | frozenset(change.add)) - gone
    ours = (follow.ours | written) - gone
    return replace(follow, written=written, ours=ours, theirs=follow.theirs - gone, marked_at=at)
