"""How do followers of an official account get their tags? Many of them a call, each tag by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from archive.tagging import Customer, TagRules
from bot.channels.base import ApiCall
from bot.platform import ApiError, Category, PlatformClient, PlatformError
from bot.platform.calls import official_account as oa
from bot.store.engine import read_only
from bot.tagging.catalogue import TagCatalogue
from bot.tagging.follows import NOBODY, Change, Follow, Seen, attempted, change_of, confirmed, reconcile
from bot.tagging.shelves import OfficialShelf
from bot.tagging.targets import Ending, Job, TagTargets, Target, TargetState
from bot.tagging.wanted import PLATFORM, Wanted

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

NO_FOLLOWER: Final = frozenset({40003, 43004, 49003})  # she does not follow the account, or not any more
NO_TAG: Final = 45159
TOO_MANY: Final = 45059


@dataclass(frozen=True, slots=True)
class OfficialTags:
    """Writes the tags of up to 50 followers at a time; reached: told at each point between two things that are done."""

    engine: AsyncEngine
    platform: PlatformClient
    targets: TagTargets
    wanted: Wanted
    catalogue: TagCatalogue
    shelf: OfficialShelf
    rules: Callable[[], TagRules]
    most: int
    now: Callable[[], datetime]
    reached: Callable[[str], None]

    async def write(self, job: Job) -> dict[Customer, Ending]:
        """Bring these customers' tags in order. Raises PlatformError, CatalogueBusy."""
        rules = self.rules()
        people = [target.person for target in job.targets]
        async with read_only(self.engine).connect() as connection:
            wanted = await self.wanted.of_many(connection, people, rules)
            kept = await self.catalogue.kept(connection, job.account)
        for target in job.targets:
            if target.forgets:
                wanted[target.person] = []
        needed = {name for names in wanted.values() for name in names}
        ids = await self.catalogue.ids(self.shelf, job.account, {("", name) for name in needed})
        existing = {name: int(each.id) for (_, name), each in kept.items()}
        existing |= {name: int(tag_id) for (_, name), tag_id in ids.items()}
        strangers = await self._ask(job, existing, {name: each.since for (_, name), each in kept.items()})
        if strangers or any(target.asks for target in job.targets):
            async with read_only(self.engine).connect() as connection:
                wanted = {**await self.wanted.of_many(connection, people, rules), **_nothing(job)}
        strangers |= await self._tell(job, wanted, existing, strangers)
        return {person: Ending(TargetState.WAITING if person in strangers else TargetState.DONE) for person in people}

    async def _ask(self, job: Job, existing: Mapping[str, int], since: Mapping[str, datetime]) -> set[Customer]:
        """What stands there of those of whom we do not know; who does not follow the account."""
        strangers: set[Customer] = set()
        names = {tag_id: name for name, tag_id in existing.items()}
        for target in job.targets:
            if not target.asks:
                continue
            asked_at = self.now()
            try:
                reply = await self.platform.call(job.account, oa.tags_of_user(target.customer))
            except ApiError as error:
                if error.code not in NO_FOLLOWER:
                    raise
                strangers.add(target.person)
                continue
            listed = reply.get("tagid_list")
            tag_ids = {each for each in (listed if isinstance(listed, list) else []) if isinstance(each, int)}
            ours = frozenset(names[each] for each in tag_ids if each in names)
            await self._reconcile(target, Seen(NOBODY, ours, len(tag_ids) - len(ours)), since, asked_at)
        return strangers

    async def _reconcile(self, target: Target, seen: Seen, since: Mapping[str, datetime], asked_at: datetime) -> None:
        async with self.engine.begin() as connection:
            before = (await self.targets.follows(connection, [target.person]))[target.person].get(NOBODY)
            found = reconcile(before, seen, since=since, asked_at=asked_at)
            await self.targets.keep(connection, target.person, [found.follow])
            if not target.forgets:
                await self.wanted.decided(
                    connection, target.person, given=found.given, taken=found.taken, by=PLATFORM, now=asked_at
                )
            await self.targets.asked(connection, target)
        self.reached("tags.asked")

    # ── telling ──────────────────────────────────────────────────────────────────────────────

    async def _tell(
        self,
        job: Job,
        wanted: Mapping[Customer, Sequence[str]],
        existing: Mapping[str, int],
        strangers: set[Customer],
    ) -> set[Customer]:
        """Tell all changes, a tag and up to 50 followers a call; who turned out to follow no more."""
        forgotten = {target.person for target in job.targets if target.forgets}
        people = [target.person for target in job.targets if target.person not in strangers]
        async with read_only(self.engine).connect() as connection:
            known = await self.targets.follows(connection, people) if people else {}
        before = {person: each.get(NOBODY, Follow(NOBODY)) for person, each in known.items()}
        changes = {
            person: change_of(follow, wanted[person], existing, self.most, forgets=person in forgotten)
            for person, follow in before.items()
        }
        changes = {person: change for person, change in changes.items() if not change.is_nothing}
        tried = {person: attempted(before[person], change) for person, change in changes.items()}
        await self._keep(tried)
        self.reached("tags.attempted")
        lost: set[Customer] = set()
        told: set[str] = set()
        try:
            for name, add in _calls(changes):
                told.add(name)
                chosen = [each for each, change in changes.items() if name in (change.add if add else change.remove)]
                lost |= await self._mark(job.account, existing[name], chosen, add=add)
        except PlatformError:  # of the rest nothing left
            await self._keep({each: attempted(before[each], change.only(told)) for each, change in changes.items()})
            raise
        self.reached("tags.marked")
        at = self.now()
        done = {each: confirmed(tried[each], change, at) for each, change in changes.items() if each not in lost}
        await self._keep(done | {each: replace(tried[each], live=False) for each in lost})
        return lost

    async def _keep(self, follows: Mapping[Customer, Follow]) -> None:
        async with self.engine.begin() as connection:
            for person, follow in follows.items():
                await self.targets.keep(connection, person, [follow])

    async def _mark(self, account: str, tag_id: int, people: Sequence[Customer], *, add: bool) -> set[Customer]:
        """All of them or none: where the platform refuses, halves of them, down to those who do not follow."""
        if not people:
            return set()
        openids = [customer for _, customer in people]
        call: ApiCall = oa.tag_users(tag_id, openids) if add else oa.untag_users(tag_id, openids)
        try:
            await self.platform.call(account, call)
        except PlatformError as error:
            if not isinstance(error, ApiError) or error.category not in {Category.INPUT, Category.RELATION}:
                raise
            if error.code == NO_TAG:
                async with self.engine.begin() as connection:
                    await self.catalogue.outdated(connection, account)
                raise
            if len(people) == 1:
                if error.code in NO_FOLLOWER:
                    return {people[0]}
                raise
            half = len(people) // 2
            parts = [await self._mark(account, tag_id, some, add=add) for some in (people[:half], people[half:])]
            return parts[0] | parts[1]
        return set()


def _calls(changes: Mapping[Customer, Change]) -> list[tuple[str, bool]]:
    """Each tag that is taken, then each that is given: what is taken first makes room."""
    taken = sorted({name for change in changes.values() for name in change.remove})
    given = sorted({name for change in changes.values() for name in change.add})
    return [*((name, False) for name in taken), *((name, True) for name in given)]


def _nothing(job: Job) -> dict[Customer, list[str]]:
    return {target.person: [] for target in job.targets if target.forgets}
