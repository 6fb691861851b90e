"""Whose work in which sessions is reviewed, and by whom? A sample of each agent and week, dealt out in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import cycle, islice
from typing import TYPE_CHECKING

from sqlalchemy import Table, func, select

from archive import ArchiveTables
from archive.analysis import sample, spoken_in
from archive.playback import may_see
from archive.reviews import ToReview
from bot.supervision.sight import Lookout

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is to be drawn: `each` sessions of every agent and week that began in [since, until).

    reviewers: ids, at least one. second: every so-manieth session gets a second reviewer, 0: none does.
    """

    since: datetime
    until: datetime
    each: int
    sheet: str
    reviewers: tuple[str, ...]
    second: int = 0


@dataclass(frozen=True, slots=True)
class Sampler:
    """Draws from the archive's sessions. Works inside the caller's transaction; reads only."""

    tables: ArchiveTables
    tickets: Table

    async def draw(
        self, connection: AsyncConnection, drawing: Drawing, lookout: Lookout, zone: tzinfo
    ) -> list[ToReview]:
        """The sessions with who is to review whom in each; the same whenever it is asked.

        Where several people spoke, each may be drawn for what she said. Who leads teams draws their people only.
        """
        s, e = self.tables.analysis.sessions, self.tables.entries
        query = spoken_in(s, e).where(
            s.c.started_at >= drawing.since,
            s.c.started_at < drawing.until,
            s.c.agent != "",  # it was judged, and what a person said of it is left
            e.c.who.is_not(None) if lookout.everything else e.c.who.in_(sorted(lookout.agents)),
            may_see(s, lookout.sight(self.tickets)),
        )
        rows = [(row.id, row.agent, row.started_at) for row in await connection.execute(query)]
        drawn = sorted((each.session_id, each.agent) for each in sample(rows, each=drawing.each, zone=zone))
        ids = sorted({session_id for session_id, _ in drawn})
        first = select(e.c.session_id, func.min(e.c.id).label("anchor")).where(e.c.session_id.in_(ids))
        begun = first.group_by(e.c.session_id).subquery()
        found = await connection.execute(
            select(s.c.id, s.c.account, s.c.customer, s.c.room, begun.c.anchor).join(
                begun, begun.c.session_id == s.c.id
            )
        )
        of = {row.id: row for row in found}
        return [
            ToReview(row.anchor, row.account, row.customer, row.room, agent, reviewer, drawing.sheet)
            for number, (row, agent) in enumerate((of[session_id], agent) for session_id, agent in drawn)
            for reviewer in _dealt(drawing, number, agent)
        ]


def _dealt(drawing: Drawing, number: int, agent: str) -> Sequence[str]:
    """Who reviews what was drawn at this place: in turn, nobody her own work, and now and then two."""
    others = [each for each in drawing.reviewers if each != agent]
    twice = drawing.second and number % drawing.second == 0
    start = number % len(others) if others else 0
    return list(islice(cycle(others), start, start + min(2 if twice else 1, len(others))))
