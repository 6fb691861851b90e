"""Which people are there? Rows of the table, read and written in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, func, insert, or_, select, update

from bot.access.person import Person
from bot.access.rights import Role
from bot.access.tables import people

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.ext.asyncio import AsyncConnection


# Asked with every request to the console: building a statement costs more than running it.
_FIND: Final = select(people).where(or_(people.c.id == bindparam("p_id"), people.c.agent == bindparam("p_id")))


async def find(connection: AsyncConnection, person_id: str) -> Person | None:
    """The person of this id; else the one who serves as the agent of this id."""
    found = [_person(row) for row in await connection.execute(_FIND, {"p_id": person_id})]
    return next((each for each in found if each.id == person_id), found[0] if found else None)


async def of_wecom(connection: AsyncConnection, userid: str) -> Person | None:
    """The person whom WeCom names so: by her own userid, else by her agent's id, which is one."""
    query = select(people).where(or_(people.c.wecom == userid, people.c.agent == userid))
    found = [_person(row) for row in await connection.execute(query)]
    return next((each for each in found if each.wecom == userid), found[0] if found else None)


async def listed(connection: AsyncConnection, *, after: str = "", like: str = "", limit: int) -> list[Person]:
    """People by id. after: the last id of the page before. like: a part of an id or a name."""
    query = select(people).where(people.c.id > after).order_by(people.c.id).limit(limit)
    if like:
        query = query.where(or_(people.c.id.contains(like, autoescape=True), _named(like)))
    return [_person(row) for row in await connection.execute(query)]


async def active(connection: AsyncConnection) -> list[Person]:
    """All who may sign in."""
    return [_person(row) for row in await connection.execute(select(people).where(people.c.active == 1))]


async def names(connection: AsyncConnection) -> dict[str, str]:
    """What everybody is called, by id; those too who may not come in any more."""
    return {row.id: row.name for row in await connection.execute(select(people.c.id, people.c.name))}


async def linked_agents(connection: AsyncConnection) -> frozenset[str]:
    """The agents who are people of the table."""
    query = select(people.c.agent).where(people.c.agent.is_not(None))
    return frozenset(str(agent) for agent in (await connection.execute(query)).scalars())


async def active_admins(connection: AsyncConnection) -> Sequence[str]:
    """The ids of those who may still let others in."""
    query = select(people.c.id, people.c.roles).where(people.c.active == 1)
    return [row.id for row in await connection.execute(query) if Role.ADMIN.value in row.roles]


async def add(connection: AsyncConnection, person: Person, at: datetime) -> None:
    """One more row."""
    await connection.execute(insert(people).values(id=person.id, created_at=at, **_values(person, at)))


async def change(connection: AsyncConnection, person: Person, at: datetime) -> None:
    """The row as this person says."""
    await connection.execute(update(people).where(people.c.id == person.id).values(**_values(person, at)))


async def taken(connection: AsyncConnection, column: str, value: str, *, by_other_than: str) -> bool:
    """Has somebody else this agent or userid?"""
    query = select(func.count()).where(people.c[column] == value, people.c.id != by_other_than)
    return (await connection.execute(query)).scalar_one() > 0


def _named(like: str) -> ColumnElement[bool]:
    return people.c.name.contains(like, autoescape=True)


def _values(person: Person, at: datetime) -> dict[str, object]:
    return {
        "name": person.name,
        "roles": sorted(role.value for role in person.roles),
        "agent": person.agent,
        "wecom": person.wecom,
        "teams": sorted(person.teams),
        "regions": sorted(person.regions),
        "active": int(person.active),
        "changed_at": at,
    }


def _person(row: Row[tuple[object, ...]]) -> Person:
    return Person(
        id=row.id,
        name=row.name,
        roles=frozenset(map(Role, row.roles)),
        agent=row.agent,
        wecom=row.wecom,
        teams=frozenset(row.teams),
        regions=frozenset(row.regions),
        active=bool(row.active),
    )
