"""How far is the analysis of what was said, and how is it brought to its end?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy import func, select

from archive.analysis import AnalysisGround, AnalysisRunner, OvertakenError
from archive.analysis import Progress as Anew
from bot.bootstrap import ARCHIVE_TABLES, Product
from bot.cli.printing import print_json, print_table
from bot.cli.running import Shared, fail, product, run_async
from bot.settings import Settings

BATCH = 500  # entries at once: nobody is served by this process
ELSEWHERE_S = 2.0  # between two looks at what another process does


@dataclass(frozen=True, slots=True)
class Standing:
    """How far it is. waiting: entries to be analysed; due: sessions to be judged; failed: marks by analyzer, error."""

    waiting: int
    due: int
    anew: list[Anew]
    failed: Mapping[tuple[str, str], int]

    @property
    def left(self) -> int:
        """Entries that somebody still has to read."""
        return self.waiting + sum(each.total - each.done for each in self.anew if not each.is_done)


def analyze(
    context: typer.Context,
    until_done: Annotated[bool, typer.Option("--until-done", help="Analyse until nothing is left, then end.")] = False,  # noqa: FBT002
    batch: Annotated[int, typer.Option(min=1, max=5000, help="Entries at once.")] = BATCH,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002
) -> None:
    """Show how far the analysis is; --until-done: bring it to its end, tags too. Safe to stop, and beside workers."""
    settings = context.ensure_object(Shared).settings()
    standing = run_async(lambda: _analyze(settings, batch if until_done else 0), what="archive analyze")
    if as_json:
        print_json(_plain(standing))
        return
    rows = [[each.analyzer, each.version, f"{each.done} / {each.total}"] for each in standing.anew]
    print_table(["analyzer", "version", "read anew"], rows)
    print_table(
        ["what", "n"],
        [
            ["entries waiting", standing.waiting],
            ["sessions due", standing.due],
            *([f"{analyzer}: {error}", n] for (analyzer, error), n in sorted(standing.failed.items())),
        ],
    )


async def _analyze(settings: Settings, batch: int) -> Standing:
    async with product(settings, ready=True) as built:
        ground = built.archive_side.ground()
        if batch:
            try:
                await _to_the_end(built, ground, built.archive_side.runner(), batch)
                await _tag(built, ground, batch)
            except OvertakenError as error:
                raise fail(f"archive analyze: {error}") from error
        return await standing_of(built, ground)


async def _to_the_end(built: Product, ground: AnalysisGround, runner: AnalysisRunner, batch: int) -> None:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("analysing", total=(await standing_of(built, ground)).left)
        while True:
            step = await runner.step(batch)
            shown.advance(task, step.fresh.entries + step.anew)
            if step.elsewhere:  # a worker has its turn: it does the same work
                standing = await standing_of(built, ground)
                if not standing.left and not standing.due:
                    break
                shown.update(task, description="a running worker analyses", total=standing.left, completed=0)
                await asyncio.sleep(ELSEWHERE_S)
            elif not step.worked:
                break
    await runner.stop()


async def _tag(built: Product, ground: AnalysisGround, batch: int) -> None:
    """Judge the tags of whom something new is known."""
    tagging = built.settings.archive.tagging
    if not tagging.enabled:
        return
    tagger = built.tag_side.tagger(ground)
    await asyncio.sleep(tagging.debounce_s)  # then those are due, too, who were analysed just now
    while (await tagger.step(batch)).people:
        pass


async def standing_of(built: Product, ground: AnalysisGround) -> Standing:
    """How far the analysis is."""
    entries, sessions = ARCHIVE_TABLES.entries, ARCHIVE_TABLES.analysis.sessions
    async with ground.readers.connect() as connection:
        waiting = await connection.scalar(select(func.count()).where(entries.c.fresh == 1))
        due = await connection.scalar(select(func.count()).where(sessions.c.due_at <= built.world.now()))
        return Standing(
            waiting or 0, due or 0, await ground.progress.all(connection), await ground.results.failures(connection)
        )


def _plain(standing: Standing) -> dict[str, object]:
    return {
        "waiting": standing.waiting,
        "sessions_due": standing.due,
        "anew": [
            {"analyzer": each.analyzer, "version": each.version, "done": each.done, "total": each.total}
            for each in standing.anew
        ],
        "failed": [
            {"analyzer": analyzer, "error": error, "n": n} for (analyzer, error), n in sorted(standing.failed.items())
        ],
    }
