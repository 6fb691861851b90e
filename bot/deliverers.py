"""Who delivers which kind of effect? Built together; the composition root calls it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from archive import Archive
from bot.channels.base import Channel
from bot.delivery.agents import TellAgents
from bot.delivery.media import FetchMedia
from bot.delivery.profile import AskProfile
from bot.delivery.send import SendWords
from bot.delivery.session import MoveSession
from bot.delivery.uploads import Uploads
from bot.desk_side import DeskSide
from bot.domain import ChannelKind
from bot.outbox import Outbox
from bot.platform import PlatformClient
from bot.reconcile import Reconciler
from bot.settings import Settings, WeComCorp
from bot.store.effects import Effects
from bot.store.views import EffectKind
from bot.wakeups import Wakeups

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


@dataclass(frozen=True, slots=True)
class Sending:
    """What deliverers work with."""

    engine: AsyncEngine
    platform: PlatformClient
    channels: Mapping[tuple[str, ChannelKind], Channel]
    effects: Effects
    record: Archive
    uploads: Uploads
    reconciler: Reconciler
    wakeups: Wakeups
    now: Callable[[], datetime]
    reached: Callable[[str], None]


def build_outbox(settings: Settings, side: DeskSide, by: Sending) -> Outbox:
    """The outbox with a deliverer for each kind."""
    words = SendWords(
        by.engine, by.effects, by.record, by.platform, by.channels, by.uploads, by.reconciler, by.now, by.reached
    )
    app_ids = {each.name: each.agent_id for each in settings.accounts if isinstance(each, WeComCorp)}
    agents = TellAgents(by.engine, by.platform, side.handover.desk, by.effects, app_ids)
    sessions = MoveSession(
        by.platform,
        side.handover,
        by.reconciler,
        side.cards,
        side.ground.mind,
        settings.limits,
        by.wakeups,
        by.now,
    )
    media = FetchMedia(by.platform, settings.limits, settings.data_dir / "media", by.now)
    return Outbox(
        engine=by.engine,
        effects=by.effects,
        deliverers={
            EffectKind.SEND: words.send,
            EffectKind.WELCOME: words.welcome,
            EffectKind.SESSION: sessions.deliver,
            EffectKind.CARD: agents.card,
            EffectKind.CARD_UPDATE: agents.update,
            EffectKind.TELL_AGENT: agents.tell,
            EffectKind.FETCH_MEDIA: media.deliver,
            EffectKind.PROFILE: AskProfile(by.platform, by.now).deliver,
        },
        settings=settings.work,
        now=by.now,
        reached=by.reached,
    )
