"""What did customers teach us since then? Their votes on scripts, and the questions nothing answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select

from bot.learning import InVain, UseKind, Vote, judgements
from bot.store.tables import conversations, turns
from bot.store.uses import asked_texts, script_uses

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from knowledge_base import Judged

MOST_VOTES = 20_000  # facts looked at, the newest
MOST_QUESTIONS = 10_000
AT_ONCE = 500  # turns asked for in one statement
_VOTES = (UseKind.CHOSEN, UseKind.PASSED_OVER, UseKind.UNHELPFUL, UseKind.PERSON, UseKind.SATISFIED)
_TO_THE_BOT = ("answered", "asked_back", "handed_over")  # decisions about what a customer wrote
_IN_VAIN = (UseKind.MISSED, UseKind.UNHELPFUL, UseKind.PERSON)


# Of these (account, customer): whose words may teach.
MayTeach = Callable[["AsyncConnection", Collection[tuple[str, str]]], Awaitable[Collection[tuple[str, str]]]]


@dataclass(frozen=True, slots=True)
class InVainSince:
    """Questions in vain, oldest first, each once. withheld: facts left out, because who asked did not agree to it."""

    questions: tuple[InVain, ...]
    withheld: int


async def feedback(connection: AsyncConnection, since: datetime, may: MayTeach) -> tuple[Judged, ...]:
    """What the search may learn from since then; see `judgements` for the rules and the caps."""
    rows, _ = await _facts(connection, since, _VOTES, MOST_VOTES, may)
    return judgements(
        [
            Vote(text, row.script_id, UseKind(row.kind), row.address_id, row.about_turn_id, row.parts)
            for row, text in rows
        ]
    )


async def questions_in_vain(connection: AsyncConnection, since: datetime, may: MayTeach) -> InVainSince:
    """The questions since then that nothing fitted or that were answered badly."""
    found: dict[int, InVain] = {}
    facts, withheld = await _facts(connection, since, _IN_VAIN, MOST_QUESTIONS, may)
    for row, text in facts:
        found.setdefault(
            row.asked_turn_id, InVain(text, row.address_id, UseKind(row.kind), row.script_id, row.parts, row.at)
        )
    return InVainSince(tuple(found.values()), withheld)


async def questions_asked(
    connection: AsyncConnection, since: datetime, until: datetime, may: MayTeach, most: int
) -> tuple[tuple[str, ...], int]:
    """What customers wrote to the bot then, each text once, newest first; and how many were left out, as above."""
    c = conversations.c
    query = (
        select(turns.c.id, c.account, c.customer)
        .join(conversations, c.id == turns.c.conversation_id)
        .where(
            turns.c.created_at >= since,
            turns.c.created_at < until,
            turns.c.joined_into.is_(None),
            turns.c.decision.in_(_TO_THE_BOT),
        )
        .order_by(turns.c.id.desc())
        .limit(MOST_QUESTIONS)
    )
    every = (await connection.execute(query)).all()
    people = await may(connection, {(row.account, row.customer) for row in every})
    asked = [row.id for row in every if (row.account, row.customer) in people]
    texts: dict[str, None] = {}
    for start in range(0, len(asked), AT_ONCE):
        said = await asked_texts(connection, asked[start : start + AT_ONCE])
        texts |= dict.fromkeys(said[turn] for turn in asked[start : start + AT_ONCE] if turn in said)
        if len(texts) >= most:
            break
    return tuple(texts)[:most], len(every) - len(asked)


async def _facts(
    connection: AsyncConnection, since: datetime, kinds: Collection[UseKind], most: int, may: MayTeach
) -> tuple[list[tuple[Row[Any], str]], int]:
    """The newest facts with what the customer had asked, oldest first; what was erased is not among them.

    And how many were left out because she did not agree.
    """
    use, c = script_uses.c, conversations.c
    query = (
        select(
            use.kind,
            use.script_id,
            use.about_turn_id,
            use.asked_turn_id,
            use.parts,
            use.at,
            c.address_id,
            c.account,
            c.customer,
        )
        .join(conversations, c.id == use.conversation_id)
        .where(use.at >= since, use.kind.in_(kinds))
        .order_by(use.id.desc())
        .limit(most)
    )
    every = (await connection.execute(query)).all()
    people = await may(connection, {(row.account, row.customer) for row in every})
    rows = [row for row in every if (row.account, row.customer) in people]
    texts: dict[int, str] = {}
    asked = sorted({row.asked_turn_id for row in rows})
    for start in range(0, len(asked), AT_ONCE):
        texts.update(await asked_texts(connection, asked[start : start + AT_ONCE]))
    told = [(row, texts[row.asked_turn_id]) for row in reversed(rows) if row.asked_turn_id in texts]
    return told, len(every) - len(rows)
