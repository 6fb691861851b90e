"""What do the store's tests talk about? A shop's counter, its customers, and a clock that moves when told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from archive import Archive
from bot.bootstrap import nothing_happens, open_archive
from bot.domain import Address, ChannelKind, Doorbell, Inbound, MessageKind, Sender
from bot.store.bubbles import Patience, Waiting, no_patience
from bot.store.effects import Effects
from bot.store.intake import Intake
from bot.store.news import News
from bot.store.queue import Queue
from bot.store.turns import Turns
from bot.store.views import Claimed, Effect, EffectKind, OutboxItem, TurnRecord
from tests.archive_keys import TEST_RING

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE_S = 30.0
TOKEN_S = 600.0
WAIT_S, TOTAL_S = 1.5, 4.0
SAID = TurnRecord(decision="answered", reason="shipping-time")


@dataclass(slots=True)
class Clock:
    """Stands still until told."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> datetime:
        self.at += timedelta(seconds=seconds)
        return self.at


@dataclass(slots=True)
class Counter:
    """The store's parts around one engine."""

    engine: AsyncEngine
    clock: Clock = field(default_factory=Clock)
    patience: Patience = no_patience
    archive: Archive = field(init=False)
    intake: Intake = field(init=False)
    queue: Queue = field(init=False)
    turns: Turns = field(init=False)
    effects: Effects = field(init=False)
    news: News = field(init=False)

    def __post_init__(self) -> None:
        self.archive = open_archive(TEST_RING, self.clock)
        self.intake = Intake(self.engine, now=self.clock, patience=self.patience)
        self.queue = Queue(self.engine, now=self.clock, lease_s=LEASE_S)
        self.turns = Turns(self.engine, self.archive, now=self.clock, reached=nothing_happens)
        self.effects = Effects(self.engine, lease_s=LEASE_S)
        self.news = News(self.engine, now=self.clock, lease_s=LEASE_S, token_s=TOKEN_S, patience=self.patience)

    async def claim(self) -> Claimed:
        """The next message; there must be one."""
        claimed = await self.queue.claim()
        assert claimed is not None
        return claimed

    async def claim_effect(self) -> OutboxItem:
        """The next effect; there must be one."""
        item = await self.effects.claim(self.clock())
        assert item is not None
        return item

    async def decide(self, *effects: Effect, customer: str = "amy", number: int = 1) -> Claimed:
        """One message of hers arrives and gets a turn with these effects."""
        await self.intake.accept([message(number, customer)])
        claimed = await self.claim()
        await self.turns.commit_turn(claimed, TurnRecord(decision="answered", reason="", effects=effects))
        return claimed

    async def rows(self, table: Table) -> Sequence[Any]:
        """Every row, by id where there is one."""
        order = table.c.get("id")
        query = select(table) if order is None else select(table).order_by(order)
        async with self.engine.connect() as connection:
            return (await connection.execute(query)).all()

    async def count(self, table: Table) -> int:
        """How many rows there are."""
        async with self.engine.connect() as connection:
            return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


def message(
    number: int,
    customer: str = "amy",
    *,
    at: datetime = NOON,
    text: str = "多久发货",
    inbox: str = "",
    account: str = "shop",
    kind: MessageKind = MessageKind.TEXT,
    sender: Sender = Sender.CUSTOMER,
) -> Inbound:
    """Message `number` of the account; the same number again is the same message."""
    return Inbound(
        address=Address(account=account, inbox=inbox, customer=customer),
        channel=ChannelKind.WECOM_KF if inbox else ChannelKind.OFFICIAL_ACCOUNT,
        message_id=f"m{number}",
        kind=kind,
        sender=sender,
        sent_at=at,
        text=text,
    )


def patience(message: Inbound, before: Sequence[Waiting], now: datetime) -> datetime | None:
    """What ends in … waits for more, from the first message on at most TOTAL_S."""
    if not message.text.endswith("…"):
        return None
    began = before[0].received_at if before else now
    return min(now + timedelta(seconds=WAIT_S), began + timedelta(seconds=TOTAL_S))


def bell(token: str = "t1", open_kfid: str = "wk1") -> Doorbell:
    """A doorbell of one 微信客服 account."""
    return Doorbell(account="corp", open_kfid=open_kfid, token=token)


def say(text: str, **more: Any) -> Effect:
    """Words to the customer."""
    return Effect(kind=EffectKind.SEND, payload={"content": {"kind": "text", "text": text}}, **more)


def said(item: OutboxItem) -> str:
    """The words of a claimed effect."""
    content = item.payload["content"]
    assert isinstance(content, dict)
    return str(content["text"])
