"""Who did what, to what, why, when, from where? One log for all of us that only grows.

Front door for every module: `Audit.record(connection, Action.…, by=Actor(…), on="ticket:12", reason="…")`, in the
transaction of what is done, as its last statement: all who write wait for each other from there on.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select

from bot.access.chain import Head, Record, hash_of
from bot.access.tables import audit_log
from bot.masking import mask
from bot.store.dialect import take_turns
from bot.store.tables import as_kept

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

TURN: Final = 7_265_117  # advisory lock: rows are written one after the other


class Action(StrEnum):
    """What is written down. Their words stand in the console's catalogue, section "audit_actions"."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    LOCKED = "locked"
    SIGNED_OUT = "signed_out"
    SESSIONS_ENDED = "sessions_ended"
    PASSWORD_SET = "password_set"  # noqa: S105 - an action, no secret
    SECOND_FACTOR_SET = "second_factor_set"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    PERSON_ADDED = "person_added"
    PERSON_CHANGED = "person_changed"
    PERSON_DISABLED = "person_disabled"
    PERSON_ENABLED = "person_enabled"
    FIELD_REVEALED = "field_revealed"
    DATA_EXPORTED = "data_exported"
    CONVERSATION_READ = "conversation_read"
    WATCHED = "watched"
    WHISPERED = "whispered"
    JOINED = "joined"
    TAKEN_OVER = "taken_over"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLISHED = "published"
    RULES_CHANGED = "rules_changed"
    TOKEN_MADE = "token_made"  # noqa: S105 - an action, no secret
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - an action, no secret
    WEBHOOK_CHANGED = "webhook_changed"
    REVIEW_CHANGED = "review_changed"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it, and from which address. id: of a person, "cli:NAME" for commands, "" for nobody we know."""

    id: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Audit:
    """Writes the log. secret: keys the hashes of customers' ids."""

    secret: bytes
    now: Callable[[], datetime]

    async def record(
        self, connection: AsyncConnection, action: Action, *, by: Actor, on: str = "", reason: str = ""
    ) -> Record:
        """Write one row in the caller's transaction.

        on: what it is done to, as "ticket:12", "person:limei", "script:refund", or what `customer` returns; never a
        customer's id, never what somebody wrote. reason: the person's own words, kept with numbers and names masked.
        """
        await take_turns(connection, TURN)
        query = select(audit_log.c.number, audit_log.c.hash).order_by(audit_log.c.number.desc()).limit(1)
        last = (await connection.execute(query)).one_or_none()
        head = Head(last.number, last.hash) if last is not None else Head()
        record = Record(
            number=head.number + 1,
            at=as_kept(self.now()),
            who=_fitting(by.id, 64),
            action=action.value,
            object=_fitting(on, 128),
            reason=_fitting(mask(reason), 500),
            address=_fitting(by.address, 64),
            previous=head.hash,
        )
        record = replace(record, hash=hash_of(record))
        await connection.execute(insert(audit_log).values(asdict(record)))
        return record

    def customer(self, account: str, customer: str) -> str:
        """A name for a customer that says nothing of her once her id is gone; the same for the same customer."""
        key = hmac.digest(self.secret, b"audit: customers", hashlib.sha256)
        return "customer:" + hmac.digest(key, f"{account}\n{customer}".encode(), hashlib.sha256).hex()[:32]


def _fitting(text: str, most: int) -> str:
    """As the column takes it: no NUL (PostgreSQL), no half of a character, not too long."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:most]
