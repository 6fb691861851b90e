"""What do customers ask that no script answers, and which scripts do not help them?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from bot.bootstrap import Product, utc_now
from bot.channels.text import for_understanding
from bot.cli.printing import JsonOption, VisibleEncoder, print_json, print_table
from bot.cli.running import Shared, fail, product, run_async
from bot.cli.storage import reading
from bot.consenting import teachers
from bot.learning import InVain, Library, UseKind, proposals
from bot.settings import Settings
from bot.store.engine import read_only
from bot.store.lessons import questions_in_vain
from bot.store.uses import UseCount, Uses
from knowledge_base import CHANNELS, Audience, Passage, Proposal, write_scripts
from nlu import general_negatives

MOST_SHOWN = 50  # rows of a table; --json and --out give all
SHOWN_QUESTIONS = 3
SHOWN_KINDS = (
    UseKind.SHOWN, UseKind.OFFERED, UseKind.CHOSEN, UseKind.PASSED_OVER, UseKind.UNHELPFUL, UseKind.PERSON,
    UseKind.SATISFIED, UseKind.ASKED_AGAIN,
)  # fmt: skip

DaysOption = Annotated[int, typer.Option(min=1, max=3650, help="Look back so many days.")]


def gaps(
    context: typer.Context,
    days: DaysOption = 30,
    customers: Annotated[int, typer.Option(min=1, help="Leave out what fewer customers asked.")] = 2,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.yaml", help="Write them as drafts to edit and import.")
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Group the questions no script answered well, and draft a script for each group. Nothing goes live by itself.

    Telephone numbers, order numbers, addresses and the like are masked.
    """
    shared: Shared = context.obj
    settings = shared.settings()
    if out is not None:
        _check_target(out)
    found, withheld = run_async(lambda: _propose(settings, days, customers), what="kb gaps")
    if withheld:
        typer.echo(f"left out {withheld} questions: who asked did not agree to it (docs/privacy.md)", err=True)
    if out is not None:
        _write(out, found)
    if as_json:
        print_json([_plain(each) for each in found])
    elif out is None:
        _show(found, days)


def uses(
    context: typer.Context,
    days: DaysOption = 30,
    by_question: Annotated[bool, typer.Option("--by-question", help="Count each question of a script.")] = False,  # noqa: FBT002
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Show what became of each script that was shown, the worst first: what to rewrite."""
    shared: Shared = context.obj
    settings = shared.settings()

    async def main() -> tuple[UseCount, ...]:
        since = utc_now() - timedelta(days=days)
        async with reading(settings) as engine, read_only(engine).connect() as connection:
            return await Uses(now=utc_now).counts(connection, since, by_question=by_question)

    found = sorted(run_async(main, what="kb uses"), key=_badness)
    if as_json:
        print_json([_counted(each) for each in found])
    elif not found:
        typer.echo(f"no script was shown in the last {days} days")
    else:
        named = ["script", *(["question"] if by_question else []), *(kind.value for kind in SHOWN_KINDS), "contained"]
        print_table(named, [_row(each, by_question=by_question) for each in found])


# ── gaps ─────────────────────────────────────────────────────────────────────────────────────


async def _propose(settings: Settings, days: int, customers: int) -> tuple[tuple[Proposal, ...], int]:
    async with product(settings) as built:
        await built.apply_pack_if_empty()
        await built.minds.refresh()
        async with read_only(built.engine).connect() as connection:
            since = utc_now() - timedelta(days=days)
            asked = await questions_in_vain(connection, since, teachers(built.consenting.consents))
            scripts = await built.content.scripts(connection)
        mind = built.minds.current()
        audience = Audience(channel=CHANNELS[0], at=utc_now().astimezone(mind.shop.timezone))

        def search(text: str, vector: NDArray[np.float32]) -> Sequence[Passage]:
            return mind.knowledge.search(text, vector, audience)

        library = Library(scripts, search, mind.shop.tariff, audience.channel)
        read = [replace(each, text=for_understanding(each.text)) for each in asked.questions]
        return await asyncio.to_thread(_found, built, library, read, customers), asked.withheld


def _found(built: Product, library: Library, asked: Sequence[InVain], customers: int) -> tuple[Proposal, ...]:
    # the shop's own texts are remembered on disk, what customers write is not
    ordinary = built.minds.encoder.encode(general_negatives()).mean(axis=0)
    visible = VisibleEncoder(built.minds.readers.answers.encoder, "reading the questions")
    return proposals(asked, library, encode=visible.encode, ordinary=ordinary, customers=customers)


def _check_target(out: Path) -> None:
    if out.suffix.lower() not in (".yaml", ".yml"):
        raise fail(f"{out}: name it .yaml")
    if out.exists():
        raise fail(f"{out}: is there already; name another file")
    if not out.absolute().parent.is_dir():
        raise fail(f"{out.parent}: no such folder; make it first")


def _write(out: Path, found: Sequence[Proposal]) -> None:
    new = [each.script for each in found if not each.drafted]
    if not new:
        typer.echo("nothing to draft: no group of questions is without a script or a draft", err=True)
        return
    write_scripts(out, new)
    typer.echo(f"wrote {out}: {len(new)} drafts; write their answers, then: xiaoer kb import {out}", err=True)


def _show(found: Sequence[Proposal], days: int) -> None:
    if not found:
        typer.echo(f"no group of questions without a good script in the last {days} days")
        return
    rows = [
        [
            each.gap.customers,
            each.gap.asked,
            each.gap.title,
            "\n".join(each.gap.questions[1 : 1 + SHOWN_QUESTIONS]),
            f"{each.near.script.id} {each.near.probability:.2f}" if each.near else "-",
            _advice(each),
        ]
        for each in found[:MOST_SHOWN]
    ]
    print_table(["customers", "asked", "question", "also asked as", "nearest script", "what to do"], rows)
    if len(found) > MOST_SHOWN:
        typer.echo(f"… and {len(found) - MOST_SHOWN} more; --json or --out FILE.yaml gives all")


def _advice(proposal: Proposal) -> str:
    if proposal.drafted:
        return f"finish draft {proposal.drafted}"
    return f"extend or rewrite {proposal.extends}" if proposal.extends else "write a script"


def _plain(proposal: Proposal) -> dict[str, object]:
    gap, near = proposal.gap, proposal.near
    return {
        "id": proposal.script.id,
        "title": gap.title,
        "questions": list(gap.questions),
        "asked": gap.asked,
        "customers": gap.customers,
        "closeness": gap.closeness,
        "nearest": near and {"id": near.script.id, "title": near.script.title, "probability": near.probability},
        "extends": proposal.extends,
        "draft": proposal.drafted,
    }


# ── uses ─────────────────────────────────────────────────────────────────────────────────────


def _badness(count: UseCount) -> tuple[float, int, str, str]:
    """Scripts that fail more often than they are few come first: two failures of two weigh less than nine of twelve."""
    shown = count[UseKind.SHOWN]
    return -(count.failed / (shown + 5)), -shown, count.script_id, count.question


def _row(count: UseCount, *, by_question: bool) -> list[object]:
    contained = "-" if count.contained is None else f"{count.contained:.0%}"
    asked = [count.question] if by_question else []
    return [count.script_id, *asked, *(count[kind] for kind in SHOWN_KINDS), contained]


def _counted(count: UseCount) -> dict[str, object]:
    asked = {"question": count.question} if count.question else {}
    kinds = {kind.value: count[kind] for kind in SHOWN_KINDS}
    return {"script": count.script_id, **asked, **kinds, "failed": count.failed, "contained": count.contained}
