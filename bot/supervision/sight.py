"""Which conversations may somebody see who looks at what was said? Those of the teams she leads, or all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import ColumnElement, Table, or_, select

from archive.playback import EVERYTHING, Sight
from handoff import Place


@dataclass(frozen=True, slots=True)
class Lookout:
    """Who looks. everything: whatever was said. teams: else, of these. members: the ids of each team's people.

    regions: where all of that must come from, but for what she served herself; empty: everywhere.
    """

    person: str
    everything: bool = False
    teams: frozenset[str] = frozenset()
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    regions: tuple[Place, ...] = ()

    def narrowed(self, team: str) -> Lookout:
        """The same person, looking at one team only; at nothing, where she may not see it."""
        if not team:
            return self
        seen = self.everything or team in self.teams
        return replace(self, everything=False, teams=frozenset({team} if seen else ()))

    def reaches_home(self, region: Sequence[str]) -> bool:
        """Is what the bot alone said with somebody at home there in sight? As `sight` has it of a session that is no
        team's: hers who sees everything, within her regions.
        """  # noqa: D205 - one sentence
        place = Place.of(region)
        return self.everything and (not self.regions or any(each.holds(place) for each in self.regions))

    @property
    def agents(self) -> frozenset[str]:
        """The people of her teams."""
        return frozenset().union(*(self.members.get(team, frozenset()) for team in self.teams))

    def sight(self, tickets: Table) -> Sight:
        """What that means for sessions: a team's are those of its tickets, and its people's without any ticket."""
        bounds = Sight(everything=self.everything, within=self.within, own=self.person) if self.regions else EVERYTHING
        if self.everything:
            return bounds
        t = tickets.c
        talks = select(t.conversation_id).where(t.team.in_(sorted(self.teams)))
        served = select(t.conversation_id)
        return replace(bounds, everything=False, agents=self.agents, talks=talks, served=served)

    def within(self, region: ColumnElement[str]) -> ColumnElement[bool]:
        """As `Place.holds` has it, of a region that is kept as a trail."""
        return or_(
            *(
                region.startswith(place.trail, autoescape=True)
                if place.is_rooted
                else region.contains(place.trail, autoescape=True)
                for place in self.regions
            )
        )
