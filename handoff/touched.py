"""Whom does a ticket concern? Whose it is or was, and to whom it was offered: what left a list changed it too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from handoff.replay import SET


@dataclass(frozen=True, slots=True)
class Touched:
    """Ids of the teams in whose queues a ticket stands or stood, and of the agents who had it or were offered it."""

    teams: frozenset[str] = frozenset()
    agents: frozenset[str] = frozenset()

    @classmethod
    def by(cls, detail: Mapping[str, object]) -> Touched:
        """By what one event of its history says."""
        given = detail.get(SET)
        changed = given if isinstance(given, Mapping) else {}
        agents = changed.get("agent"), detail.get("agent"), detail.get("previous"), detail.get("offered_to")
        return cls(_ids(changed.get("team"), detail.get("team")), _ids(*agents))

    def __or__(self, other: Touched) -> Touched:
        return Touched(self.teams | other.teams, self.agents | other.agents)


def _ids(*given: object) -> frozenset[str]:
    return frozenset(each for each in given if isinstance(each, str) and each)
