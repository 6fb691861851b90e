"""What has happened that a webhook wants to hear of? Read from the tickets' history, each event once."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select, update

from bot.api.hooks import Hook, hook_of
from bot.api.scopes import EVENTS
from bot.api.tables import webhook_deliveries, webhooks
from bot.store.dialect import insert_for, take_turns
from handoff import Desk, Ticket, TicketEvent

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

# Ids are given when a row is written, not when it is committed: one a little smaller may still appear.
MARGIN: Final = 500
BATCH: Final = 1_000
_GATHERING: Final = 7_265_118  # advisory lock: one process at a time
_NAME_OF: Final = {kind: name for name, kinds in EVENTS.items() for kind in kinds}


@dataclass(frozen=True, slots=True)
class HookEvents:
    """Makes deliveries of what happened. A process that dies in between has made all of a batch, or none."""

    engine: AsyncEngine
    desk: Desk
    now: Callable[[], datetime]

    async def gather(self) -> int:
        """Note what each webhook is to be told of; how many deliveries that made."""
        async with self.engine.begin() as connection:
            rows = (await connection.execute(select(webhooks).where(webhooks.c.state == "on"))).all()
            if not rows:
                return 0
            await take_turns(connection, _GATHERING)
            seen = min(row.seen for row in rows)
            happened = await self.desk.happened_after(connection, max(0, seen - MARGIN), BATCH + MARGIN)
            if not happened:
                return 0
            made = await self._tell(connection, [hook_of(row) for row in rows], happened)
            newest = happened[-1].id
            behind = (webhooks.c.state == "on") & (webhooks.c.seen < newest)
            await connection.execute(update(webhooks).where(behind).values(seen=newest))
            return made

    async def _tell(self, connection: AsyncConnection, hooks: list[Hook], happened: tuple[TicketEvent, ...]) -> int:
        told = [(hook, event) for event in happened for hook in hooks if _wants(hook, event)]
        if not told:
            return 0
        tickets = await self.desk.tickets(connection, sorted({event.ticket_id for _, event in told}))
        rows = [self._row(hook, event, tickets[event.ticket_id]) for hook, event in told if event.ticket_id in tickets]
        once = insert_for(connection, webhook_deliveries).on_conflict_do_nothing()
        made = 0
        for row in rows:
            made += (await connection.execute(once, row)).rowcount
        return made

    def _row(self, hook: Hook, event: TicketEvent, ticket: Ticket) -> dict[str, Any]:
        now, delivery_id, name = self.now(), uuid.uuid4().hex, _NAME_OF[event.kind]
        body = {
            "id": delivery_id,
            "event": name,
            "occurred_at": event.at.isoformat(),
            "kind": event.kind,
            "by": event.by,
            "cause": event.cause,
            "ticket": {
                "id": ticket.id,
                "conversation_id": ticket.conversation_id,
                "account": ticket.account,
                "channel": ticket.channel,
                "team": ticket.team,
                "agent": ticket.agent,
                "state": ticket.state.value,
                "priority": ticket.priority,
                "reason": ticket.reason,
                "rule": ticket.rule,
                "outcome": ticket.outcome,
            },
        }
        return {
            "id": delivery_id,
            "webhook_id": hook.id,
            "event_id": event.id,
            "event": name,
            "ticket_id": ticket.id,
            "body": json.dumps(body, ensure_ascii=False),
            "at": now,
            "state": "pending",
            "next_at": now,
        }


def _wants(hook: Hook, event: TicketEvent) -> bool:
    return event.at >= hook.since and _NAME_OF.get(event.kind) in hook.events
