"""Where do the rules send whom, and where would other rules have sent yesterday's tickets?"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from bot.bootstrap import HANDOFF_TABLES, utc_now
from bot.channels.text import for_understanding
from bot.cli.days import begin, day
from bot.cli.printing import JsonOption, print_json, print_table
from bot.cli.running import Shared, fail, run_async
from bot.cli.storage import content_store, reading, shop_zone
from bot.content.pack import HANDOFF_FILE, read_policy
from bot.content.problems import PackBroken
from bot.insight import explain_verdict
from bot.settings import Settings
from bot.store.handed_over import with_words
from handoff import (
    Facts,
    FactsError,
    Policy,
    Replayed,
    Route,
    RoutedTicket,
    Router,
    facts_from_json,
    replay_routes,
    tickets_since,
)

app = typer.Typer(no_args_is_help=True, help="Routing: which rule takes whom, and a dry run of other rules.")
_AGO: Final = re.compile(r"([0-9]{1,4})([hd])")


@app.command()
def explain(
    context: typer.Context,
    facts_file: Annotated[Path, typer.Argument(metavar="FACTS.json", help='Facts, e.g. {"text": "转人工"}.')],
    rules: Annotated[Path | None, typer.Option(help="A handoff.yaml; default: the rules in use.")] = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Show what the rules say of given facts: every signal with weight and cost, every rule and why it holds or not."""
    facts = _facts(facts_file)
    policy = _policy(rules) if rules is not None else _policy_in_use(_settings(context))
    route = Router(policy).explain(facts)
    if as_json:
        print_json(_plain(route))
    else:
        _show(route)


@app.command(name="try")
def try_rules(
    context: typer.Context,
    rules: Annotated[Path, typer.Argument(metavar="HANDOFF.yaml", help="The rules to try; nothing is changed.")],
    since: Annotated[str, typer.Option(help="How far back: 12h, 1d, or a date as 2026-01-31.")] = "1d",
    against: Annotated[
        Literal["recorded", "live"], typer.Option(help="Compare with what was done, or with the rules in use now.")
    ] = "recorded",
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Replay the tickets opened since then through other rules, before these go live. What differs is no error."""
    policy = _policy(rules)
    settings = _settings(context)
    first, tickets = run_async(lambda: _tickets(settings, since), what="route try")
    before = Router(_policy_in_use(settings)) if against == "live" else None
    replayed = replay_routes(tickets, Router(policy), against=before)
    changed = [each for each in replayed if each.changes]
    counts = {
        "tickets": len(tickets),
        "replayed": len(replayed),
        "not_by_rules": len(tickets) - len(replayed),
        "changed": len(changed),
        **dict(sorted(Counter(name for each in changed for name in each.changes).items())),
    }
    if as_json:
        print_json({"since": first.isoformat(), "counts": counts, "changed": [_change(each) for each in changed]})
        return
    if changed:
        print_table(["ticket", "opened", "changes", "before", "after"], [_row(each) for each in changed])
    typer.echo(", ".join(f"{name} {count}" for name, count in counts.items()))


# ── reading ──────────────────────────────────────────────────────────────────────────────────


def _facts(file: Path) -> Facts:
    try:
        return facts_from_json(json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise fail(f"{file}: cannot be read ({error.strerror})") from error
    except json.JSONDecodeError as error:
        raise fail(f"{file}:{error.lineno}: not valid JSON: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise fail(f"{file}: is no UTF-8 text; save it as UTF-8") from error
    except FactsError as error:
        raise fail("\n".join(f"{file}: {line}" for line in str(error).splitlines())) from error


def _policy(file: Path) -> Policy:
    try:
        return read_policy(file)
    except PackBroken as error:
        raise fail(f"these rules cannot be used\n{error}") from error


def _policy_in_use(settings: Settings) -> Policy:
    async def main() -> str | None:
        async with reading(settings) as engine, engine.connect() as connection:
            return (await content_store().files(connection)).get(HANDOFF_FILE)

    text = run_async(main, what="route")
    if text is None:
        raise fail("no content is in use yet; run: xiaoer content apply DIR, or name rules with --rules HANDOFF.yaml")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / HANDOFF_FILE
        file.write_text(text, encoding="utf-8")
        return _policy(file)


async def _tickets(settings: Settings, since: str) -> tuple[datetime, Sequence[RoutedTicket]]:
    async with reading(settings) as engine, engine.connect() as connection:
        first = _begin(since, await shop_zone(connection))
        tickets = await tickets_since(connection, HANDOFF_TABLES, first)
        return first, await with_words(connection, tickets, first, read=for_understanding)


def _begin(since: str, zone: tzinfo) -> datetime:
    if ago := _AGO.fullmatch(since.strip()):
        return utc_now() - timedelta(hours=int(ago[1]) * (24 if ago[2] == "d" else 1))
    return begin(day(since, "--since", otherwise=", or 12h, or 1d"), zone)


def _settings(context: typer.Context) -> Settings:
    shared: Shared = context.obj
    return shared.settings()


# ── telling ──────────────────────────────────────────────────────────────────────────────────


def _plain(route: Route) -> dict[str, object]:
    verdict = route.verdict
    return {
        "hand_over": verdict.hand_over,
        "reason": verdict.reason,
        "team": verdict.team,
        "priority": verdict.priority,
        "skills": list(verdict.skills),
        "sla": verdict.sla,
        "type": verdict.type,
        **explain_verdict(verdict),
        "all_signals": [asdict(each) for each in route.signals],
        "rules": [
            {"name": each.rule.name, "holds": each.holds, "conditions": dict(each.conditions)} for each in route.rules
        ],
    }


def _show(route: Route) -> None:
    verdict = route.verdict
    typer.echo(f"hand over: {'yes' if verdict.hand_over else 'no'}; reason: {verdict.reason or '-'}")
    typer.echo(
        f"need {verdict.need:.2f}: ignoring costs {verdict.ignoring:.2f}, handing over costs {verdict.handing_over:.2f}"
    )
    more = [f"skills {', '.join(verdict.skills)}"] if verdict.skills else []
    more += [f"SLA {verdict.sla}"] if verdict.sla else []
    typer.echo(
        "; ".join([f"team {verdict.team}, priority {verdict.priority}, type {verdict.type}, by {verdict.rule}", *more])
    )
    rows = [[each.name, "fired" if each.fired else "", f"{each.weight:g}", f"{each.cost:g}"] for each in route.signals]
    print_table(["signal", "", "weight", "cost of ignoring"], rows)
    taken = next(index for index, each in enumerate(route.rules) if each.holds)
    print_table(
        ["", "rule", "because"],
        [
            [_mark(index, taken, holds=each.holds), each.rule.name, _because(each.conditions)]
            for index, each in enumerate(route.rules)
        ],
    )


def _mark(index: int, taken: int, *, holds: bool) -> str:
    return "takes it" if index == taken else "would too" if holds else "no"


def _because(conditions: Mapping[str, bool]) -> str:
    return (
        ", ".join(f"{name} {'holds' if holds else 'does not hold'}" for name, holds in conditions.items()) or "always"
    )


def _change(each: Replayed) -> dict[str, object]:
    return {
        "ticket": each.ticket.id,
        "opened_at": each.ticket.opened_at.isoformat(),
        "changes": list(each.changes),
        "before": asdict(each.before),
        "after": asdict(each.after),
    }


def _row(each: Replayed) -> list[object]:
    told = [
        "; ".join(
            [
                f"{one.team}, priority {one.priority}",
                *([f"SLA {one.sla}"] if one.sla else []),
                *([] if one.hand_over else ["no hand-over"]),
                one.rule,
            ]
        )
        for one in (each.before, each.after)
    ]
    return [each.ticket.id, f"{each.ticket.opened_at:%m-%d %H:%M}", ", ".join(each.changes), *told]
