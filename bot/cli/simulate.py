"""What would customers experience? Plays them through the real, encrypted door against the simulator, and counts."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.cli.play import Play, Session, Step, StepResult, Tally, play_all
from bot.cli.running import fail, run_async
from bot.cli.stage import OFFICIAL, OPEN_KFID, clean_folder, free_port, stage, trial_settings
from bot.content.pack import load_yaml
from bot.content.problems import PackProblem

TRIAL_FOLDER = Path("var/simulate")
CUSTOMER = "0"  # the sender column of a dialogues file
COLUMNS = 7  # session, user, sender, is_transfer, is_repeat, sku, text
PLACES = {"wecom_kf": OPEN_KFID, "official_account": OFFICIAL}


def simulate(  # noqa: PLR0917 - options of a command, passed by name
    dialogues: Annotated[
        Path | None, typer.Option(help="TSV of real dialogues: session, user, sender (0 customer), …, text.")
    ] = None,
    scenario: Annotated[Path | None, typer.Option(help="YAML of scenarios with what is expected of each step.")] = None,
    pack: Annotated[Path, typer.Option(help="Content pack of the shop that answers.")] = Path("examples/cosmetics"),
    folder: Annotated[Path, typer.Option(help="Where the trial keeps its database and models.")] = TRIAL_FOLDER,
    sessions: Annotated[int, typer.Option(help="Play at most so many sessions; 0 plays all.")] = 0,
    customers: Annotated[int, typer.Option(help="So many customers write side by side.")] = 4,
    rate: Annotated[float, typer.Option(help="Messages a second over all customers.")] = 20.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,  # noqa: FBT002
) -> None:
    """Play customers through the encrypted door and report what became of their messages."""
    if (dialogues is None) == (scenario is None):
        raise fail("name one of --dialogues FILE and --scenario FILE")
    played = _read_dialogues(dialogues) if dialogues is not None else _read_scenario(scenario or Path())
    chosen = played[:sessions] if sessions else played

    clean_folder(folder)

    async def main() -> tuple[Tally, Sequence[StepResult]]:
        simulator_port = free_port()
        settings = trial_settings(
            port=free_port(), simulator_port=simulator_port, folder=folder, pack=pack, answering="active"
        )
        async with stage(settings, simulator_port=simulator_port) as running:
            await running.product.minds.refresh()  # the whole library, not the quick start's part
            with Progress(console=Console(stderr=True), transient=True) as progress:
                task = progress.add_task("customers write", total=sum(len(each.steps) for each in chosen))
                play = Play(running, rate=rate, customers=customers, on_step=lambda: progress.advance(task))
                return await play_all(play, chosen)

    tally, results = run_async(main, what="simulate")
    if as_json:
        typer.echo(json.dumps(tally.as_json(), ensure_ascii=False))
    else:
        _show(tally)
    _show_failures([each for each in results if not each.as_expected])
    if tally.lost or tally.duplicated or any(not each.as_expected for each in results):
        raise typer.Exit(1)


def _read_dialogues(path: Path) -> list[Session]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row]
    except (OSError, UnicodeDecodeError) as error:
        raise fail(f"{path}: cannot be read ({type(error).__name__}); name a TSV of dialogues in UTF-8") from error
    sessions: dict[str, list[Step]] = {}
    for number, row in enumerate(rows, start=1):
        if len(row) != COLUMNS:
            raise fail(f"{path}:{number}: {len(row)} columns instead of {COLUMNS}: session, user, sender, …, text")
        if row[2] == CUSTOMER and row[6].strip():
            sessions.setdefault(row[0], []).append(Step(text=row[6].strip()))
    places = list(PLACES.values())
    return [
        Session(name=name, place=places[number % len(places)], steps=tuple(steps))
        for number, (name, steps) in enumerate(sessions.items())
    ]


def _read_scenario(path: Path) -> list[Session]:
    problems: list[PackProblem] = []
    data = load_yaml(path, problems)
    if problems or not isinstance(data, dict) or not isinstance(data.get("scenarios"), list):
        said = "\n".join(map(str, problems)) or f"{path}: has no list `scenarios`; see examples/cosmetics/scenario.yaml"
        raise fail(said)
    sessions = []
    for each in data["scenarios"]:
        try:
            steps = tuple(
                Step(text=str(step["customer"]), expect=str(step.get("expect", "")), script=str(step.get("script", "")))
                for step in each["steps"]
            )
            sessions.append(Session(name=str(each["name"]), place=PLACES[str(each["channel"])], steps=steps))
        except (KeyError, TypeError) as error:
            line = each.lc.line + 1 if hasattr(each, "lc") else 0
            raise fail(f"{path}:{line}: a scenario needs name, channel and steps with `customer`: {error}") from error
    return sessions


def _show(tally: Tally) -> None:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in tally.as_json().items():
        table.add_row(name, str(value))
    Console().print(table)


def _show_failures(failed: Sequence[StepResult]) -> None:
    for each in failed:
        expected = each.step.expect + (f" ({each.step.script})" if each.step.script else "")
        typer.echo(
            f"{each.session}: {each.step.text}: expected {expected}, was {each.decision} ({each.reason})", err=True
        )
