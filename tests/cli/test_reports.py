"""Do the reports say what is in the tables, to people, spreadsheets and programs?"""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from blockbuster import BlockBuster
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.bootstrap import HANDOFF_TABLES, utc_now
from tests.cli.busy_weeks import SHANGHAI, Weeks
from tests.cli.shop import CommandShop

TICKETS = 300
SINCE = (utc_now().astimezone(SHANGHAI) - timedelta(days=28)).date().isoformat()
EVERY = ("service", "offers", "satisfaction", "containment", "sla", "agents")


@pytest.fixture(scope="session")
def busy_shop(tmp_path_factory: pytest.TempPathFactory, never_block_the_loop: BlockBuster) -> CommandShop:
    """A shop after four busy weeks, in a database that no other test writes to."""
    made = CommandShop(tmp_path_factory.mktemp("busy"), never_block_the_loop)
    made.open()
    made.ok("content", "apply", made.pack)
    made.in_database(Weeks(utc_now(), days=28, tickets=TICKETS).enter)
    return made


def rows(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")  # Excel would take it for the system's code page
    return list(csv.DictReader(io.StringIO(text[1:])))


def test_service_by_team(busy_shop: CommandShop) -> None:
    told = busy_shop.ok("reports", "service", "--since", SINCE, "--by", "team", "--json").json
    assert told["since"] == SINCE
    *teams, total = told["reports"]["service"]
    assert {each["key"] for each in teams} == {"售前组", "售后组"}
    assert total["tickets"] == sum(each["tickets"] for each in teams) == TICKETS
    assert 0 < total["first_response_median_s"] < total["first_response_p90_s"]
    table = busy_shop.ok("reports", "service", "--since", SINCE, "--by", "team").out
    assert "售前组" in table
    assert "首响·中位" in table.replace(" ", "")


@pytest.mark.parametrize("report", EVERY)
def test_each_report_has_a_table_a_csv_and_json_with_the_same_lines(busy_shop: CommandShop, report: str) -> None:
    period = ("--since", SINCE)
    plain = busy_shop.ok("reports", report, *period, "--json").json["reports"][report]
    cells = rows(busy_shop.ok("reports", report, *period, "--format", "csv").out)
    assert len(cells) == len(plain) > 0
    assert all(len(cell) == len(line) for cell, line in zip(cells, plain, strict=True))
    assert "│" in busy_shop.ok("reports", report, *period).out


def test_the_overview_has_every_report(busy_shop: CommandShop) -> None:
    told = busy_shop.ok("reports", "overview", "--since", SINCE, "--json").json["reports"]
    assert set(told) == {*EVERY, "sends"} - {"agents"}


def test_what_looks_like_a_formula_is_text(busy_shop: CommandShop) -> None:
    async def rename(engine: AsyncEngine) -> None:
        async with engine.begin() as connection:
            tickets = HANDOFF_TABLES.tickets
            await connection.execute(update(tickets).where(tickets.c.id == 1).values(source="=HYPERLINK(1)"))

    busy_shop.in_database(rename)
    file = busy_shop.folder / "service.csv"
    said = busy_shop.ok("reports", "service", "--since", SINCE, "--by", "source", "--format", "csv", "--out", file)
    assert said.out == ""
    assert [row["分组"] for row in rows(file.read_bytes().decode())] == ["（无）", "'=HYPERLINK(1)", "合计"]


def test_an_empty_period_says_so(busy_shop: CommandShop) -> None:
    period = ("--since", "2020-01-01", "--until", "2020-01-31")
    assert "2020-01-01 至 2020-01-31：没有数据" in busy_shop.ok("reports", "service", *period).out
    (total,) = busy_shop.ok("reports", "service", *period, "--json").json["reports"]["service"]
    assert (total["tickets"], total["handle_mean_s"], total["abandoned"]) == (0, None, None)


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        (("--since", "yesterday"), "write it as"),
        (("--since", "2026-02-02", "--until", "2026-02-01"), "lies after"),
        (("--team", "nobody"), "there are presale, aftersale"),
    ],
)
def test_what_cannot_be_asked_is_refused(busy_shop: CommandShop, options: tuple[str, ...], remedy: str) -> None:
    ran = busy_shop.run("reports", "service", *options)
    assert ran.code == 1
    assert remedy in ran.err


def test_containment_is_not_grouped_by_agent(busy_shop: CommandShop) -> None:
    ran = busy_shop.run("reports", "containment", "--by", "agent")
    assert (ran.code, "grouped by channel" in ran.err) == (1, True)


def test_staffing(busy_shop: CommandShop) -> None:
    options = ("--weeks", "4", "--days", "2", "--back-test", "1", "--json")
    told = busy_shop.ok("reports", "staffing", *options, "--shrinkage", "0.5")
    plan = told.json["reports"]["staffing"]
    assert {each["day"] for each in plan} <= {
        (utc_now().astimezone(SHANGHAI) + timedelta(days=ahead)).date().isoformat() for ahead in (1, 2)
    }
    assert all(each["scheduled"] == 2 * each["agents"] and each["level"] >= 0.8 for each in plan)
    (week,) = told.json["reports"]["backtest"]
    assert week["arrivals_wape"] > 0
    less = busy_shop.ok("reports", "staffing", *options, "--containment", "20").json["reports"]["staffing"]
    assert sum(each["arrivals"] for each in less) < sum(each["arrivals"] for each in plan) / 2
    more = busy_shop.ok("reports", "staffing", *options, "--uplift", "3").json["reports"]["staffing"]
    assert sum(each["agents"] for each in more) > sum(each["agents"] for each in plan)


def test_staffing_needs_weeks_to_be_tested_on(busy_shop: CommandShop) -> None:
    ran = busy_shop.run("reports", "staffing", "--weeks", "2", "--back-test", "2")
    assert (ran.code, "or fewer weeks" in ran.err) == (1, True)
