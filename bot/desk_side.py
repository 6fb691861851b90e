"""What lies between the desk and the journey? The parts, built together; the composition root calls it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from archive import Archive
from archive.consent import Consents
from bot.calling import Caller
from bot.card_clicks import CardClicks
from bot.clockwork import Clockwork
from bot.dangers import Dangers
from bot.domain import ChannelKind
from bot.endings import Endings
from bot.handover import Handover
from bot.mind import Mind
from bot.notices import QueueNotices
from bot.relief import Relief
from bot.settings import Settings
from bot.speech import AccountPlan, Speech
from bot.survey import Survey
from bot.tending import Tending
from bot.ticket_cards import TicketCards
from bot.ticket_media import TicketMedia
from bot.wakeups import Wakeups
from bot.withdrawing import Withdrawing
from handoff import Desk, Ratings, SlaClocks, Tables

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


@dataclass(frozen=True, slots=True)
class Ground:
    """What they all stand on."""

    tables: Tables
    mind: Callable[[], Mind]
    plans: Mapping[tuple[str, ChannelKind], AccountPlan]
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class DeskSide:
    """The parts that others are given."""

    ground: Ground
    handover: Handover
    endings: Endings
    cards: TicketCards
    clicks: CardClicks
    survey: Survey
    withdrawing: Withdrawing
    notices: QueueNotices
    clocks: SlaClocks


def build_desk_side(
    ground: Ground,
    settings: Settings,
    *,
    engine: AsyncEngine,
    desk: Desk,
    record: Archive,
    consents: Consents,
    speech: Speech,
) -> DeskSide:
    """Build them."""
    tables, mind, plans, now = ground.tables, ground.mind, ground.plans, ground.now
    cards = TicketCards(now, settings.server.public_url)
    survey = Survey(Ratings(tables, now), cards, speech, settings.survey, now)
    notices = QueueNotices(desk, tables, speech, mind, plans, settings.limits.reserve_for_handover, now)
    clocks = SlaClocks(tables, now, lambda: mind().shop.policy)
    handover = Handover(desk, record, speech, notices, Clockwork(desk), TicketMedia(desk, record), now)
    endings = Endings(desk, record, cards, survey, now)
    return DeskSide(
        ground=ground,
        handover=handover,
        endings=endings,
        cards=cards,
        clicks=CardClicks(mind, plans, handover, cards, now),
        survey=survey,
        withdrawing=Withdrawing(engine, consents, record, endings, speech, now),
        notices=notices,
        clocks=clocks,
    )


def build_tending(side: DeskSide, engine: AsyncEngine, wakeups: Wakeups, reached: Callable[[str], None]) -> Tending:
    """Build who looks after the queue."""
    ground, desk = side.ground, side.handover.desk

    def say(phrase: str) -> str:  # by the content that is in force when it is said
        return ground.mind().shop.phrases.say(phrase)

    relief = Relief(side.handover, side.cards, ground.mind, ground.plans, ground.now)
    return Tending(
        engine=engine,
        desk=desk,
        cards=side.cards,
        caller=Caller(desk, side.cards, ground.tables, ground.mind, ground.plans, ground.now),
        relief=relief,
        notices=side.notices,
        dangers=Dangers(engine, desk, side.clocks, relief, side.cards, ground.mind, ground.plans, ground.now),
        say=say,
        wakeups=wakeups,
        now=ground.now,
        reached=reached,
    )
