"""Which faults of service were found, which sessions should be read, and what does a supervisor say of a finding?"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

import typer

from archive.analysis import FindingStore, KeptFinding, Sampled, sample, spoken_in
from bot.bootstrap import ARCHIVE_TABLES
from bot.cli.days import SinceOption, UntilOption, window
from bot.cli.printing import JsonOption, print_json, print_table
from bot.cli.running import Shared, fail, run_async
from bot.cli.storage import reading, shop_zone, writing
from bot.settings import Settings
from bot.store.engine import read_only

State = Literal["open", "confirmed", "dismissed"]


def findings(
    context: typer.Context,
    *,
    since: SinceOption = "",
    until: UntilOption = "",
    rule: Annotated[str, typer.Option(help="Only this rule's.")] = "",
    state: Annotated[str, typer.Option(help="open, confirmed or dismissed.")] = "",
    as_json: JsonOption = False,
) -> None:
    """What the rules of quality.yaml found, newest first, with the ids of the messages that show it."""
    settings = context.ensure_object(Shared).settings()
    found = run_async(lambda: _find(settings, since, until, rule=rule, state=state), what="archive findings")
    if as_json:
        print_json([{**asdict(each), "entry_ids": list(each.entry_ids)} for each in found])
        return
    rows = [
        [each.id, f"{each.at:%Y-%m-%d %H:%M}", each.severity, each.rule, each.session_id, each.agent, each.state]
        for each in found
    ]
    print_table(["finding", "at (UTC)", "severity", "rule", "session", "agent", "state"], rows)


def review(
    context: typer.Context,
    finding: Annotated[int, typer.Argument(help="Its id.")],
    state: Annotated[State, typer.Argument(help="What is to be thought of it.")],
) -> None:
    """Confirm or dismiss a finding; it stays so however often its session is judged again."""
    settings = context.ensure_object(Shared).settings()

    async def main() -> bool:
        async with writing(settings) as engine, engine.begin() as connection:
            return await _store().review(connection, finding, state)

    if not run_async(main, what="archive review"):
        raise fail(f"no finding has the id {finding}; see: xiaoer archive findings")


def draw_sample(
    context: typer.Context,
    *,
    since: SinceOption = "",
    until: UntilOption = "",
    each: Annotated[int, typer.Option(min=1, max=100, help="Sessions of each agent and week.")] = 3,
    seed: Annotated[str, typer.Option(help="Another word draws others.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Which sessions a supervisor should read: a few of each agent and week, the same whenever it is asked."""
    settings = context.ensure_object(Shared).settings()
    drawn = run_async(lambda: _draw(settings, since, until, each=each, seed=seed), what="archive sample")
    if as_json:
        print_json([asdict(one) for one in drawn])
        return
    print_table(["week", "agent", "session"], [[one.week, one.agent, one.session_id] for one in drawn])


async def _find(settings: Settings, since: str, until: str, *, rule: str, state: str) -> list[KeptFinding]:
    async with reading(settings) as engine, read_only(engine).connect() as connection:
        first, last = window(since, until, await shop_zone(connection))
        return await _store().find(connection, since=first, until=last, rule=rule, state=state)


async def _draw(settings: Settings, since: str, until: str, *, each: int, seed: str) -> list[Sampled]:
    s = ARCHIVE_TABLES.analysis.sessions
    async with reading(settings) as engine, read_only(engine).connect() as connection:
        zone = await shop_zone(connection)
        first, last = window(since, until, zone)
        query = spoken_in(s, ARCHIVE_TABLES.entries).where(s.c.started_at >= first, s.c.started_at < last)
        rows = [(row.id, row.agent, row.started_at) for row in await connection.execute(query)]
    return sample(rows, each=each, zone=zone, seed=seed)


def _store() -> FindingStore:
    return FindingStore(ARCHIVE_TABLES.analysis.findings)
