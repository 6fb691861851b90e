"""Who is meant by a customer's name on the command line, and under which names do we know her?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import literal, or_, select, union

from archive import ArchiveTables
from bot.store.tables import addresses, customers

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection


class UnknownCustomer(Exception):  # noqa: N818 - reads as the fact it is
    """Nobody is known by that name."""


@dataclass(frozen=True, slots=True)
class Person:
    """One human being. names: (account, customer) of each account that knows her."""

    names: tuple[tuple[str, str], ...]


async def find_person(connection: AsyncConnection, tables: ArchiveTables, named: str) -> Person:
    """Who "account/customer", a unionid or a person id is, across accounts. Raises UnknownCustomer."""
    account, slash, customer = named.partition("/")
    c = customers.c
    asked = [c.unionid == named]
    if slash:
        asked = [(c.account == account) & (c.customer == customer)]
    elif named.isdecimal() and len(named) < 19:  # noqa: PLR2004 - what a 64-bit id can be
        asked.append(c.person_id == int(named))
    found = (await connection.execute(select(c.account, c.customer, c.person_id).where(or_(*asked)))).all()
    names = {(row.account, row.customer) for row in found}
    people = {row.person_id for row in found if row.person_id is not None}
    if people:
        rows = await connection.execute(select(c.account, c.customer).where(c.person_id.in_(people)))
        names |= {(row.account, row.customer) for row in rows}
    if not names and slash and await _is_known(connection, tables, account, customer):
        names = {(account, customer)}
    if not names:
        raise UnknownCustomer(
            f"no customer {named!r} is known: name her as ACCOUNT/CUSTOMER (openid or external_userid), "
            "by her unionid, or by the person id that `xiaoer privacy export` prints"
        )
    return Person(tuple(sorted(names)))


async def _is_known(connection: AsyncConnection, tables: ArchiveTables, account: str, customer: str) -> bool:
    """Whether anything of hers is kept: not everybody who was archived has a profile."""
    kept: tuple[Table, ...] = (addresses, tables.entries, tables.consent.asks)
    anywhere = union(*(select(literal(1)).where(t.c.account == account, t.c.customer == customer) for t in kept))
    return bool(customer) and (await connection.execute(anywhere)).first() is not None
