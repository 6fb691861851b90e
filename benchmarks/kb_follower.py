"""How soon does another process find what one changed? This is the other: the product as `xiaoer serve` follows it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.children import memory_mb
from benchmarks.library import DIM, CheapEncoder
from benchmarks.texts import PACK
from bot.bootstrap import Product, World, assemble
from bot.cli.running import configure_logging
from bot.settings import ContentSettings, DatabaseSettings, Settings
from knowledge_base import Audience

LOOK_S = 0.002
PATIENCE_S = 60.0


class Encoder(CheapEncoder):
    """The cheap one with all that the product asks of an encoder."""

    dim = DIM


def settings_in(folder: Path) -> Settings:
    """An installation of its own: SQLite, embedded Valkey, the example shop's pack."""
    return Settings(
        database=DatabaseSettings(url=f"sqlite+aiosqlite:///{folder / 'xiaoer.db'}"),
        content=ContentSettings(pack=str(PACK)),
        data_dir=folder,
    )


async def _follow(folder: Path) -> None:
    async with assemble(settings_in(folder), World(encoder=lambda _: Encoder())) as product:
        await product.minds.refresh()
        following = asyncio.create_task(product.worker.follow_content())
        _say(ready=True, memory_mb=memory_mb(os.getpid(), "VmRSS"))
        while line := await asyncio.to_thread(sys.stdin.readline):
            wanted = json.loads(line)
            _say(looks=True)
            _say(found_at=await _found(product, wanted["question_of"], wanted["question"]))
        following.cancel()


async def _found(product: Product, script_id: str, question: str) -> float:
    """When (CLOCK_MONOTONIC, which all processes share) the question first found the script."""
    vector = Encoder().encode([question])[0]
    async with asyncio.timeout(PATIENCE_S):
        while True:
            audience = Audience("default", product.world.now())
            best = product.minds.knowledge.search(question, vector, audience, 1)
            if best and best[0].script_id == script_id and best[0].features["exact"]:
                return time.monotonic()
            await asyncio.sleep(LOOK_S)


def _say(**words: Any) -> None:
    print(json.dumps(words), flush=True)


def main() -> None:
    """Follow the installation in the folder that the first line names; answer each further line when it is found."""
    configure_logging()
    asyncio.run(_follow(Path(json.loads(sys.stdin.readline())["folder"])))


if __name__ == "__main__":
    main()
