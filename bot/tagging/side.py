"""Which parts make customers' tags, and how are they built together? The composition root calls it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archive import ArchiveTables
from archive.analysis import AnalysisGround
from archive.tagging import Context, EvidenceReader, Spoken, Tagger, TagRules, TagStore, TagWatch
from bot.content.minds import Minds
from bot.domain import ChannelKind
from bot.platform import PlatformClient
from bot.settings import Settings, WeComCorp
from bot.tagging.catalogue import TagCatalogue
from bot.tagging.context import context_of
from bot.tagging.desk import TagDesk
from bot.tagging.official import OfficialTags
from bot.tagging.shelves import CorpShelf, OfficialShelf
from bot.tagging.standing import TagsOfCustomers
from bot.tagging.targets import TagTargets
from bot.tagging.wanted import Wanted
from bot.tagging.wecom import CorpTags
from bot.tagging.writing import TagWriting

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


@dataclass(frozen=True, slots=True)
class TagSide:
    """The parts that others are given. writing: None where nothing is written to platforms."""

    desk: TagDesk
    tags: TagsOfCustomers
    writing: TagWriting | None
    tables: ArchiveTables
    engine: AsyncEngine
    minds: Minds
    settings: Settings

    def tagger(self, ground: AnalysisGround) -> Tagger:
        """Who judges, on the ground of the analysis. Its steps raise NotReady before there is content."""
        return Tagger(
            engine=self.engine,
            readers=ground.readers,
            store=self.desk.store,
            watch=self.desk.watch,
            evidence=EvidenceReader(
                self.tables.entries, self.tables.analysis.sessions, ground.results, self.context, ground.may
            ),
            rules=self.desk.rules,
            changed=self.desk.changed,
            recheck=timedelta(seconds=self.settings.archive.tagging.recheck_s),
            now=ground.now,
            reached=ground.reached,
        )

    async def context(self, connection: AsyncConnection, said: Sequence[Spoken]) -> Mapping[int, Context]:
        """What the rest of the product knows of these messages, by entry id."""
        return await context_of(connection, said, topics_of=self._topics_of)

    def _topics_of(self, script_id: str) -> tuple[str, ...]:
        script = self.minds.knowledge.script(script_id)
        return () if script is None else script.category


def build_tag_desk(
    settings: Settings,
    *,
    engine: AsyncEngine,
    tables: ArchiveTables,
    rules: Callable[[], TagRules],
    now: Callable[[], datetime],
) -> TagDesk:
    """What decides and reads about tags, for who runs no worker too. rules: those in force."""
    tagging = settings.archive.tagging
    channels = {
        account.name: ChannelKind.WECOM if isinstance(account, WeComCorp) else ChannelKind.OFFICIAL_ACCOUNT
        for account in settings.accounts
    }
    return TagDesk(
        TagStore(tables.tags),
        TagWatch(tables.tags),
        TagTargets(engine, channels, now=now) if tagging.write else None,
        TagCatalogue(engine, now),
        rules,
        timedelta(seconds=tagging.debounce_s),
        now,
    )


def build_tag_side(
    settings: Settings,
    *,
    engine: AsyncEngine,
    tables: ArchiveTables,
    platform: PlatformClient,
    minds: Minds,
    now: Callable[[], datetime],
    reached: Callable[[str], None],
) -> TagSide:
    """Build them."""

    def rules() -> TagRules:
        return minds.current().shop.tags

    tagging = settings.archive.tagging
    desk = build_tag_desk(settings, engine=engine, tables=tables, rules=rules, now=now)
    store, watch, targets, catalogue = desk.store, desk.watch, desk.targets, desk.catalogue
    writing = None
    if targets is not None:
        limits, wanted = settings.limits, Wanted(store, watch)
        agents = {each.name: each.agent_id for each in settings.accounts if isinstance(each, WeComCorp)}
        corp = CorpTags(
            engine, platform, targets, wanted, catalogue, CorpShelf(platform, limits, agents), rules,
            tagging.group_prefix, limits.tags_per_contact, now, reached,
        )  # fmt: skip
        official = OfficialTags(
            engine, platform, targets, wanted, catalogue, OfficialShelf(platform, limits), rules,
            limits.official_tags_per_user, now, reached,
        )  # fmt: skip
        writing = TagWriting(targets, corp, official, settings.work, limits.official_batch, now, reached)
    return TagSide(desk, TagsOfCustomers(engine, store, rules), writing, tables, engine, minds, settings)
