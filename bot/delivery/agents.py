"""How do agents hear of a ticket in WeCom? Cards with buttons, their updates, and plain words."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import select, update

from bot.channels.base import ApiCall
from bot.delivery.outcome import Dropped, Outcome, Sent, Uncertain, outcome_of
from bot.platform import ApiError, PlatformClient, PlatformError
from bot.platform.calls.cards import Card, CardButton, CardField
from bot.platform.calls.message import Receivers, send_card, send_text, update_card_button
from bot.store.effects import Effects
from bot.store.engine import read_only
from bot.store.serial import texts_from_json
from bot.store.tables import cards
from bot.store.views import OutboxItem
from handoff import Desk, TicketState

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


TASK_ID_USED = 42014  # an app may use a task_id once (wechat-platform §4.3)


class Keep(Protocol):
    """What is written about a call's reply with the effect's settling."""

    async def __call__(self, connection: AsyncConnection, *, reply: Mapping[str, object]) -> None:
        """Write it."""
        ...


@dataclass(frozen=True, slots=True)
class TellAgents:
    """Delivers CARD, CARD_UPDATE and TELL_AGENT. app_ids: WeCom account → agentid of its app."""

    engine: AsyncEngine
    platform: PlatformClient
    desk: Desk
    effects: Effects
    app_ids: Mapping[str, int]

    async def card(self, item: OutboxItem) -> Outcome:
        """Send a ticket's card, unless somebody has taken it meanwhile, or the offer is over."""
        payload = item.payload
        async with read_only(self.engine).connect() as connection:
            ticket = await self.desk.ticket(connection, int(str(payload["ticket_id"])))
            of_card = select(cards.c.state).where(cards.c.task_id == str(payload["task_id"]))
            state = (await connection.execute(of_card)).scalar_one_or_none()
        if ticket is None or ticket.state is not TicketState.OPEN:
            return Dropped("the ticket is not waiting any more")
        if state != "open":
            return Dropped("whom it calls is not asked any more")
        via = str(payload["via"])
        call = send_card(self.app_ids[via], Receivers(users=texts_from_json(payload["receivers"])), _card(payload))
        return await self._perform(via, call, self._keep_code(str(payload["task_id"])), once=True)

    async def update(self, item: OutboxItem) -> Outcome:
        """Replace a card's buttons by words; the response_code works once, so it is never repeated."""
        payload = item.payload
        via, task_id = str(payload["via"]), str(payload["task_id"])
        async with read_only(self.engine).connect() as connection:
            card = (await connection.execute(select(cards).where(cards.c.task_id == task_id))).one_or_none()
        if card is None or not card.response_code:
            return Dropped("the card was never delivered, or its code is used up")
        if item.interrupted:
            return Uncertain("interrupted while updating; the code may be used up")
        receivers = texts_from_json(payload.get("receivers") or card.receivers)
        call = update_card_button(self.app_ids[via], card.response_code, str(payload["replace_name"]), receivers)
        await self.effects.mark_started(item)
        return await self._perform(via, call, self._forget_code(card))

    async def tell(self, item: OutboxItem) -> Outcome:
        """Plain words to one agent."""
        payload = item.payload
        via = str(payload["via"])
        receivers = Receivers(users=(str(payload["agent"]),))
        call = send_text(self.app_ids[via], receivers, str(payload["text"]), drop_repeats=True)
        return await self._perform(via, call, None)

    async def _perform(self, via: str, call: ApiCall, keep: Keep | None, *, once: bool = False) -> Outcome:
        try:
            reply = await self.platform.call(via, call)
        except PlatformError as error:
            if once and isinstance(error, ApiError) and error.code == TASK_ID_USED:
                return Sent()  # every card has a task_id of its own: a try came through, only its answer did not
            return outcome_of(error, repeatable=call.repeatable)
        return Sent(also=None if keep is None else functools.partial(keep, reply=reply))

    def _keep_code(self, task_id: str) -> Keep:
        async def keep(connection: AsyncConnection, *, reply: Mapping[str, object]) -> None:
            # a click may have come first and brought a fresher code
            await connection.execute(
                update(cards)
                .where(cards.c.task_id == task_id, cards.c.response_code == "")
                .values(response_code=str(reply.get("response_code", "")))
            )

        return keep

    def _forget_code(self, card: Row[Any]) -> Keep:
        async def keep(connection: AsyncConnection, *, reply: Mapping[str, object]) -> None:
            del reply
            await connection.execute(
                update(cards)
                .where(cards.c.task_id == card.task_id, cards.c.response_code == card.response_code)
                .values(response_code="")
            )

        return keep


def _card(payload: Mapping[str, Any]) -> Card:
    return Card(
        task_id=str(payload["task_id"]),
        title=str(payload["title"]),
        desc=str(payload["description"]),
        fields=tuple(CardField(name=str(name), value=str(value)) for name, value in payload["fields"]),
        buttons=tuple(CardButton(key=str(key), text=str(text)) for key, text in payload["buttons"]),
        url=str(payload["url"]),
    )
