"""What do supervisors and operators work with? The parts behind wall, rules and accounts, built together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

import aiohttp

from archive.tagging import EvidenceReader, TagTrials
from bot.access import Audit
from bot.account_desk import AccountDesk
from bot.archive_side import ArchiveSide
from bot.content.applying import ContentStore
from bot.health import Health
from bot.platform import PlatformClient
from bot.rulebook import Rulebook
from bot.settings import Settings
from bot.tagging.side import TagSide
from bot.wall import Wall
from bot.watching import Watching
from bot.workbench import Workbench


@dataclass(frozen=True, slots=True)
class WallSide:
    """The parts that the console is given."""

    wall: Wall
    watching: Watching
    rules: Rulebook
    accounts: AccountDesk


@dataclass(frozen=True, slots=True)
class WallGround:
    """What they stand on."""

    settings: Settings
    content: ContentStore
    health: Health
    platform: PlatformClient
    tag_side: TagSide
    archive_side: ArchiveSide


def build_wall_side(ground: WallGround, bench: Workbench, audit: Audit, *, zone: Callable[[], tzinfo]) -> WallSide:
    """Build them. zone: the shop's, as it is now."""
    settings = ground.settings
    return WallSide(
        wall=Wall(bench.engine, bench.handover.desk, bench.archive, bench.now, zone),
        watching=Watching(bench, audit, settings.console.watch_disclosed),
        rules=Rulebook(
            bench.engine,
            ground.content,
            ground.health.handoff,
            _trials(ground.tag_side, ground.archive_side),
            lambda: bench.mind().shop,
            lambda: {each.intent: each.title for each in bench.mind().knowledge.scripts if each.intent},
            audit,
            bench.wakeups,
            bench.now,
        ),
        accounts=AccountDesk(
            settings,
            bench.engine,
            aiohttp.ClientSession,
            ground.health.describe,
            ground.platform.usage,
            bench.wakeups,
            bench.now,
        ),
    )


def _trials(side: TagSide, archive: ArchiveSide) -> TagTrials:
    """Who tries tag rules on what the analysis found."""
    ground, tables = archive.ground(), archive.tables
    reader = EvidenceReader(tables.entries, tables.analysis.sessions, ground.results, side.context, ground.may)
    return TagTrials(reader, side.desk.store)
