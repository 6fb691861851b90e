"""Who adds people and changes what they may? Each command: checked, one transaction, written to the audit log."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from bot.access import people
from bot.access.audit import Action, Actor, Audit
from bot.access.person import Obstacle, Person, PersonRefused
from bot.access.rights import Role
from bot.access.sessions import end_all
from bot.store.dialect import take_turns
from bot.store.engine import read_only
from bot.store.shared import Shared

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

TURN: Final = 7_265_118  # advisory lock: two admins must not remove each other at once
_NAMES_S: Final = 5.0  # every page asks what people are called, and they are seldom called otherwise
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


@dataclass(frozen=True, slots=True)
class Administration:
    """Reads and changes people."""

    engine: AsyncEngine
    audit: Audit
    now: Callable[[], datetime]
    _named: Shared[dict[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_named", Shared(self._names))  # frozen, and this is no one's to give

    async def find(self, person_id: str) -> Person | None:
        """The person of this id, or the one who serves as the agent of this id."""
        async with read_only(self.engine).connect() as connection:
            return await people.find(connection, person_id)

    async def listed(self, *, after: str = "", like: str = "", limit: int = 50) -> list[Person]:
        """A page of people, by id."""
        async with read_only(self.engine).connect() as connection:
            return await people.listed(connection, after=after, like=like, limit=limit)

    async def everybody(self) -> list[Person]:
        """All who may sign in."""
        async with read_only(self.engine).connect() as connection:
            return await people.active(connection)

    async def names(self) -> dict[str, str]:
        """What everybody is called, by id; a name that another process changed some seconds ago may be the old one."""
        return await self._named.read_within(_NAMES_S)

    async def _names(self) -> dict[str, str]:
        async with read_only(self.engine).connect() as connection:
            return await people.names(connection)

    async def linked_agents(self) -> frozenset[str]:
        """The agents who are people of the table."""
        async with read_only(self.engine).connect() as connection:
            return await people.linked_agents(connection)

    async def add(self, person: Person, *, agents: Collection[str], by: Actor) -> None:
        """Let somebody in. agents: ids of the pack; an id that is an agent's is that agent. Raises PersonRefused."""
        if person.agent is None and person.id in agents:
            person = replace(person, agent=person.id)
        async with self.engine.begin() as connection:
            await take_turns(connection, TURN)
            if not _ID.fullmatch(person.id):
                raise PersonRefused(Obstacle.ID_SHAPE, "id")
            found = await people.find(connection, person.id)
            if found is not None and found.id == person.id:
                raise PersonRefused(Obstacle.ID_TAKEN, "id")
            await _check(connection, person, agents)
            await people.add(connection, person, self.now())
            await self.audit.record(
                connection, Action.PERSON_ADDED, by=by, on=f"person:{person.id}", reason=described(person)
            )
        self._named.forget()

    async def change(self, person: Person, *, agents: Collection[str], by: Actor) -> None:
        """Make a person as given; whoever is disabled is signed out. Raises PersonRefused."""
        async with self.engine.begin() as connection:
            await take_turns(connection, TURN)
            before = await people.find(connection, person.id)
            if before is None or before.id != person.id:
                raise PersonRefused(Obstacle.UNKNOWN, "id")
            # what the pack no longer has may stay; only a new link must name somebody
            known = agents if before.agent is None else {*agents, before.agent}
            await _check(connection, person, known)
            await _keep_an_admin(connection, before, person)
            if person == before:
                return
            await people.change(connection, person, self.now())
            if not person.active:
                for signed_in_as in {person.id, person.agent or person.id}:
                    await end_all(connection, signed_in_as)
            await self.audit.record(
                connection, _action(before, person), by=by, on=f"person:{person.id}", reason=described(person)
            )
        self._named.forget()

    async def disable(self, person_id: str, *, by: Actor) -> None:
        """Nobody signs in as her any more, and where she is signed in she no longer is. Raises PersonRefused."""
        await self._set_active(person_id, active=False, by=by)

    async def enable(self, person_id: str, *, by: Actor) -> None:
        """She may sign in again. Raises PersonRefused."""
        await self._set_active(person_id, active=True, by=by)

    async def _set_active(self, person_id: str, *, active: bool, by: Actor) -> None:
        found = await self.find(person_id)
        if found is None:
            raise PersonRefused(Obstacle.UNKNOWN, "id")
        agents = set() if found.agent is None else {found.agent}
        await self.change(replace(found, active=active), agents=agents, by=by)


async def _check(connection: AsyncConnection, person: Person, agents: Collection[str]) -> None:
    if not person.name.strip():
        raise PersonRefused(Obstacle.NAME_MISSING, "name")
    if not person.roles:
        raise PersonRefused(Obstacle.NO_ROLE, "roles")
    if person.agent is not None:
        if person.agent not in agents:
            raise PersonRefused(Obstacle.AGENT_UNKNOWN, "agent")
        if await people.taken(connection, "agent", person.agent, by_other_than=person.id):
            raise PersonRefused(Obstacle.AGENT_TAKEN, "agent")
    if person.wecom is not None and await people.taken(connection, "wecom", person.wecom, by_other_than=person.id):
        raise PersonRefused(Obstacle.WECOM_TAKEN, "wecom")


async def _keep_an_admin(connection: AsyncConnection, before: Person, after: Person) -> None:
    """Somebody must be left who can let others in."""
    was, stays = (each.active and Role.ADMIN in each.roles for each in (before, after))
    if was and not stays and set(await people.active_admins(connection)) == {before.id}:
        raise PersonRefused(Obstacle.LAST_ADMIN, "roles" if after.active else "active")


def _action(before: Person, after: Person) -> Action:
    if before.active == after.active:
        return Action.PERSON_CHANGED
    return Action.PERSON_ENABLED if after.active else Action.PERSON_DISABLED


def described(person: Person) -> str:
    """What a person is, for the log: ids and roles, as "roles=admin agent=limei teams=aftersale"."""
    parts: list[tuple[str, list[str]]] = [
        ("roles", sorted(role.value for role in person.roles)),
        ("agent", [person.agent] if person.agent else []),
        ("wecom", [person.wecom] if person.wecom else []),
        ("teams", sorted(person.teams)),
        ("regions", sorted(person.regions)),
    ]
    return " ".join(f"{name}={','.join(values)}" for name, values in parts if values)
