"""Which process serves the console? The product's doors, as `xiaoer serve` runs them, on what the bench says.

Answers {"port"} to the shop's place on stdin; ends when stdin does.
"""

from __future__ import annotations

import asyncio
import json
import sys

import uvloop

from benchmarks.console_ground import Place
from bot.cli.running import configure_logging, product
from bot.cli.serve import listening, refreshing


async def _serve(place: Place) -> None:
    async with product(place.settings(), ready=True) as built:
        await built.minds.refresh()  # what it learns beside its first requests is not measured
        async with listening(built, 0) as port, refreshing(built):
            print(json.dumps({"port": port}), flush=True)
            await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    """Be that process."""
    configure_logging()
    uvloop.run(_serve(Place(**json.loads(sys.stdin.readline()))))


if __name__ == "__main__":
    main()
