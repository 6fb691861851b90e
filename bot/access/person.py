"""Who is a person with rights, and what may not be done to her?"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.access.errors import AccessError
from bot.access.rights import Role


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in. id: what she signs in as. agent: of the content pack, None if she serves nobody.

    wecom: the userid by which WeCom names her, where it is not her agent's id. teams, regions: where her roles as lead,
    supervisor and auditor count; empty: everywhere (for an agent: in the teams that the policy names her for). A region
    is written "广东/深圳".
    """

    id: str
    name: str
    roles: frozenset[Role]
    agent: str | None = None
    wecom: str | None = None
    teams: frozenset[str] = field(default_factory=frozenset)
    regions: frozenset[str] = field(default_factory=frozenset)
    active: bool = True


class Obstacle(StrEnum):
    """Why a person cannot be added or changed so. Their words: the console's catalogue, "people_obstacles"."""

    ID_SHAPE = "id_shape"  # 1 to 64 letters, digits, . _ - @
    ID_TAKEN = "id_taken"
    NAME_MISSING = "name_missing"
    NO_ROLE = "no_role"
    AGENT_UNKNOWN = "agent_unknown"
    AGENT_TAKEN = "agent_taken"
    WECOM_TAKEN = "wecom_taken"
    LAST_ADMIN = "last_admin"
    UNKNOWN = "unknown"


class PersonRefused(AccessError):  # noqa: N818 - reads as what happened
    """The change was not made. where: the field that must be corrected."""

    def __init__(self, why: Obstacle, where: str) -> None:
        super().__init__(f"{where}: {why}")
        self.why = why
        self.where = where
