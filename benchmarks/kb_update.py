"""How long from a change in one process until another finds it, the whole way: SQL, wake-up, reading, indexing?"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.children import Child, child
from benchmarks.kb_follower import settings_in
from benchmarks.library import scripts
from benchmarks.result import FIGURE, Result, beside, percentile
from bot.bootstrap import utc_now
from bot.cli.storage import content_store, wake, writing
from bot.content.pack import read_pack
from bot.settings import Settings
from bot.wakeups import Wakeups
from knowledge_base import Script

SIZES = (10_000, 100_000)
FIGURE_S = 2.0
CHANGES = 7
CHILD = "benchmarks.kb_follower"


def update_seconds(count: int) -> list[float]:
    """The times of some changes of single scripts in a library of so many, each from before its transaction began."""
    with tempfile.TemporaryDirectory(prefix="xiaoer-bench-update-") as folder:
        settings = settings_in(Path(folder))
        library = scripts(count)
        asyncio.run(_fill(settings, library))
        with child(CHILD) as process:
            ready = process.ask(folder=folder)
            print(f"kb: follower of {count:,} scripts holds {ready['memory_mb']:.0f} MB", file=sys.stderr)
            return [asyncio.run(_changed(settings, process, library, number)) for number in range(CHANGES)]


def results() -> list[Result]:
    """The median and the worst at each size."""
    found: list[Result] = []
    for count in SIZES:
        spent = update_seconds(count)
        name = f"{count:,} scripts: change found in another process"
        found.append(beside(f"{name}, p50", percentile(spent, 0.5), "s", peer=FIGURE, peer_value=FIGURE_S))
        found.append(beside(f"{name}, worst", max(spent), "s", peer=FIGURE, peer_value=FIGURE_S))
    return found


async def _fill(settings: Settings, library: tuple[Script, ...]) -> None:
    store = content_store()
    async with writing(settings) as engine, engine.begin() as connection:
        pack = replace(read_pack(Path(settings.content.pack)), scripts=library, pictures={})
        await store.apply(connection, pack, at=utc_now(), by="the bench")


async def _changed(settings: Settings, process: Child, library: tuple[Script, ...], number: int) -> float:
    """Give one script a question more, as `kb import` would, and wait until the other finds it."""
    before = library[number * len(library) // CHANGES]
    question = f"独一无二的新问题{number}怎么办"
    after = replace(before, questions=(*before.questions, question))
    async with writing(settings) as engine:
        process.ask(question_of=before.id, question=question)  # it says that it looks from now on
        began = time.monotonic()
        async with engine.begin() as connection:
            await content_store().library.apply(connection, [after], at=utc_now(), by="the bench")
        await wake(settings, Wakeups.CONTENT)
    return float(process.hear()["found_at"]) - began


if __name__ == "__main__":
    for each in results():
        print(f"{each.name}: {each.value} {each.unit}")
