"""How many agents should be at work, quarter of an hour by quarter, and would that have been right?"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

import typer

from bot.bootstrap import HANDOFF_TABLES
from bot.cli.report_options import (
    Asked,
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
from bot.figures import Format, duration, percent, said
from bot.staffing import NothingServedError, StaffingBasis, StaffingWish, past_weeks, plan_sheets, read_basis
from handoff import Scope, Target, TooLittleHistoryError, UnreachableError


def staffing(
    context: typer.Context,
    *,
    days: Annotated[int, typer.Option(min=1, max=62, help="Plan so many days, from tomorrow on.")] = 7,
    weeks: Annotated[int, typer.Option(min=1, max=104, help="Learn from so many weeks before today.")] = 8,
    test_weeks: Annotated[
        int, typer.Option("--back-test", min=0, max=26, help="Foretell the last N weeks from what lay before each.")
    ] = 2,
    level: Annotated[float, typer.Option(min=0.01, max=0.999, help="Share of customers to be served in time.")] = 0.8,
    within: Annotated[float, typer.Option(min=0, help="Seconds that count as in time.")] = 20,
    abandonment: Annotated[float, typer.Option(min=0, max=1, help="Share of customers who may leave unserved.")] = 0.05,
    chats: Annotated[int, typer.Option(min=0, max=50, help="Chats at a time; 0: the agents' mean capacity.")] = 0,
    slowdown: Annotated[
        float, typer.Option(min=0, max=2, help="By how much of it each further chat lengthens a chat's handle time.")
    ] = 0.0,
    shrinkage: Annotated[float, typer.Option(min=0, max=0.9, help="Share of paid time away from the desk.")] = 0.0,
    uplift: Annotated[float, typer.Option(min=0.01, help="Arrivals times this: a promotion.")] = 1.0,
    containment: Annotated[
        float, typer.Option(min=-100, max=100, help="What if the bot settled so many percentage points more alone?")
    ] = 0.0,
    team: TeamOption = "",
    channel: ChannelOption = "",
    form: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
    out: OutOption = None,
) -> None:
    """Plan agents for each quarter of an hour from past arrivals and handle times, and test that on past weeks."""
    target = Target(level, within, abandonment)
    wish = StaffingWish(days, weeks, test_weeks, target, chats, slowdown, shrinkage, uplift, containment)

    async def answer(asked: Asked) -> tuple[Asked, StaffingBasis]:
        scope = past_weeks(asked.scope.now, weeks, asked.scope)
        try:
            return asked, await read_basis(asked.connection, HANDOFF_TABLES, asked.shop.policy, scope, wish)
        except NothingServedError as error:
            raise fail(f"reports staffing: {error}") from error

    asked, basis = ask(context, Wanted(team=team, channel=channel), answer)
    try:
        sheets = plan_sheets(basis, wish, _today(asked))
    except (TooLittleHistoryError, UnreachableError, ValueError) as error:
        raise fail(f"reports staffing: {error}") from error
    form = Format.JSON if as_json else form
    first = datetime.combine(_today(asked) + timedelta(days=1), time(), asked.scope.zone)
    shown = Scope(first, first + timedelta(days=days), asked.scope.now, asked.scope.zone)
    write(sheets, shown, form, out)
    typer.echo(_basis_said(basis), err=True)


def _today(asked: Asked) -> date:
    return asked.scope.now.astimezone(asked.scope.zone).date()


def _basis_said(basis: StaffingBasis) -> str:
    history = basis.arrivals.history
    values: dict[str, Any] = {
        "days": len(history.arrivals),
        "tickets": round(float(history.arrivals.sum())),
        "handle": duration(basis.handle.mean_s),
        "patience": said("says.no_patience") if basis.patience_s is None else duration(basis.patience_s),
        "chats": basis.chats,
        "share": percent(basis.share),
    }
    return said("says.basis", **values)
