"""What became of each script that was shown? Facts written with the turn that saw them, never changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    case,
    func,
    or_,
    select,
)

from bot.learning import Found, Heard, LastShown, ScriptUse, UseKind, uses_of
from bot.store.dialect import insert_in
from bot.store.tables import METADATA, Id, Instant, inbox, turns
from nlu import join_bubbles

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

WINDOW = timedelta(minutes=30)  # what a customer writes later says nothing about the answer before

# One fact about one script in one turn. What the customer wrote stays in the inbox, where erasure finds it.
script_uses = Table(
    "script_uses",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False),
    Column("turn_id", Id, ForeignKey("turns.id"), nullable=False),  # that saw it
    Column("about_turn_id", Id, ForeignKey("turns.id"), nullable=False),  # that showed, offered or missed
    Column("asked_turn_id", Id, ForeignKey("turns.id"), nullable=False),  # whose message asked
    Column("script_id", String(64), nullable=False),  # "" for a question that was missed
    Column("kind", String(12), nullable=False),
    Column("question", Text, nullable=False),  # the script's own, that matched
    Column("probability", Float, nullable=False),
    Column("parts", Integer, nullable=False),  # questions that message was read as
    Column("at", Instant, nullable=False),
    UniqueConstraint("about_turn_id", "script_id", "kind"),
    Index(None, "conversation_id", "about_turn_id"),
    Index(None, "at"),
    Index(None, "turn_id"),
)

_use = script_uses.c
_SEEN = (UseKind.SHOWN, UseKind.OFFERED, UseKind.MISSED)
# Statements of the hot path, built once: building one costs more than running it.
_NEWEST = select(func.max(_use.about_turn_id)).where(
    _use.conversation_id == bindparam("p_conversation"), _use.about_turn_id < bindparam("p_turn")
)
_LAST = (
    select(script_uses)
    .where(
        _use.conversation_id == bindparam("p_conversation"),
        _use.about_turn_id == _NEWEST.scalar_subquery(),
        _use.turn_id < bindparam("p_turn"),
        _use.at > bindparam("p_after"),
    )
    .order_by(_use.id)
)
# A thought in several bubbles has a turn a bubble, joined into the last one's.
_TEXTS = (
    select(func.coalesce(turns.c.joined_into, turns.c.id).label("turn"), inbox.c.body)
    .join(inbox, inbox.c.id == turns.c.inbox_id)
    .where(
        or_(
            turns.c.id.in_(bindparam("p_turns", expanding=True)),
            turns.c.joined_into.in_(bindparam("p_turns", expanding=True)),
        )
    )
    .order_by(turns.c.id)
)
_RECORD = {name: insert_in(name, script_uses).on_conflict_do_nothing() for name in ("sqlite", "postgresql")}


@dataclass(frozen=True, slots=True)
class UseCount:
    """How often each kind of fact was seen of one script, or of one question of it.

    question: "" where all questions are counted together. failed: showings after which she said it was useless or
    asked for a person.
    """

    script_id: str
    question: str
    kinds: dict[UseKind, int]
    failed: int

    def __getitem__(self, kind: UseKind) -> int:
        return self.kinds.get(kind, 0)

    @property
    def contained(self) -> float | None:
        """Share of the showings that did not fail; None where it was never shown."""
        shown = self[UseKind.SHOWN]
        return 1 - self.failed / shown if shown else None


class Uses:
    """Facts about scripts. Every call works inside the caller's transaction."""

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self._now = now

    async def follow(self, connection: AsyncConnection, turn_id: int, conversation_id: int, heard: Heard) -> None:
        """Write what this turn says about the scripts before it and about its own."""
        previous = await self.last_shown(connection, conversation_id, before=turn_id)
        await self.record(connection, turn_id, conversation_id, uses_of(previous, heard))

    async def record(
        self, connection: AsyncConnection, turn_id: int, conversation_id: int, uses: Sequence[ScriptUse]
    ) -> None:
        """Write facts; those already written stay as they are."""
        if not uses:
            return
        now = self._now()
        rows = [
            {
                "conversation_id": conversation_id,
                "turn_id": turn_id,
                "about_turn_id": use.about or turn_id,
                "asked_turn_id": use.asked or turn_id,
                "script_id": use.script_id,
                "kind": use.kind.value,
                "question": use.question.replace("\0", ""),
                "probability": use.probability,
                "parts": use.parts,
                "at": now,
            }
            for use in uses
        ]
        await connection.execute(_RECORD[connection.dialect.name], rows)

    async def last_shown(self, connection: AsyncConnection, conversation_id: int, *, before: int) -> LastShown | None:
        """What she saw last before this turn; None where it is older than `WINDOW` or she called a person after it."""
        wanted = {"p_conversation": conversation_id, "p_turn": before, "p_after": self._now() - WINDOW}
        rows = (await connection.execute(_LAST, wanted)).all()
        if not any(row.kind in _SEEN for row in rows) or any(row.kind == UseKind.PERSON for row in rows):
            return None
        asked, shown = rows[0].asked_turn_id, _found(rows, UseKind.SHOWN)
        settled = any(row.kind in (UseKind.CHOSEN, UseKind.PASSED_OVER) for row in rows)
        return LastShown(
            turn=rows[0].about_turn_id,
            asked=asked,
            text=(await asked_texts(connection, [asked])).get(asked, "") if shown else "",
            parts=rows[0].parts,
            shown=shown,
            offered=() if settled else _found(rows, UseKind.OFFERED),
        )

    async def counts(
        self, connection: AsyncConnection, since: datetime, *, by_question: bool = False, script_id: str = ""
    ) -> tuple[UseCount, ...]:
        """Every script that was shown or offered since, by id, or every question of each; script_id: that one alone."""
        keys = (_use.script_id, _use.question) if by_question else (_use.script_id,)
        failed = case((_use.kind.in_([UseKind.UNHELPFUL, UseKind.PERSON]), _use.about_turn_id))
        columns = [func.count().filter(_use.kind == kind).label(kind.value) for kind in UseKind]
        query = (
            select(*keys, func.count(failed.distinct()).label("failed"), *columns)
            .where(_use.at >= since, _use.script_id == script_id if script_id else _use.script_id != "")
            .group_by(*keys)
            .order_by(*keys)
        )
        rows = (await connection.execute(query)).mappings()
        return tuple(
            UseCount(
                script_id=row["script_id"],
                question=row["question"] if by_question else "",
                kinds={kind: row[kind.value] for kind in UseKind if row[kind.value]},
                failed=row["failed"],
            )
            for row in rows
        )


async def asked_texts(connection: AsyncConnection, turn_ids: Collection[int]) -> Mapping[int, str]:
    """What the messages of these turns said, bubbles read together joined; what was erased is not among them."""
    said: dict[int, list[str]] = {}
    for row in await connection.execute(_TEXTS, {"p_turns": list(turn_ids)}):
        if text := str((row.body or {}).get("text", "")):
            said.setdefault(row.turn, []).append(text)
    return {turn: join_bubbles(texts) for turn, texts in said.items()}


def _found(rows: Sequence[Row[Any]], kind: UseKind) -> tuple[Found, ...]:
    return tuple(Found(row.script_id, row.question, row.probability) for row in rows if row.kind == kind)
