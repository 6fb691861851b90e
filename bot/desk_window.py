"""What does an agent see and use at her desk beside the conversation's own commands? The parts, together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive import ArchiveTables
from archive.tagging import TagStore
from bot.customer_card import CustomerCards
from bot.desk_cursor import DeskCursor
from bot.desk_list import DeskList
from bot.desk_news import DeskNews
from bot.desk_sends import DeskSends
from bot.looks import Looks
from bot.presences import Presences
from bot.script_desk import ScriptDesk
from bot.settings import LimitSettings
from bot.shown_media import ShownMedia
from bot.survey import Survey
from bot.tagging.desk import TagDesk
from bot.thread_reasons import ThreadReasons
from bot.ticket_work import TicketWork
from bot.workbench import Workbench
from handoff import SlaClocks, Tables

if TYPE_CHECKING:
    from redis.asyncio import Redis


@dataclass(frozen=True, slots=True)
class DeskWindow:
    """Built once; everything in it may be used by any number of pages at once."""

    workbench: Workbench
    tickets: TicketWork
    listing: DeskList
    looks: Looks
    presences: Presences
    scripts: ScriptDesk
    sends: DeskSends
    cards: CustomerCards
    reasons: ThreadReasons
    media: ShownMedia
    cursor: DeskCursor

    def news(self) -> DeskNews:
        """One more that follows what happens."""
        bench = self.workbench
        return DeskNews(bench.engine, bench.handover.desk, bench.archive, self.cursor)


def build_desk_window(
    workbench: Workbench,
    survey: Survey,
    tags: TagDesk,
    *,
    tables: ArchiveTables,
    handoff: Tables,
    limits: LimitSettings,
    redis: Redis | None,
) -> DeskWindow:
    """Build it over what the workbench stands on."""
    engine, desk, now = workbench.engine, workbench.handover.desk, workbench.now
    looks = Looks(engine, now)
    tickets = TicketWork(
        engine,
        desk,
        SlaClocks(handoff, now, lambda: workbench.mind().shop.policy),
        survey.ratings,
        workbench.handover.media,
        tags,
        workbench.wakeups,
        now,
    )
    return DeskWindow(
        workbench=workbench,
        tickets=tickets,
        listing=DeskList(engine, desk, tickets, workbench.archive, TagStore(tables.tags), handoff, tables, looks, now),
        looks=looks,
        presences=Presences(redis, workbench.wakeups, now),
        scripts=ScriptDesk(workbench.mind, now),
        sends=DeskSends(workbench, survey, limits),
        cards=CustomerCards(engine, desk),
        reasons=ThreadReasons(desk),
        media=ShownMedia(engine, workbench.archive),
        cursor=DeskCursor(workbench),
    )
