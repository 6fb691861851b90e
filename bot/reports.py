"""What does the bot settle alone, for good, and does it ever say things twice? Definitions: docs/measures.md."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Row, Select, Table, Text, case, cast, exists, func, literal, select
from sqlalchemy import type_coerce as typed
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import conversations, outbox, turns
from bot.store.views import EffectKind
from handoff import By, Groups, Report, Scope, Share, Spread

DURABLE_WITHIN: Final = timedelta(days=7)
CONTAINMENT_BY: Final = (By.CHANNEL, By.SOURCE, By.INTENT, By.DAY, By.WEEKDAY, By.HOUR)
BATCH: Final = 5_000  # rows held at a time
_DURABLE_MS: Final = round(DURABLE_WITHIN.total_seconds() * 1000)
_ANSWERS: Final = ("answered", "asked_back", "greeted", "handed_over")
_PEOPLE: Final = ("agent", "servicer")


@dataclass(frozen=True, slots=True)
class ContainmentFigures:
    """What the bot did with the conversations of a group.

    covered: it answered at all. handed_over: a ticket was opened. contained: of the closed ones, without ticket and
    without a person's words. durable: contained, and the customer was not handed over within 7 days after; of those
    closed at least so long ago. first_answer: from the conversation's beginning.
    """

    key: str
    conversations: int
    covered: Share
    handed_over: Share
    contained: Share
    durable: Share
    first_answer: Spread


@dataclass(frozen=True, slots=True)
class SendFigures:
    """Words to customers that left. duplicates: the same words again from the same turn. uncertain: may have left."""

    sent: int
    duplicates: Share
    uncertain: int


@dataclass(slots=True)
class ContainmentTally:
    """Conversations of one group."""

    now_ms: int
    conversations: int = 0
    covered: int = 0
    handed_over: int = 0
    closed: int = 0
    contained: int = 0
    ripe: int = 0
    durable: int = 0
    first_answers: array[float] = field(default_factory=lambda: array("d"))

    def add(self, row: Row[Any]) -> None:
        """Count a conversation."""
        self.conversations += 1
        self.handed_over += row.handed_over
        if row.answered is not None:
            self.covered += 1
            self.first_answers.append(max(row.answered - row.opened, 0))
        if row.closed is None:
            return
        alone = not row.handed_over and not row.person
        self.closed += 1
        self.contained += alone
        if row.closed <= self.now_ms - _DURABLE_MS:
            self.ripe += 1
            self.durable += alone and (row.later is None or row.later - row.closed > _DURABLE_MS)

    def merge(self, other: ContainmentTally) -> None:
        """Count another group's besides."""
        self.conversations += other.conversations
        self.covered += other.covered
        self.handed_over += other.handed_over
        self.closed += other.closed
        self.contained += other.contained
        self.ripe += other.ripe
        self.durable += other.durable
        self.first_answers.extend(other.first_answers)

    def figures(self, key: str) -> ContainmentFigures:
        """What it comes to."""
        return ContainmentFigures(
            key=key,
            conversations=self.conversations,
            covered=Share(self.covered, self.conversations),
            handed_over=Share(self.handed_over, self.conversations),
            contained=Share(self.contained, self.closed),
            durable=Share(self.durable, self.ripe),
            first_answer=Spread.of_ms(self.first_answers),
        )


class BotReports:
    """Figures about the bot's own work; reads only, one statement each."""

    def __init__(self, tickets: Table) -> None:
        """`tickets` is the hand-over's table."""
        self._tickets = tickets

    async def containment(
        self, connection: AsyncConnection, scope: Scope, by: By | None = None
    ) -> Report[ContainmentFigures]:
        """Conversations that began in the period. Raises ValueError for a grouping that conversations do not have."""
        if by is not None and by not in CONTAINMENT_BY:
            raise ValueError(f"conversations are not grouped by {by}; take one of {', '.join(CONTAINMENT_BY)}")
        now_ms = round(scope.now.timestamp() * 1000)
        groups = Groups(scope, by, lambda: ContainmentTally(now_ms))
        query = _conversations(self._tickets, scope, by)
        result = await connection.stream(query, execution_options={"yield_per": BATCH})
        async for rows in result.partitions():
            for row in rows:
                groups.of(row.key, row.opened).add(row)
        return groups.report(ContainmentTally.figures)

    async def sends(self, connection: AsyncConnection, scope: Scope) -> SendFigures:
        """What was said to customers in the period, by whomever."""
        said = (
            outbox.c.kind.in_([EffectKind.SEND.value, EffectKind.WELCOME.value]),
            outbox.c.created_at >= scope.since,
            outbox.c.created_at < scope.until,
        )
        words = cast(outbox.c.payload, Text)
        alike = (
            select(func.count().label("n"))
            .where(*said, outbox.c.state == "sent")
            # what no turn said is never the same as anything else
            .group_by(outbox.c.address_id, outbox.c.speaker, words, func.coalesce(outbox.c.turn_id, -outbox.c.id))
            .subquery()
        )
        sent, distinct = (
            await connection.execute(select(func.coalesce(func.sum(alike.c.n), 0), func.count()).select_from(alike))
        ).one()
        unsure = select(func.count()).where(*said, outbox.c.state == "uncertain")
        uncertain = (await connection.execute(unsure)).scalar_one()
        return SendFigures(int(sent), Share(int(sent) - distinct, int(sent)), uncertain)


def _conversations(tickets: Table, scope: Scope, by: By | None) -> Select[Any]:
    c, t = conversations.c, tickets.c
    closed = case((c.state == "closed", _ms(c.closed_at)))
    answered = select(func.min(_ms(turns.c.created_at))).where(
        turns.c.conversation_id == c.id, turns.c.author == "customer", turns.c.decision.in_(_ANSWERS)
    )
    later = select(func.min(_ms(t.opened_at))).where(
        t.account == c.account, t.customer == c.customer, t.opened_at >= c.closed_at
    )
    people = exists().where(turns.c.conversation_id == c.id, turns.c.author.in_(_PEOPLE))
    query = select(
        _key(by).label("key"),
        _ms(c.opened_at).label("opened"),
        closed.label("closed"),
        case((exists().where(t.conversation_id == c.id), 1), else_=0).label("handed_over"),
        case((people, 1), else_=0).label("person"),
        answered.scalar_subquery().label("answered"),
        later.scalar_subquery().label("later"),
    ).where(c.opened_at >= scope.since, c.opened_at < scope.until)
    if scope.channel:
        query = query.where(c.channel == scope.channel)
    return query


def _key(by: By | None) -> ColumnElement[str]:
    match by:
        case By.CHANNEL:
            return conversations.c.channel
        case By.SOURCE:
            return conversations.c.scene
        case By.INTENT:
            first = (
                select(turns.c.explanation["intent"].as_string())
                .where(turns.c.conversation_id == conversations.c.id, turns.c.explanation["intent"].as_string() != "")
                .order_by(turns.c.id)
                .limit(1)
            )
            return func.coalesce(first.scalar_subquery(), "")
        case _:
            return literal("")


def _ms(column: ColumnElement[Any]) -> ColumnElement[int]:
    return typed(column, BigInteger)
