"""How does a decision become true? One transaction: turn, conversation, ticket, outbox, transcript."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, update

from archive import Archive, Entry, Voice
from bot.domain import Inbound, MessageKind, Sender
from bot.store.effects import add_effects
from bot.store.queue import mark_waiting, release
from bot.store.serial import collected_to_json, owed_to_json, stretch_to_json
from bot.store.tables import addresses, conversations, inbox, turns
from bot.store.uses import Uses
from bot.store.views import Bubble, Claimed, ConversationMoved, TurnRecord

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

SENT = "outbox"  # the transcript's source of what we said
JOINED = "joined"  # the decision about a message that is read together with the one after it
_VOICES = {Sender.CUSTOMER: Voice.CUSTOMER, Sender.SERVICER: Voice.SERVICER, Sender.SYSTEM: Voice.SYSTEM}

# Statements of the hot path, built once: building one costs more than running it.
_OPEN = insert(conversations).returning(conversations.c.id)
_WRITE = insert(turns).returning(turns.c.id)
_POINT = update(turns).where(turns.c.id == bindparam("p_turn")).values(joined_into=bindparam("p_into"))
_DONE = update(inbox).where(inbox.c.id == bindparam("p_inbox")).values(state="done", error=None)
_CHANGE = update(conversations).where(conversations.c.id == bindparam("p_id"))  # sets the columns among its parameters
_CHANGE_UNMOVED = _CHANGE.where(conversations.c.version == bindparam("p_version"), conversations.c.state == "open")
_WINDOW = (
    update(addresses)
    .where(addresses.c.id == bindparam("p_address"))
    .values(sends_left=bindparam("p_left"), window_ends_at=bindparam("p_ends"))
)


class Turns:
    """Writes turns: exactly one for each message, and one for each thing a person says from here."""

    def __init__(
        self, engine: AsyncEngine, archive: Archive, *, now: Callable[[], datetime], reached: Callable[[str], None]
    ) -> None:
        self._engine = engine
        self._archive = archive
        self._now = now
        self._reached = reached
        self._uses = Uses(now=now)

    async def commit_turn(self, claimed: Claimed, record: TurnRecord) -> int:
        """Write the whole turn or nothing. Returns the turn's id.

        Raises StaleLease (somebody else has the message), ConversationMoved (decide again).
        """
        now = self._now()
        async with self._engine.begin() as connection:
            await release(connection, claimed.lease)
            effects = list(record.effects)
            conversation_id = claimed.conversation.id or await self._open(connection, claimed, record, now)
            if record.act is not None:  # before the conversation's row is written: the desk locks agents first
                effects.extend(await record.act(connection, conversation_id))
            await self._write_conversation(connection, claimed, record, now)
            joined = [
                await self._write_turn(connection, each, TurnRecord(JOINED, ""), conversation_id, now)
                for each in claimed.earlier
            ]
            turn_id = await self._write_turn(connection, claimed, record, conversation_id, now)
            for each in joined:  # their own turns come first, so that turns are in the order of messages
                await connection.execute(_POINT, {"p_turn": each, "p_into": turn_id})
            if record.heard is not None and conversation_id:
                await self._uses.follow(connection, turn_id, conversation_id, record.heard)
            await add_effects(
                connection,
                effects,
                address_id=claimed.lease.address_id,
                conversation_id=conversation_id or None,
                turn_id=turn_id,
                account=claimed.message.address.account,
                inline_inbox_id=claimed.inbox_id,
                now=now,
            )
            for inbox_id in claimed.inbox_ids:
                await connection.execute(_DONE, {"p_inbox": inbox_id})
            said = [*(each.message for each in claimed.earlier), claimed.message]
            entries = [entry for message in said for entry in _spoken(message, conversation_id or None)]
            await self._archive.append(connection, entries)
            await self._write_window(connection, claimed, record)
            await mark_waiting(connection, claimed.lease.address_id, now)
            self._reached("turn_written")
        return turn_id

    async def _open(self, connection: AsyncConnection, claimed: Claimed, record: TurnRecord, now: datetime) -> int:
        """Open a conversation; 0 where this turn opens none."""
        if not record.opens:
            return 0
        address, known = claimed.message.address, claimed.conversation
        row = {
            "address_id": claimed.lease.address_id,
            "account": address.account,
            "inbox": address.inbox,
            "customer": address.customer,
            "channel": claimed.message.channel.value,
            "opened_at": now,
            "promises": list(known.promises) or None,
            "stretch": stretch_to_json(known.stretch) if known.stretch else None,
            "owed": owed_to_json(known.owed) if known.owed else None,
            **_changes(record, now),
        }
        opened = await connection.execute(_OPEN, row)
        return int(opened.scalar_one())

    async def _write_conversation(
        self, connection: AsyncConnection, claimed: Claimed, record: TurnRecord, now: datetime
    ) -> None:
        """What the next decision needs. An act has checked the version itself (and may have moved it)."""
        known = claimed.conversation
        if not known.id:
            return
        changes = {"p_id": known.id, **_changes(record, now)}
        if record.act is None:
            written = await connection.execute(_CHANGE_UNMOVED, {"p_version": known.version, **changes})
        else:
            written = await connection.execute(_CHANGE, changes)
        if written.rowcount != 1:
            raise ConversationMoved(f"conversation {known.id}")

    async def _write_turn(
        self,
        connection: AsyncConnection,
        about: Claimed | Bubble,
        record: TurnRecord,
        conversation_id: int,
        now: datetime,
    ) -> int:
        row = {
            "conversation_id": conversation_id or None,
            "inbox_id": about.inbox_id,
            "author": about.message.sender.value,
            "decision": record.decision,
            "reason": record.reason[:128],
            "explanation": dict(record.explanation),
            "created_at": now,
        }
        written = await connection.execute(_WRITE, row)
        return int(written.scalar_one())

    async def _write_window(self, connection: AsyncConnection, claimed: Claimed, record: TurnRecord) -> None:
        if record.window is not None:
            window = {"p_left": record.window.sends_left, "p_ends": record.window.ends_at}
            await connection.execute(_WINDOW, {"p_address": claimed.lease.address_id, **window})

    async def bury(self, claimed: Claimed, *, error: str) -> None:
        """Dead-letter a message that could not be handled at all; it stays visible. Raises StaleLease."""
        async with self._engine.begin() as connection:
            await release(connection, claimed.lease)
            await connection.execute(
                update(inbox).where(inbox.c.id.in_(claimed.inbox_ids)).values(state="dead", error=error)
            )
            await mark_waiting(connection, claimed.lease.address_id, self._now())


def received(account: str) -> str:
    """The transcript's source of what came from an account's customers."""
    return f"inbox:{account}"[:40]


def _changes(record: TurnRecord, now: datetime) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "failures": record.failures,
        "choices": [{"id": choice.id, "label": choice.label} for choice in record.choices] or None,
        "updated_at": now,
    }
    if record.scene:
        changes["scene"] = record.scene[:256]
    if record.session_state is not None:
        changes["session_state"] = record.session_state
    if record.collected is not None:
        changes["slots"] = collected_to_json(record.collected)
    return changes


def _spoken(message: Inbound, conversation_id: int | None) -> Sequence[Entry]:
    """What the transcript keeps of a message: words and media, not the platform's own events."""
    if message.kind is MessageKind.EVENT or not message.address.customer:
        return ()
    return (
        Entry(
            source=received(message.address.account),
            source_id=message.message_id,
            conversation_id=conversation_id,
            account=message.address.account,
            customer=message.address.customer,
            voice=_VOICES[message.sender],
            who=str(message.raw.get("servicer_userid", "")) if message.sender is Sender.SERVICER else "",
            kind=message.kind.value,
            text=message.text,
            body={"media": [{"kind": ref.kind, "media_id": ref.media_id} for ref in message.media]},
            at=message.sent_at,
        ),
    )
