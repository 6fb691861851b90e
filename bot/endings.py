"""How does a person's time with a customer end, and what stays of it? The return contract, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Row, null, update

from archive import Archive, Entry, Voice
from bot.content.shop import Shop
from bot.domain import MenuContent, TextContent
from bot.store.serial import stretch_to_json
from bot.store.tables import conversations
from bot.store.views import Claimed, Effect, Stretch
from bot.survey import Survey
from bot.ticket_cards import TicketCards
from handoff import Desk, Refused

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

IN_CLIENT: Final = "ended in the WeCom client"  # the outcome where she ended it there
MARKS: Final = "stretch"  # the transcript's source of the line that ends a person's time


@dataclass(frozen=True, slots=True)
class Held:
    """A conversation as the one who ends it has read it. heard: whether anything can still be said to the customer."""

    id: int
    version: int
    owner: str
    agent: str
    ticket_id: int
    account: str
    customer: str
    heard: bool = True

    @classmethod
    def row(cls, row: Row[Any], *, heard: bool = True) -> Held:
        """Of a row of conversations."""
        who = row.account, row.customer
        return cls(row.id, row.version, row.owner, row.agent or "", row.ticket_id or 0, *who, heard=heard)

    @classmethod
    def claimed(cls, claimed: Claimed) -> Held:
        """Of a claimed message's conversation."""
        seen, address = claimed.conversation, claimed.message.address
        return cls(seen.id, seen.version, seen.owner, seen.agent, seen.ticket_id, address.account, address.customer)


@dataclass(frozen=True, slots=True)
class _End:
    outcome: str
    words: str
    promises: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class Ended:
    """It is over. words: for the customer, with the survey where it is time. effects: the cards are settled."""

    words: TextContent | MenuContent
    effects: Sequence[Effect] = ()


@dataclass(frozen=True, slots=True)
class Endings:
    """Ends a person's time and writes down what the bot and the next person must know of it."""

    desk: Desk
    archive: Archive
    cards: TicketCards
    survey: Survey
    now: Callable[[], datetime]

    async def close(
        self,
        connection: AsyncConnection,
        shop: Shop,
        held: Held,
        *,
        by: str,
        outcome: str,
        promises: Sequence[str] | None = None,
    ) -> Ended | Refused:
        """End the conversation. promises: what she left open; None where nobody was asked, then earlier ones stay."""
        closed = await self.desk.close(connection, held.id, held.version, by=by, outcome=outcome)
        if isinstance(closed, Refused):
            return closed
        words = shop.phrases.say("customer.agent_left")
        ended = await self._mark(connection, shop, held, _End(outcome, words, promises))
        if not held.ticket_id:
            return ended
        settled = await self.cards.settle(connection, held.ticket_id, shop.phrases.say("agent.card_closed"))
        return replace(ended, effects=settled)

    async def give_back(
        self, connection: AsyncConnection, shop: Shop, held: Held, *, outcome: str, promises: Sequence[str]
    ) -> Ended | Refused:
        """The bot serves again, and knows the outcome and what was promised."""
        returned = await self.desk.return_to_bot(
            connection, held.id, held.version, agent_id=held.agent, outcome=outcome, promises=promises
        )
        if isinstance(returned, Refused):
            return returned
        words = shop.phrases.say("customer.agent_returned", agent=shop.agent_name(held.agent))
        return await self._mark(connection, shop, held, _End(outcome, words, promises))

    async def _mark(self, connection: AsyncConnection, shop: Shop, held: Held, end: _End) -> Ended:
        """What stays of a person's time: who, how it ended, what is open; and a line in the transcript."""
        if held.owner != "agent":
            return Ended(TextContent(end.words))
        said: TextContent | MenuContent = TextContent(end.words)
        if held.heard:  # else she would count as asked
            said = await self.survey.farewell(
                connection, shop, ticket_id=held.ticket_id, outcome=end.outcome, words=end.words
            )
        now = self.now()
        stretch = Stretch(held.ticket_id, held.agent, end.outcome, now, asked=isinstance(said, MenuContent))
        values: dict[str, Any] = {"stretch": stretch_to_json(stretch), "owed": null()}
        if end.promises is not None:
            values["promises"] = list(end.promises) or null()
        await connection.execute(update(conversations).where(conversations.c.id == held.id).values(**values))
        line = Entry(
            source=MARKS,
            source_id=f"{held.id}-{held.version}",
            conversation_id=held.id,
            account=held.account,
            customer=held.customer,
            voice=Voice.SYSTEM,
            who=held.agent,
            kind="marker",
            at=now,
            text=shop.phrases.say("transcript.stretch_ended", agent=shop.agent_name(held.agent)),
            body={"ticket": held.ticket_id, "outcome": end.outcome, "promises": list(end.promises or ())},
        )
        await self.archive.append(connection, [line])
        return Ended(said)
