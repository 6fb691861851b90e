"""How does one try it all? Product, platform simulator and example shop on one machine, nothing to set up."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.access import Actor, Person, Role
from bot.access_side import build_access_side
from bot.bootstrap import utc_now
from bot.cli.running import product, run_async
from bot.cli.serve import until_stopped
from bot.cli.stage import Stage, clean_folder, stage, trial_settings
from bot.console import login_link

PEOPLE = tuple(
    Person(f"demo-{role}", name, frozenset({role}))
    for role, name in (
        (Role.LEAD, "组长"),
        (Role.SUPERVISOR, "主管"),
        (Role.OPERATOR, "运营"),
        (Role.ADMIN, "管理员"),
        (Role.AUDITOR, "审计员"),
    )
)
DEMO_FOLDER = Path("var/demo")
DEMO_PACK = Path("examples/cosmetics")


def demo(
    port: Annotated[
        int, typer.Option(help="The product listens here, the platform simulator on the next port.")
    ] = 8080,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its database and models.")] = DEMO_FOLDER,
    pack: Annotated[Path, typer.Option(help="Content pack of the demo's shop.")] = DEMO_PACK,
    *,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Only learn the pack, so that the demo starts fast.")
    ] = False,
) -> None:
    """Run everything on one machine: embedded stores, the platform simulator, the example shop."""
    clean_folder(folder)
    settings = trial_settings(port=port, simulator_port=port + 1, folder=folder, pack=pack)

    async def learn() -> None:
        async with product(settings, ready=True) as built:
            await built.minds.refresh()

    if prepare:
        run_async(learn, what="demo --prepare")
        return

    async def main() -> None:
        async with stage(settings, simulator_port=port + 1) as running:
            await admit(running)
            _show(running)
            await until_stopped()

    run_async(main, what="demo")


async def admit(running: Stage) -> None:
    """One person for each role; the agents of the pack are there without."""
    built = running.product
    administration = build_access_side(built.settings, built.engine, built.world.now).administration
    teams = built.minds.current().shop.policy.teams
    for person in PEOPLE:
        scope = frozenset({teams[0].id}) if Role.LEAD in person.roles else frozenset()
        await administration.add(replace(person, teams=scope), agents=(), by=Actor("cli:demo"))


def _show(running: Stage) -> None:
    built = running.product
    url, shop = built.settings.server.public_url, built.minds.current().shop
    table = Table(title=f"店小二 · {shop.name}", show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("客户的手机", f"{running.simulator_url}/phone")
    table.add_row("客服的企业微信", f"{running.simulator_url}/wecom")
    secret = built.settings.server.secret.get_secret_value().encode()
    for id_, name in (*((agent.id, agent.name) for agent in shop.policy.agents), *((p.id, p.name) for p in PEOPLE)):
        table.add_row(f"工作台（{name}）", login_link(url, secret, id_, now=utc_now()))
    table.add_row("健康状况", f"{url}/healthz")
    console = Console(width=None if os.isatty(1) else 400)
    console.print(table)
    console.print("Ctrl+C 结束")
