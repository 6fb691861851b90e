"""Which team serves where she is? A tree of regions, and shops that lie somewhere."""

from __future__ import annotations

from dataclasses import dataclass

from handoff.places import Place, Position, distance_km


@dataclass(frozen=True, slots=True)
class Node:
    """Whoever is in this place is served by this team, unless a narrower place has another."""

    place: Place
    team: str


@dataclass(frozen=True, slots=True)
class BranchShop:
    """A shop with its team. place: the region it serves. max_km: how far customers may be who share their position."""

    name: str
    place: Place
    position: Position
    team: str
    max_km: float | None = None


@dataclass(frozen=True, slots=True)
class RegionTree:
    """Regions and shops of the pack, each in the pack's order."""

    nodes: tuple[Node, ...] = ()
    shops: tuple[BranchShop, ...] = ()

    def team_for(self, region: tuple[str, ...], position: Position | None) -> str | None:
        """The team of the nearest shop where a position is known and one is near enough, else of the narrowest region.

        Of regions equally narrow the first counts, the tree's before the shops'; None: nobody serves there.
        """
        near = self.nearest(position) if position is not None else None
        return near.team if near is not None else self._of_region(Place.of(region))

    def nearest(self, position: Position) -> BranchShop | None:
        """The shop with the shortest way, among those that serve so far away; of equal ones the first."""
        found: list[tuple[float, int]] = []
        for index, shop in enumerate(self.shops):
            away = distance_km(position, shop.position)
            if away is not None and (shop.max_km is None or away <= shop.max_km):
                found.append((away, index))
        return self.shops[min(found)[1]] if found else None

    def _of_region(self, place: Place) -> str | None:
        every = [*((each.place, each.team) for each in self.nodes), *((each.place, each.team) for each in self.shops)]
        depths = [where.depth_in(place) for where, _ in every]
        deepest = max(depths, default=0)
        return every[depths.index(deepest)][1] if deepest else None
