"""How do a customer's tags get onto her card in WeCom? Asked who follows her, then one call a member, changes only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from archive.tagging import TagRules
from bot.platform import ApiError, Category, PlatformClient, PlatformError
from bot.platform.calls import external_contact
from bot.store.engine import read_only
from bot.tagging.catalogue import Name, TagCatalogue
from bot.tagging.follows import Change, Follow, Seen, attempted, change_of, confirmed, reconcile
from bot.tagging.shelves import CorpShelf
from bot.tagging.targets import Ending, Job, TagTargets, Target, TargetState
from bot.tagging.wanted import MEMBER, Wanted

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

MOST_PAGES: Final = 20  # of those who follow one customer; a page has up to 500 [W 92114]
MAX_WAIT_S: Final = 10.0  # for a slot of mark_tag, while all are taken
NO_CONTACT: Final = 40096  # external_userid of nobody whom the app may see: like 84061
NO_RELATION: Final = {NO_CONTACT, 60111}  # or the member is gone
NO_TAG: Final = 40068


@dataclass(frozen=True, slots=True)
class CorpTags:
    """Writes the tags of one customer at a time; reached: told at each point between two things that are done."""

    engine: AsyncEngine
    platform: PlatformClient
    targets: TagTargets
    wanted: Wanted
    catalogue: TagCatalogue
    shelf: CorpShelf
    rules: Callable[[], TagRules]
    prefix: str
    most: int
    now: Callable[[], datetime]
    reached: Callable[[str], None]

    async def write(self, job: Job) -> Ending:
        """Bring one customer's tags in order. Raises PlatformError, CatalogueBusy."""
        target, rules = job.targets[0], self.rules()
        names = {name: self._full(rules, name) for name in rules.by_name}
        ids = await self.catalogue.ids(self.shelf, job.account, names.values()) if names else {}
        async with read_only(self.engine).connect() as connection:
            kept = await self.catalogue.kept(connection, job.account)
        # tags of rules that are gone stand there too, until they are taken away
        there = {name: each for (group, name), each in kept.items() if group.startswith(self.prefix)}
        there |= {name: kept[full] for name, full in names.items() if full in kept}
        existing = {name: each.id for name, each in there.items()}
        existing |= {name: ids[full] for name, full in names.items() if full in ids}
        if target.asks:
            await self._ask(target, rules, {name: each.since for name, each in there.items()})
        async with read_only(self.engine).connect() as connection:
            follows = (await self.targets.follows(connection, [target.person]))[target.person]
            wanted = [] if target.forgets else await self.wanted.of(connection, target.person, rules)
        live = [each for each in follows.values() if each.live]
        told = [await self._tell(target, each, wanted, existing) for each in live]
        return Ending(TargetState.DONE if any(told) else TargetState.WAITING)

    # ── who follows her, and what stands there ───────────────────────────────────────────────

    async def _ask(self, target: Target, rules: TagRules, since: Mapping[str, datetime]) -> None:
        asked_at = self.now()
        seen = await self._seen(target, rules)
        async with self.engine.begin() as connection:
            before = (await self.targets.follows(connection, [target.person]))[target.person]
            ours = frozenset[str]().union(*(each.ours - each.theirs for each in before.values()))
            found = [
                reconcile(before.get(each.member), each, elsewhere=ours, since=since, asked_at=asked_at)
                for each in seen
            ]
            there = {each.member for each in seen}
            gone = [replace(each, live=False) for each in before.values() if each.member not in there]
            await self.targets.keep(connection, target.person, [*(each.follow for each in found), *gone])
            for each in () if target.forgets else found:
                given, taken = each.given, each.taken
                by = f"{MEMBER}{each.follow.member}"
                await self.wanted.decided(connection, target.person, given=given, taken=taken, by=by, now=asked_at)
            await self.targets.asked(connection, target)
        self.reached("tags.asked")

    async def _seen(self, target: Target, rules: TagRules) -> list[Seen]:
        """externalcontact/get, all pages; nobody where she is no contact (yet)."""
        seen: list[Seen] = []
        cursor = ""
        for _ in range(MOST_PAGES):
            try:
                reply = await self.platform.call(target.account, external_contact.get_contact(target.customer, cursor))
            except ApiError as error:
                if error.category is Category.RELATION or error.code == NO_CONTACT:
                    return []
                raise
            follows = reply.get("follow_user")
            seen += [
                self._seen_by(each, rules)
                for each in (follows if isinstance(follows, list) else [])
                if isinstance(each, dict) and each.get("userid")
            ]
            cursor = str(reply.get("next_cursor") or "")
            if not cursor:
                break
        return seen

    def _seen_by(self, follow: Mapping[str, Any], rules: TagRules) -> Seen:
        tags = follow.get("tags")
        listed = [each for each in (tags if isinstance(tags, list) else []) if isinstance(each, dict)]
        full = [(str(each.get("group_name", "")), str(each.get("tag_name", ""))) for each in listed]
        ours = {name for name in rules.by_name if self._full(rules, name) in full}
        return Seen(str(follow["userid"]), frozenset(ours), len(listed) - len(ours))

    # ── telling ──────────────────────────────────────────────────────────────────────────────

    async def _tell(self, target: Target, follow: Follow, wanted: Sequence[str], existing: Mapping[str, str]) -> bool:
        """One member's view of her; False where the member does not follow her any more."""
        change = change_of(follow, wanted, existing, self.most, forgets=target.forgets)
        if change.is_nothing:
            return True
        before, follow = follow, attempted(follow, change)
        async with self.engine.begin() as connection:
            await self.targets.keep(connection, target.person, [follow])
        self.reached("tags.attempted")
        try:
            await self._mark(target, follow.member, change, existing)
        except PlatformError as error:
            alone = _is_alone(error)
            async with self.engine.begin() as connection:
                if alone or not error.may_have_acted:  # all is as it was
                    await self.targets.keep(connection, target.person, [replace(before, live=not alone)])
                if getattr(error, "code", 0) == NO_TAG:  # deleted this moment, and the event is still to come
                    await self.catalogue.outdated(connection, target.account)
            if not alone:
                raise
            return False
        self.reached("tags.marked")
        async with self.engine.begin() as connection:
            await self.targets.keep(connection, target.person, [confirmed(follow, change, self.now())])
        return True

    async def _mark(self, target: Target, member: str, change: Change, existing: Mapping[str, str]) -> None:
        add, remove = ([existing[name] for name in names] for names in (change.add, change.remove))
        call = external_contact.mark_tag(member, target.customer, add=add, remove=remove)
        await self.platform.call(target.account, call, max_wait_s=MAX_WAIT_S)

    def _full(self, rules: TagRules, name: str) -> Name:
        return (f"{self.prefix}{rules.by_name[name].group}", name)


def _is_alone(error: PlatformError) -> bool:
    """Whether the member does not follow her (any more)."""
    return isinstance(error, ApiError) and (error.category is Category.RELATION or error.code in NO_RELATION)
