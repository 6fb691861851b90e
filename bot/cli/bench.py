"""How fast is it on this machine, beside the named peers?"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.printing import print_json, print_table, working_on
from bot.cli.running import configure_logging, fail

if TYPE_CHECKING:
    from benchmarks.result import Result

BENCHES = (
    "door",
    "journey",
    "nlu",
    "kb",
    "ablation",
    "diet",
    "claim",
    "archive",
    "console",
    "keywords",
    "sentiment",
    "tagging",
)

Bench = Callable[..., "Sequence[Result]"]


def bench(  # noqa: PLR0917 - typer's options
    which: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]…", help=f"{', '.join(BENCHES)}; default: all.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where NAME.json is written; default benchmarks/results.")] = None,
    large: Annotated[bool, typer.Option("--large", help="kb: a million scripts too; ten minutes more.")] = False,  # noqa: FBT002
    claims: Annotated[int | None, typer.Option(help="claim: how many tries; default 100,000.")] = None,
    messages: Annotated[int | None, typer.Option(min=1, help="archive: how many messages; default 20,000.")] = None,
    agents: Annotated[int | None, typer.Option(min=1, help="console: how many are connected; default 200.")] = None,
    conversations: Annotated[
        int | None, typer.Option(min=1, help="console: how many are open, five an agent at least; default 20,000.")
    ] = None,
    sqlite: Annotated[bool, typer.Option("--sqlite", help="console: on SQLite instead of PostgreSQL.")] = False,  # noqa: FBT002
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002
) -> None:
    """Measure on this machine, with the floor and the peers in the same run."""
    wanted = tuple(which or BENCHES)
    if unknown := [each for each in wanted if each not in BENCHES]:
        raise fail(f"no bench {unknown[0]!r}; there are {', '.join(BENCHES)}")
    configure_logging()
    benches = {name: load(name) for name in wanted}
    if large and "kb" in benches:
        benches["kb"] = partial(benches["kb"], large=True)
    if claims is not None and "claim" in benches:
        benches["claim"] = partial(benches["claim"], claims=claims)
    if messages is not None and "archive" in benches:
        benches["archive"] = partial(benches["archive"], messages=messages)
    if "console" in benches:
        sizes = {"agents": agents, "conversations": conversations}
        given = {name: size for name, size in sizes.items() if size is not None}
        benches["console"] = partial(benches["console"], sqlite=sqlite, **given)
    report(benches, out, as_json=as_json)


def load(name: str) -> Bench:
    """The bench of that name; leaves with what to do where it is not installed."""
    try:
        main: Bench = importlib.import_module(f"benchmarks.{name}").main
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if missing.partition(".")[0] == "benchmarks":
            raise fail(f"{missing} is not installed: run this in a checkout of xiaoer (make bench)") from error
        advice = "install the peers: pip install -e '.[bench]' in the checkout"
        raise fail(f"bench {name}: {missing} is missing; {advice}") from error
    return main


def report(benches: dict[str, Bench], out: Path | None, *, as_json: bool) -> None:
    """Run the benches, keep each one's figures in `out`/NAME.json, print them; what is impossible here is left out."""
    # here: an installation without the checkout has no benchmarks
    from benchmarks.children import BenchFailed, BenchImpossible  # noqa: PLC0415
    from benchmarks.result import RESULTS, machine, write  # noqa: PLC0415

    results: list[Result] = []
    for name, run in benches.items():
        try:
            with working_on(f"measuring {name}"):
                measured = run()
        except BenchImpossible as error:
            typer.echo(f"bench {name} is left out: {error}", err=True)
            continue
        except BenchFailed as error:
            raise fail(f"bench {name}: {error}") from error
        write((out or RESULTS) / f"{name}.json", measured)
        results += measured
    if as_json:
        print_json({"machine": machine(), "results": [asdict(each) for each in results]})
        return
    rows = [
        [each.name, number(each.value), each.unit, each.peer, number(each.peer_value), number(each.ratio)]
        for each in results
    ]
    print_table(["what", "value", "unit", "peer", "peer's", "ratio"], rows)


def number(value: float | None) -> str:
    """A figure as people read it: four digits, thousands apart; "" for none."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"  # noqa: PLR2004 - four digits
