"""Which conversations may somebody see who looks at what was said? Those of the teams she leads, or all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Table, select

from archive.playback import EVERYTHING, Sight


@dataclass(frozen=True, slots=True)
class Lookout:
    """Who looks. everything: whatever was said. teams: else, of these. members: the ids of each team's people."""

    person: str
    everything: bool = False
    teams: frozenset[str] = frozenset()
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def narrowed(self, team: str) -> Lookout:
        """The same person, looking at one team only; at nothing, where she may not see it."""
        if not team:
            return self
        seen = self.everything or team in self.teams
        return Lookout(self.person, everything=False, teams=frozenset({team} if seen else ()), members=self.members)

    @property
    def agents(self) -> frozenset[str]:
        """The people of her teams."""
        return frozenset().union(*(self.members.get(team, frozenset()) for team in self.teams))

    def sight(self, tickets: Table) -> Sight:
        """What that means for sessions: a team's are those of its tickets, and its people's without any ticket."""
        if self.everything:
            return EVERYTHING
        t = tickets.c
        talks = select(t.conversation_id).where(t.team.in_(sorted(self.teams)))
        return Sight(agents=self.agents, talks=talks, served=select(t.conversation_id))
