"""How does a process of the product die where we want it to?

It serves doors and worker as `xiaoer run` does, and tells the test every fault point it reaches, a line each.
At the chosen point it kills itself as a power cut would: nothing is cleaned up.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from bot.bootstrap import World
from bot.cli.running import product, run_async
from bot.cli.serve import listening, until_stopped, working
from bot.settings import Settings, load_settings
from nlu import Encoder

NOWHERE = "-"
SERVING = "serving"


@dataclass(slots=True)
class Fate:
    """Counts how often the fatal point was reached."""

    point: str
    left: int
    test: Connection

    def reached(self, point: str) -> None:
        """Tell the test; die if it is time."""
        os.write(self.test.fileno(), f"{point}\n".encode())
        if point == self.point:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


async def serve(settings: Settings, fate: Fate, encoder: Callable[[str], Encoder]) -> None:
    """Until SIGTERM, or death."""
    stopped, world = asyncio.create_task(until_stopped()), World(reached=fate.reached, encoder=encoder)
    async with product(settings, world, ready=True) as built, listening(built), working(built):
        fate.reached(SERVING)
        await stopped


def main(config: Path, point: str, nth: int, test: Connection) -> None:
    """Read the settings and serve; the nth time at `point` is the end."""
    from tests.faults.ripe import encoder  # noqa: PLC0415 - imported already, where we were forked

    settings = load_settings(config)
    run_async(lambda: serve(settings, Fate(point, nth, test), encoder), what="faults")
