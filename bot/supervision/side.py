"""Which parts does supervision have, and how are they built together?"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from archive import ArchiveTables
from archive.analysis import AnalysisGround
from archive.consent import Consents, Gate, Party
from archive.playback import Player, SessionFinder
from archive.reviews import ReviewStore
from archive.tagging import TagStore
from bot.access import Audit
from bot.archive_side import ArchiveSide
from bot.content.shop import Shop
from bot.supervision.archive_desk import ArchiveDesk
from bot.supervision.drawing import Sampler
from bot.supervision.report_desk import ReportDesk
from bot.supervision.review_desk import ReviewDesk
from bot.supervision.topic_report import SaidReports
from handoff import Tables

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Supervision:
    """What the console is given."""

    archive: ArchiveDesk
    reviews: ReviewDesk
    reports: ReportDesk


def build_supervision(
    ground: AnalysisGround,
    *,
    tables: ArchiveTables,
    handoff: Tables,
    consents: Consents,
    shop: Callable[[], Shop],
    audit: Audit,
    now: Callable[[], datetime],
) -> Supervision:
    """Build them on the ground of the analysis."""

    async def may(connection: AsyncConnection, parties: Collection[Party]) -> Collection[Party]:
        return await consents.may(connection, Gate.ANALYSE, parties)

    record, readers, tickets = ground.archive, ground.readers, handoff.tickets
    player = Player(record, tables, ground.results, TagStore(tables.tags), may)
    desk = ArchiveDesk(readers, record, may, SessionFinder(record, tables, may), player, tables, tickets, shop)
    store = ReviewStore(tables.reviews, record)
    reviews = ReviewDesk(
        ground.engine, readers, store, ground.findings, Sampler(tables, tickets), player, desk, shop, audit, now
    )
    reports = ReportDesk(readers, handoff, SaidReports(ground, tables, tickets, shop, now), shop, now)
    return Supervision(desk, reviews, reports)


def supervision_of(side: ArchiveSide, handoff: Tables, audit: Audit) -> Supervision:
    """Build them beside the analysis."""
    return build_supervision(
        side.ground(), tables=side.tables, handoff=handoff, consents=side.consents,
        shop=lambda: side.minds.current().shop, audit=audit, now=side.now,
    )  # fmt: skip
