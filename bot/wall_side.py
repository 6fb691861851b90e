"""What do supervisors and operators work with? The parts behind the wall, built together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from bot.wall import Wall
from bot.watching import Watching
from bot.workbench import Workbench


@dataclass(frozen=True, slots=True)
class WallSide:
    """The parts that the console is given."""

    wall: Wall
    watching: Watching


def build_wall_side(workbench: Workbench, *, zone: Callable[[], tzinfo], watch_disclosed: bool) -> WallSide:
    """Build them. zone: the shop's, as it is now."""
    return WallSide(
        wall=Wall(workbench.engine, workbench.handover.desk, workbench.archive, workbench.now, zone),
        watching=Watching(workbench, watch_disclosed),
    )
