"""Who may sign in to the console, with which roles? The first admin comes from here."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.access import Access, Actor, Obstacle, Person, PersonRefused, Role, weakness
from bot.access_side import build_access_side
from bot.bootstrap import utc_now
from bot.cli.console import secret_of
from bot.cli.printing import JsonOption, print_json, print_table, who
from bot.cli.running import Shared, fail, run_async
from bot.cli.storage import desk, writing
from bot.settings import Settings
from bot.store.engine import read_only

app = typer.Typer(no_args_is_help=True, help="Who may sign in to the console, with which roles.")
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="What the person signs in as.")]
RolesOption = Annotated[list[Role] | None, typer.Option("--role", help="Repeatable; replaces those she has.")]
TeamsOption = Annotated[list[str] | None, typer.Option("--team", help="Where lead, supervisor and auditor count.")]
RegionsOption = Annotated[list[str] | None, typer.Option("--region", help="Likewise, as 广东/深圳.")]
MOST = 10_000  # people that `list` prints


@dataclass(frozen=True, slots=True)
class Office:
    """What the commands work with. agents: ids of the pack."""

    access: Access
    agents: frozenset[str]
    by: Actor


@app.callback()
def group() -> None:
    """Who may sign in to the console, with which roles."""


@app.command()
def add(
    context: typer.Context,
    name: NameArgument,
    *,
    role: Annotated[list[Role], typer.Option("--role", help="Repeatable.")],
    shown: Annotated[str, typer.Option("--name", help="How colleagues see her; default NAME.")] = "",
    agent: Annotated[str, typer.Option(help="The agent of the pack she is; default: the one called NAME.")] = "",
    wecom: Annotated[str, typer.Option(help="Her userid in WeCom, where it is not her agent's id.")] = "",
    team: TeamsOption = None,
    region: RegionsOption = None,
) -> None:
    """Let somebody in."""
    settings = _settings(context)
    person = Person(
        name,
        shown or name,
        frozenset(role),
        agent or None,
        wecom or None,
        frozenset(team or ()),
        frozenset(region or ()),
    )

    async def main() -> None:
        async with _office(settings) as office:
            await office.access.administration.add(person, agents=office.agents, by=office.by)

    _run(main, "people add")
    typer.echo(f"{name} may sign in; a link: xiaoer console login {name}, a password: xiaoer people password {name}")


@app.command(name="list")
def list_people(context: typer.Context, as_json: JsonOption = False) -> None:  # noqa: FBT002
    """Show who may sign in; agents of the pack without a row may too, as agents."""
    settings = _settings(context)

    async def main() -> list[Person]:
        async with _office(settings) as office:
            return await office.access.administration.listed(limit=MOST)

    found = run_async(main, what="people list")
    if as_json:
        print_json([{key: sorted(v) if isinstance(v, frozenset) else v for key, v in asdict(p).items()} for p in found])
        return
    rows = [
        (p.id, p.name, ", ".join(sorted(p.roles)), p.agent or "", p.wecom or "", ", ".join(sorted(p.teams | p.regions)),
         "" if p.active else "disabled")
        for p in found
    ]  # fmt: skip
    print_table(("id", "name", "roles", "agent", "wecom", "where", "state"), rows)


@app.command()
def roles(
    context: typer.Context,
    name: NameArgument,
    role: RolesOption = None,
    team: TeamsOption = None,
    region: RegionsOption = None,
) -> None:
    """Give a person other roles, teams or regions; what is not named stays."""

    def changed(person: Person) -> Person:
        return replace(
            person,
            roles=person.roles if role is None else frozenset(role),
            teams=person.teams if team is None else frozenset(team) - {""},
            regions=person.regions if region is None else frozenset(region) - {""},
        )

    _change(context, name, changed, what="people roles")


@app.command()
def link(
    context: typer.Context,
    name: NameArgument,
    agent: Annotated[str | None, typer.Option(help="An agent of the pack; '' for none.")] = None,
    wecom: Annotated[str | None, typer.Option(help="Her userid in WeCom; '' for none.")] = None,
) -> None:
    """Say which agent of the pack, and which member of WeCom, a person is."""

    def changed(person: Person) -> Person:
        return replace(
            person,
            agent=person.agent if agent is None else agent or None,
            wecom=person.wecom if wecom is None else wecom or None,
        )

    _change(context, name, changed, what="people link")


@app.command()
def disable(context: typer.Context, name: NameArgument) -> None:
    """Let a person in no more, and end her sessions."""
    _change(context, name, lambda person: replace(person, active=False), what="people disable")


@app.command()
def enable(context: typer.Context, name: NameArgument) -> None:
    """Let a disabled person in again."""
    _change(context, name, lambda person: replace(person, active=True), what="people enable")


@app.command()
def password(
    context: typer.Context,
    name: NameArgument,
    *,
    reset_second_factor: Annotated[
        bool, typer.Option("--reset-second-factor", help="Only forget her phone and recovery codes.")
    ] = False,
) -> None:
    """Give a person a password; at her first sign-in with it she sets up her second factor. Ends her sessions."""
    settings = _settings(context)
    given = "" if reset_second_factor else _asked(name)

    async def main() -> None:
        async with _office(settings) as office:
            found = await office.access.administration.find(name)
            if found is None or found.id != name:
                raise PersonRefused(Obstacle.UNKNOWN, "NAME")
            if reset_second_factor:
                await office.access.accounts.remove_second_factor(name, by=office.by)
                return
            if (weak := weakness(given, about=(found.id, found.name))) is not None:
                raise fail(f"this password is too {weak}: take 12 characters or more that nobody guesses")
            await office.access.accounts.set_password(name, given, by=office.by)

    _run(main, "people password")
    typer.echo("done; she is signed out everywhere")


def _asked(name: str) -> str:
    asked: str = typer.prompt(f"New password of {name}", hide_input=True, confirmation_prompt=True)
    return asked


def _change(context: typer.Context, name: str, changed: Callable[[Person], Person], *, what: str) -> None:
    settings = _settings(context)

    async def main() -> None:
        async with _office(settings) as office:
            found = await office.access.administration.find(name)
            if found is None or found.id != name:
                raise PersonRefused(Obstacle.UNKNOWN, "NAME")
            await office.access.administration.change(changed(found), agents=office.agents, by=office.by)

    _run(main, what)


def _run(main: Callable[[], Coroutine[Any, Any, None]], what: str) -> None:
    try:
        run_async(main, what=what)
    except PersonRefused as refused:
        raise fail(f"{what}: {_ADVICE[refused.why]}") from refused


_ADVICE = {
    Obstacle.ID_SHAPE: "NAME has 1 to 64 letters, digits, . _ - or @, and begins with a letter or digit",
    Obstacle.ID_TAKEN: "somebody is called so already; see: xiaoer people list",
    Obstacle.NAME_MISSING: "say how colleagues see her: --name",
    Obstacle.NO_ROLE: "give at least one --role",
    Obstacle.AGENT_UNKNOWN: "the content pack has no such agent; see its handoff.yaml",
    Obstacle.AGENT_TAKEN: "somebody else is that agent already; see: xiaoer people list",
    Obstacle.WECOM_TAKEN: "somebody else has that userid already; see: xiaoer people list",
    Obstacle.LAST_ADMIN: "she is the last admin: make somebody else one first",
    Obstacle.UNKNOWN: "nobody is called so; see: xiaoer people list",
}


def _settings(context: typer.Context) -> Settings:
    shared: Shared = context.obj
    settings = shared.settings()
    secret_of(settings)  # it keys what is written
    return settings


@contextlib.asynccontextmanager
async def _office(settings: Settings) -> AsyncIterator[Office]:
    async with writing(settings) as engine:
        access = build_access_side(settings, engine, utc_now)
        yield Office(access, await _agents(engine), Actor(f"cli:{who()}"))


async def _agents(engine: AsyncEngine) -> frozenset[str]:
    async with read_only(engine).connect() as connection:
        return frozenset(each.id for each in await desk().agents(connection))
