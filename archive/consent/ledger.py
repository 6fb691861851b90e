"""How does each person stand to what is kept of her, and may her words pass a gate?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from archive.consent.gates import Bases, Said, allows, standing_of
from archive.consent.values import EVERYWHERE, Consent, ConsentFact, Gate, Party
from archive.vault import CONSENT

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from archive.consent.asks import Asks
    from archive.consent.purges import Purges
    from archive.consent.tables import ConsentTables
    from archive.sealing import DataKey
    from archive.vault import Vault

DIGEST_BYTES = 16
MOST_SUBJECTS = 500  # in one statement


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One line of the ledger."""

    counterpart: str
    status: Consent
    changed_at: datetime
    source: str
    recorded_at: datetime


class Consents:
    """The ledger. Every method works inside the caller's transaction and never commits."""

    def __init__(
        self,
        tables: ConsentTables,
        vault: Vault,
        bases: Bases,
        now: Callable[[], datetime],
        *,
        asks: Asks,
        purges: Purges,
    ) -> None:
        self.bases = bases
        self.asks = asks
        self.purges = purges
        self._vault = vault
        self._now = now
        c = tables.consents
        self._table = c
        self._adds = {
            "postgresql": postgresql.insert(c).on_conflict_do_nothing().returning(c.c.id),
            "sqlite": sqlite.insert(c).on_conflict_do_nothing().returning(c.c.id),
        }
        subjects = c.c.subject.in_(bindparam("subjects", expanding=True))
        self._of_subjects = select(c.c.subject, c.c.counterpart, c.c.status, c.c.changed_at).where(subjects)

    async def record(self, connection: AsyncConnection, facts: Sequence[ConsentFact]) -> int:
        """Keep these facts; known ones stay as they are. Returns how many were new.

        A refusal that holds now opens the purge of what it is about, in the same transaction.
        """
        if not facts:
            return 0
        key = (await self._vault.keys_for(connection, [CONSENT]))[CONSENT]
        now, new = self._now(), 0
        for fact in facts:
            added = await connection.execute(
                self._adds[connection.dialect.name],
                {
                    "subject": subject_digest(key, fact.account, fact.customer),
                    "account": fact.account,
                    "counterpart": fact.counterpart,
                    "status": fact.status.value,
                    "changed_at": fact.changed_at,
                    "source": fact.source,
                    "recorded_at": now,
                },
            )
            if added.first() is not None:
                new += 1
                await self._follow(connection, fact, key)
        return new

    async def standing(
        self, connection: AsyncConnection, parties: Collection[Party], at: datetime | None = None
    ) -> dict[Party, Consent | None]:
        """How these people stand, or stood at a moment; None where nothing is known. One statement a 500 people."""
        key = await self._vault.find(connection, CONSENT)
        if key is None:  # nobody ever said anything
            return dict.fromkeys(parties)
        digests = {party: subject_digest(key, party.account, party.customer) for party in parties}
        facts = await self._facts(connection, set(digests.values()))
        return {
            party: standing_of(
                (
                    said
                    for counterpart in {party.counterpart, EVERYWHERE}
                    for said in facts.get((digest, counterpart), ())
                ),
                at,
            )
            for party, digest in digests.items()
        }

    async def may(self, connection: AsyncConnection, gate: Gate, parties: Collection[Party]) -> set[Party]:
        """Those of these whose words may pass the gate now."""
        standing = await self.standing(connection, parties)
        return {party for party, status in standing.items() if allows(gate, status, party.provenance, self.bases)}

    async def may_store(self, connection: AsyncConnection, parties: Collection[Party]) -> set[Party]:
        """Those of these whose words may be kept; whom of them to ask about is noted."""
        await self.asks.note(connection, parties)
        return await self.may(connection, Gate.STORE, parties)

    async def history(self, connection: AsyncConnection, account: str, customer: str) -> list[ConsentRow]:
        """All that is known of a person of an account, oldest first."""
        key = await self._vault.find(connection, CONSENT)
        if key is None:
            return []
        c = self._table.c
        query = select(c.counterpart, c.status, c.changed_at, c.source, c.recorded_at)
        query = query.where(c.subject == subject_digest(key, account, customer)).order_by(c.changed_at, c.id)
        return [
            ConsentRow(row.counterpart, Consent(row.status), row.changed_at, row.source, row.recorded_at)
            for row in await connection.execute(query)
        ]

    async def digest(self, connection: AsyncConnection, account: str, customer: str) -> str:
        """Under which name ledger and purge log know a person."""
        key = (await self._vault.keys_for(connection, [CONSENT]))[CONSENT]
        return subject_digest(key, account, customer)

    async def known_digest(self, connection: AsyncConnection, account: str, customer: str) -> str:
        """The same for who only reads; "" where ledger and log know nobody yet."""
        key = await self._vault.find(connection, CONSENT)
        return "" if key is None else subject_digest(key, account, customer)

    async def withdrawn(self, connection: AsyncConnection, people: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Those of these (account, customer) who withdrew everything."""
        key = await self._vault.find(connection, CONSENT)
        if key is None:
            return []
        digests = {person: subject_digest(key, *person) for person in people}
        facts = await self._facts(connection, set(digests.values()))
        return [
            person
            for person, digest in digests.items()
            if standing_of(facts.get((digest, EVERYWHERE), ())) is Consent.WITHDRAWN
        ]

    async def _follow(self, connection: AsyncConnection, fact: ConsentFact, key: DataKey) -> None:
        if fact.status not in (Consent.DISAGREE, Consent.WITHDRAWN) or not fact.customer:
            return
        digest = subject_digest(key, fact.account, fact.customer)
        said = (await self._facts(connection, {digest})).get((digest, fact.counterpart), [])
        if standing_of(said) is fact.status:
            why = "withdrawn" if fact.status is Consent.WITHDRAWN else "disagree"
            await self.purges.open(connection, digest, fact.account, fact.customer, fact.counterpart, why=why)

    async def _facts(
        self, connection: AsyncConnection, subjects: Collection[str]
    ) -> Mapping[tuple[str, str], list[Said]]:
        """(subject, counterpart) → what was said."""
        found: dict[tuple[str, str], list[Said]] = {}
        ordered = sorted(subjects)
        for start in range(0, len(ordered), MOST_SUBJECTS):
            rows = await connection.execute(self._of_subjects, {"subjects": ordered[start : start + MOST_SUBJECTS]})
            for row in rows:
                found.setdefault((row.subject, row.counterpart), []).append(Said(Consent(row.status), row.changed_at))
        return found


def subject_digest(key: DataKey, account: str, customer: str) -> str:
    """A keyed digest of a person, as hexadecimal; nobody without the key can try names."""
    token = key.secret.token(f"{account}\0{customer}", size=DIGEST_BYTES)
    return f"{token & (1 << 8 * DIGEST_BYTES) - 1:0{2 * DIGEST_BYTES}x}"
