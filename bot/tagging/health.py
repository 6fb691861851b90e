"""How do tags stand: who waits to be judged or told, what died, and why are tags not at the platform?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from prometheus_client import Gauge
from sqlalchemy import func, select

from archive.tagging import TagWatch
from bot.tagging.tables import tag_catalogues, tag_targets
from bot.tagging.targets import TargetState

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

DEAD_LETTERS_SHOWN: Final = 5
TARGETS = Gauge("xiaoer_tag_targets", "Customers whose tags go to a platform, by how that stands", ["state"])
DUE = Gauge("xiaoer_tags_due", "Customers whose tags are to be judged now")


@dataclass(frozen=True, slots=True)
class TagsHealth:
    """states: targets by state. last_dead_letters: account, error, advice. problems: of tags that are not there.

    judging: who is due to be judged, and who could not be, by error.
    """

    states: Mapping[str, int]
    last_dead_letters: Sequence[Mapping[str, str]]
    problems: Mapping[str, str]
    judging: Mapping[str, int]

    def as_json(self) -> dict[str, object]:
        """As /healthz tells it."""
        return {
            **self.states,
            "last_dead_letters": list(self.last_dead_letters),
            "problems": dict(self.problems),
            "judging": dict(self.judging),
        }


async def tags_health(connection: AsyncConnection, watch: TagWatch, now: datetime) -> TagsHealth:
    """Counts by state, the last that died with what to do, the platforms' problems, and who is to be judged."""
    t, c = tag_targets.c, tag_catalogues.c
    counted = await connection.execute(select(t.state, func.count()).group_by(t.state))
    states = dict.fromkeys((state.value for state in TargetState), 0) | {str(row[0]): int(row[1]) for row in counted}
    dead = await connection.execute(
        select(t.account, t.error, t.advice)
        .where(t.state == TargetState.DEAD.value)
        .order_by(t.changed_at.desc())
        .limit(DEAD_LETTERS_SHOWN)
    )
    problems = await connection.execute(select(c.account, c.problem).where(c.problem.is_not(None)))
    judging = await watch.counts(connection, now)
    for state, count in states.items():
        TARGETS.labels(state=state).set(count)
    DUE.set(judging["due"])
    return TagsHealth(
        states=states,
        last_dead_letters=[dict(row._mapping) for row in dead],  # noqa: SLF001 - SQLAlchemy's public name
        problems={row.account: row.problem for row in problems},
        judging=judging,
    )
