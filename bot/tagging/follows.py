"""What stands at the platform of one customer's tags, whose is it, and what is to be changed there? Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

NOBODY = ""  # the member of an official account's followers


@dataclass(frozen=True, slots=True)
class Follow:
    """What we know of a customer's tags with one member ("" at official accounts); names of the shop's tags.

    written: confirmed by the platform. ours: put there by us, or tried to. theirs: put there by people. others: how
    many further tags she has there. live: the member may give her tags.
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

    What a call was about whose answer we never got counts as ours, also where somebody gives it meanwhile.
    """
    before = known or Follow(seen.member, ours=seen.tags & frozenset(elsewhere))
    given = seen.tags - before.ours - before.theirs
    marked_at = before.marked_at
    settled = before.live and marked_at is not None and marked_at <= asked_at
    lasting = {name for name, made_at in since.items() if settled and marked_at is not None and made_at <= marked_at}
    taken = (before.written - seen.tags) & lasting
    follow = replace(
        before,
        live=True,
        written=seen.tags & before.ours,
        ours=before.ours - taken,
        theirs=(before.theirs & seen.tags) | given,
        others=seen.others,
    )
    return Reconciled(follow, given, taken)


def change_of(follow: Follow, wanted: Sequence[str], existing: Collection[str], most: int) -> Change:
    """What to tell the platform, so that what is wanted stands there beside what people put there.

    wanted: the surest first. existing: the tags that can be given. most: tags that one customer may have there.
    """
    possible = [name for name in wanted if name in existing]
    there = follow.theirs | follow.written
    room = max(most - follow.others - len(there), 0)
    remove = tuple(sorted((follow.ours & frozenset(existing)) - frozenset(possible)))
    new = [name for name in possible if name not in there]
    room += len(follow.written & frozenset(remove))
    return Change(tuple(new[:room]), remove, tuple(new[room:]))


def attempted(follow: Follow, change: Change) -> Follow:
    """Before the call leaves: whatever becomes of it, these may stand there, and by us."""
    return replace(follow, ours=follow.ours | frozenset(change.add))


def confirmed(follow: Follow, change: Change, at: datetime) -> Follow:
    """After the platform said yes."""
    gone = frozenset(change.remove)
    written = (follow.written | frozenset(change.add)) - gone
    return replace(follow, written=written, ours=(follow.ours | written) - gone, marked_at=at)
