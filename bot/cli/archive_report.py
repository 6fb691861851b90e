"""What did customers say in a period, how did they feel, and how were they served? One page for a supervisor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from sqlalchemy import select

from archive.analysis import ArchiveReport, Shown, read_report
from archive.tagging import TagStore
from bot.archive_pages import render_report
from bot.bootstrap import ARCHIVE_TABLES, HANDOFF_TABLES, Product
from bot.channels.text import for_understanding
from bot.cli.days import SinceOption, UntilOption, window
from bot.cli.printing import JsonOption, VisibleEncoder, print_json, print_table
from bot.cli.running import Shared, fail, product, run_async
from bot.masking import mask
from bot.settings import Settings
from bot.store.engine import read_only
from knowledge_base import CHANNELS, Audience

SURE = 0.6  # probability from which on a script answers a question


def report(
    context: typer.Context,
    *,
    since: SinceOption = "",
    until: UntilOption = "",
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write one page with pictures.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Topics, pain points, moods, keywords, findings, response times. Personal data is masked."""
    settings = context.ensure_object(Shared).settings()
    found, shop, names = run_async(lambda: _read(settings, since, until), what="archive report")
    if html is not None:
        try:
            html.write_text(render_report(found, shop, names), encoding="utf-8")
        except OSError as error:
            raise fail(f"{html}: {error.strerror}; name a file in a folder that exists") from error
        typer.echo(f"{html}", err=True)
    if as_json:
        print_json(_plain(found))
    elif html is None:
        _print(found)


async def _read(settings: Settings, since: str, until: str) -> tuple[ArchiveReport, str, dict[str, str]]:
    async with product(settings, ready=True) as built:
        mind = built.minds.current()
        zone = mind.shop.timezone
        first, last = window(since, until, zone)
        ground = built.archive_side.ground()
        agents = HANDOFF_TABLES.agents.c
        async with read_only(built.engine).connect() as connection:
            names = {row.id: row.name for row in await connection.execute(select(agents.id, agents.name))}
            tags = await TagStore(ARCHIVE_TABLES.tags).worn(connection, first, last)
        shown = Shown(mask, _have_scripts(built), mind.shop.words, tags, zone)
        found = await read_report(ground, ARCHIVE_TABLES.analysis, first, last, shown)
        return found, mind.shop.name, names


def _have_scripts(built: Product) -> Callable[[Sequence[str]], Sequence[bool]]:
    """As the journey looks: by spelling where that is sure, by meaning otherwise."""
    mind, encoder = built.minds.current(), built.minds.encoder
    audience = Audience(CHANNELS[0], built.world.now().astimezone(mind.shop.timezone))

    def is_sure(text: str, vector: NDArray[np.float32] | None) -> bool:
        found = mind.knowledge.search(for_understanding(text), vector, audience, 1)
        return bool(found) and found[0].probability >= SURE

    def have_scripts(texts: Sequence[str]) -> Sequence[bool]:
        found = {text: is_sure(text, None) for text in texts}
        unsure = [text for text in texts if not found[text]]
        vectors = VisibleEncoder(encoder, "reading questions").encode([for_understanding(text) for text in unsure])
        found |= {text: is_sure(text, vector) for text, vector in zip(unsure, vectors, strict=True)}
        return [found[text] for text in texts]

    return have_scripts


def _plain(found: ArchiveReport) -> dict[str, object]:
    plain = asdict(found)
    plain["failed"] = [{"analyzer": a, "error": e, "n": n} for (a, e), n in sorted(found.failed.items())]
    return plain


def _print(found: ArchiveReport) -> None:
    print_table(
        ["sessions", "customers", "messages", "unanswered", "not analysed"],
        [
            [
                found.totals.sessions,
                found.totals.customers,
                found.totals.messages,
                found.unanswered,
                found.totals.waiting,
            ]
        ],
    )
    print_table(
        ["topic", "asked", "growth", "mood", "without script"],
        [
            [each.topic.name, each.topic.asked, each.topic.growth, each.topic.mood, f"{each.topic.without_script:.0%}"]
            for each in found.topics
        ],
    )
    print_table(["keyword", "n", "sessions"], [[each.text, each.count, each.sessions] for each in found.words[:15]])
    print_table(
        ["rule", "severity", "n", "sessions"], [[e.rule, e.severity, e.count, e.sessions] for e in found.findings]
    )
