"""How are customers served, by people and by the bot? Reports of a period, for people, spreadsheets and programs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

import typer

from bot.bootstrap import HANDOFF_TABLES
from bot.cli import staffing
from bot.cli.days import SinceOption, UntilOption
from bot.cli.report_options import (
    Asked,
    ByOption,
    ChannelOption,
    FormatOption,
    JsonOption,
    OutOption,
    TeamOption,
    Wanted,
    ask,
    write,
)
from bot.cli.running import fail
from bot.figures import Format, Line, Sheet, lines, said
from bot.reports import CONTAINMENT_BY, BotReports
from handoff import By, Measures, Report


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


F = TypeVar("F", bound=_Keyed)
app = typer.Typer(no_args_is_help=True, help="How customers are served: measures, promises, staffing.")


@app.command()
def overview(
    context: typer.Context,
    *,
    since: SinceOption = "",
    until: UntilOption = "",
    team: TeamOption = "",
    channel: ChannelOption = "",
    form: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
    out: OutOption = None,
) -> None:
    """The totals of every report, and of what was sent."""

    async def answer(asked: Asked) -> tuple[Asked, list[Sheet]]:
        made = (_service, _offers, _satisfaction, _containment, _sla, _sends)
        return asked, [await make(asked, None) for make in made]

    asked, sheets = ask(context, Wanted(since, until, team, channel), answer)
    write(sheets, asked.scope, Format.JSON if as_json else form, out)


def _command(make: Callable[[Asked, By | None], Awaitable[Sheet]], name: str, about: str) -> None:
    """One command a report: they differ in what they count, not in how they are asked."""

    @app.command(name=name, help=about)
    def report(
        context: typer.Context,
        *,
        since: SinceOption = "",
        until: UntilOption = "",
        by: ByOption = None,
        team: TeamOption = "",
        channel: ChannelOption = "",
        form: FormatOption = Format.TABLE,
        as_json: JsonOption = False,
        out: OutOption = None,
    ) -> None:
        async def answer(asked: Asked) -> tuple[Asked, Sheet]:
            return asked, await make(asked, by)

        asked, sheet = ask(context, Wanted(since, until, team, channel), answer)
        write([sheet], asked.scope, Format.JSON if as_json else form, out)


async def _service(asked: Asked, by: By | None) -> Sheet:
    report = await _measures(asked).service(asked.connection, asked.scope, by)
    return _sheet("service", _lines(asked, by, report, lines.service_line), lines.SERVICE_SHOWN, report.total.tickets)


async def _offers(asked: Asked, by: By | None) -> Sheet:
    report = await _measures(asked).offers(asked.connection, asked.scope, by)
    return _sheet("offers", _lines(asked, by, report, lines.offers_line), lines.OFFERS_SHOWN, report.total.offers)


async def _satisfaction(asked: Asked, by: By | None) -> Sheet:
    report = await _measures(asked).satisfaction(asked.connection, asked.scope, by)
    made = _lines(asked, by, report, lines.satisfaction_line)
    return _sheet("satisfaction", made, lines.SATISFACTION_SHOWN, report.total.answered.whole)


async def _containment(asked: Asked, by: By | None) -> Sheet:
    if by is not None and by not in CONTAINMENT_BY:
        raise fail(f"--by {by}: conversations of the bot are grouped by {', '.join(CONTAINMENT_BY)}")
    report = await BotReports(HANDOFF_TABLES.tickets).containment(asked.connection, asked.scope, by)
    made = _lines(asked, by, report, lines.containment_line)
    return _sheet("containment", made, lines.CONTAINMENT_SHOWN, report.total.conversations)


async def _sends(asked: Asked, by: By | None) -> Sheet:
    del by
    told = await BotReports(HANDOFF_TABLES.tickets).sends(asked.connection, asked.scope)
    return _sheet("sends", [lines.sends_line(told)], lines.SENDS_SHOWN, told.sent + told.uncertain)


async def _sla(asked: Asked, by: By | None) -> Sheet:
    reports = await _measures(asked).sla(asked.connection, asked.scope, by)
    made = [line for report in reports for line in _lines(asked, by, report, lines.sla_line)]
    return _sheet("sla", made, lines.SLA_SHOWN, sum(report.total.promises for report in reports))


async def _agents(asked: Asked, by: By | None) -> Sheet:
    if by not in (None, By.AGENT):
        raise fail(f"--by {by}: this report is by agent already")
    found = await _measures(asked).agents(asked.connection, asked.scope)
    return _sheet("agents", [lines.agent_line(each) for each in found], lines.AGENTS_SHOWN, len(found))


def _measures(asked: Asked) -> Measures:
    return Measures(HANDOFF_TABLES, lambda: asked.shop.policy)


def _lines(asked: Asked, by: By | None, report: Report[F], line: Callable[[F, str], Line]) -> list[Line]:
    """Groups first, their total below them."""
    groups = [line(each, asked.name(by, each.key)) for each in report.groups]
    return [*groups, line(report.total, said("groups.total"))]


def _sheet(name: str, made: Sequence[Line], shown: Sequence[str], n: int) -> Sheet:
    return Sheet(name, said(f"titles.{name}"), made, shown, empty=n == 0)


for _make, _name, _about in (
    (_service, "service", "First response, waits, handle time, resolution, transfers, abandonment, reopening."),
    (_offers, "offers", "What became of offers to agents, and how fast they were accepted. --by reason: why chosen."),
    (_satisfaction, "satisfaction", "What customers answered when they were asked."),
    (_containment, "containment", "What the bot settled alone, and what of that lasted."),
    (_sla, "sla", "Which promises were kept."),
    (_agents, "agents", "Presence, occupancy and load of each agent."),
):
    _command(_make, _name, _about)
app.command(name="staffing")(staffing.staffing)
