"""Which tags does a customer have and why, and how does a person decide otherwise?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from sqlalchemy import select

from archive.analysis import Results
from archive.consent import Gate, Party
from archive.tagging import (
    Context,
    Customer,
    EvidenceReader,
    Observation,
    Spoken,
    Tag,
    TagChange,
    TagRules,
    TagStore,
    weigh,
)
from bot.archive_keys import open_ring
from bot.bootstrap import ARCHIVE_TABLES, open_archive, utc_now
from bot.cli.printing import JsonOption, print_json, print_table, who
from bot.cli.running import Shared, fail, run_async
from bot.cli.storage import content_store, reading, wake, writing
from bot.consenting import build_consents
from bot.content.stored import read_stored
from bot.settings import Settings
from bot.store.engine import read_only
from bot.tagging.context import context_of
from bot.tagging.desk import TagDesk, UnknownTag
from bot.tagging.side import build_tag_desk
from bot.wakeups import Wakeups

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

app = typer.Typer(help="Customers' tags.", no_args_is_help=True)

CustomerArgument = Annotated[str, typer.Argument(help="Her id: openid or external_userid.")]
TagArgument = Annotated[str, typer.Argument(help="The tag's name.")]
AccountOption = Annotated[str, typer.Option(help="The account, where several know a customer of this id.")]
Act = Callable[[TagDesk, "AsyncConnection", Customer], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a tag is worn or not. clues: (how many were found, how many are needed, what they add, their messages)."""

    tag: str
    state: str
    confidence: float
    appears: float
    fades: float
    clues: list[dict[str, object]]


@app.command(name="list")
def list_tags(
    context: typer.Context,
    customer: CustomerArgument,
    account: AccountOption = "",
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Her tags with confidence and evidence, the surest first, and what changed."""
    settings = context.ensure_object(Shared).settings()

    async def main() -> tuple[list[Tag], list[TagChange]]:
        async with reading(settings) as engine, read_only(engine).connect() as connection:
            person = await _person(connection, customer, account)
            store = TagStore(ARCHIVE_TABLES.tags)
            return await store.of(connection, *person), await store.history(connection, *person)

    tags, changes = run_async(main, what="tags list")
    if as_json:
        print_json({"tags": list(map(_plain_tag, tags)), "history": list(map(_plain_change, changes))})
        return
    rows = [
        [each.name, each.state, f"{each.confidence:.0%}", _day(each.first_seen), _day(each.last_seen), each.by,
         " ".join(map(str, each.evidence))]
        for each in tags
    ]  # fmt: skip
    print_table(["tag", "state", "confidence", "first seen", "last seen", "by", "messages"], rows)


@app.command()
def pin(context: typer.Context, customer: CustomerArgument, tag: TagArgument, account: AccountOption = "") -> None:
    """She has this tag, whatever the rules say."""
    _decide(context, customer, account, lambda desk, c, person: desk.pin(c, person, tag, by=who()), what="tags pin")


@app.command()
def veto(context: typer.Context, customer: CustomerArgument, tag: TagArgument, account: AccountOption = "") -> None:
    """She does not have this tag, whatever the rules say."""
    _decide(context, customer, account, lambda desk, c, person: desk.veto(c, person, tag, by=who()), what="tags veto")


@app.command()
def release(context: typer.Context, customer: CustomerArgument, tag: TagArgument, account: AccountOption = "") -> None:
    """The rules decide about this tag again."""
    _decide(
        context, customer, account, lambda desk, c, person: desk.release(c, person, tag, by=who()), what="tags release"
    )


@app.command()
def sync(
    context: typer.Context,
    customer: Annotated[str, typer.Argument(help="Her id; none: everybody, what died and what was deleted too.")] = "",
    account: AccountOption = "",
) -> None:
    """Ask the platform what stands on her card, and write what is missing."""
    settings = context.ensure_object(Shared).settings()

    async def main() -> int:
        async with writing(settings) as engine, engine.begin() as connection:
            desk = await _desk(settings, engine, connection)
            people = [await _person(connection, customer, account)] if customer else None
            if people is None and desk.targets is not None:
                await desk.targets.retry(connection)
            return await desk.sync(connection, people)

    asked = run_async(main, what="tags sync")
    run_async(lambda: wake(settings, Wakeups.TAGS), what="tags sync")
    typer.echo(f"{asked} customers: running workers ask and write within seconds")


@app.command()
def explain(
    context: typer.Context,
    customer: CustomerArgument,
    account: AccountOption = "",
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Every tag of the shop for her: which clues were found in which messages, and what they add up to."""
    settings = context.ensure_object(Shared).settings()
    found = run_async(lambda: _explain(settings, customer, account), what="tags explain")
    if as_json:
        print_json([{**{name: getattr(each, name) for name in each.__slots__}} for each in found])
        return
    rows = [
        [each.tag if not number else "", each.state if not number else "",
         f"{each.confidence:.0%} / {each.appears:.0%}" if not number else "",
         f"{clue['found']} / {clue['needed']}", clue["looks_for"], clue["adds"], clue["messages"]]
        for each in found
        for number, clue in enumerate(each.clues)
    ]  # fmt: skip
    print_table(["tag", "state", "sure / appears", "found / needed", "looks for", "adds", "messages"], rows)


def _decide(context: typer.Context, customer: str, account: str, act: Act, *, what: str) -> None:
    settings = context.ensure_object(Shared).settings()

    async def main() -> bool:
        async with writing(settings) as engine, engine.begin() as connection:
            desk = await _desk(settings, engine, connection)
            try:
                return await act(desk, connection, await _person(connection, customer, account))
            except UnknownTag as error:
                raise fail(str(error)) from error

    changed = run_async(main, what=what)
    if changed:
        run_async(lambda: wake(settings, Wakeups.TAGS), what=what)
    typer.echo("done" if changed else "it was so already")


async def _explain(settings: Settings, customer: str, account: str) -> list[Explained]:
    archive = open_archive(await asyncio.to_thread(open_ring, settings), utc_now)
    async with reading(settings) as engine, read_only(engine).connect() as connection:
        person = await _person(connection, customer, account)
        rules = await _rules(connection)
        scripts = {each.id: each.category for each in await content_store().scripts(connection)}

        async def known(connection: AsyncConnection, said: Sequence[Spoken]) -> Mapping[int, Context]:
            return await context_of(connection, said, topics_of=lambda script: scripts.get(script, ()))

        analysis = ARCHIVE_TABLES.analysis
        consents = build_consents(ARCHIVE_TABLES.consent, archive.vault, settings.archive.consent, utc_now)

        async def may(connection: AsyncConnection, parties: Collection[Party]) -> Collection[Party]:
            return await consents.may(connection, Gate.ANALYSE, parties)

        results = Results(analysis.results, archive)
        reader = EvidenceReader(ARCHIVE_TABLES.entries, analysis.sessions, results, known, may)
        now = utc_now()
        evidence = (await reader.of(connection, [person], now - rules.horizon))[person]
        states = {tag.name: tag.state.value for tag in await TagStore(ARCHIVE_TABLES.tags).of(connection, *person)}
    return [_explained(rules, name, states.get(name, "-"), evidence, now) for name in rules.by_name]


def _explained(rules: TagRules, name: str, state: str, evidence: Sequence[Observation], now: datetime) -> Explained:
    rule = rules.by_name[name]
    weighed = weigh(rule, evidence, now, rules.zone)
    clues: list[dict[str, object]] = [
        {
            "looks_for": " + ".join(type(each).__name__ for each in clue.conditions),
            "found": found,
            "needed": clue.at_least,
            "adds": " ".join(f"{share.weight:.2f}" for share in shares),
            "messages": " ".join(str(share.entry_id) for share in shares),
        }
        for clue, shares, found in zip(rule.clues, weighed.shares, weighed.found, strict=True)
    ]
    return Explained(name, state, round(weighed.confidence, 4), rule.appears, rule.fades, clues)


async def _person(connection: AsyncConnection, customer: str, account: str) -> Customer:
    """Of which account she is; leaves with what to do where that is not clear."""
    if account:
        return (account, customer)
    e, t = ARCHIVE_TABLES.entries, ARCHIVE_TABLES.tags.tags
    found: set[str] = set()
    for table in (e, t):
        query = select(table.c.account).where(table.c.customer == customer).distinct()
        found |= set(await connection.scalars(query))
    if not found:
        raise fail(f"nobody of the id {customer} is known; name the account with --account if you are sure")
    if len(found) > 1:
        raise fail(f"{customer} is known at {', '.join(sorted(found))}: name one with --account")
    return (found.pop(), customer)


async def _desk(settings: Settings, engine: AsyncEngine, connection: AsyncConnection) -> TagDesk:
    rules = await _rules(connection)
    return build_tag_desk(settings, engine=engine, tables=ARCHIVE_TABLES, rules=lambda: rules, now=utc_now)


async def _rules(connection: AsyncConnection) -> TagRules:
    files = await content_store().files(connection)
    if not files:
        raise fail("the database holds no content yet; run: xiaoer content apply DIR")
    return (await asyncio.to_thread(read_stored, files)).shop.tags


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""


def _plain_tag(tag: Tag) -> dict[str, Any]:
    return {
        "name": tag.name,
        "state": tag.state.value,
        "confidence": tag.confidence,
        "evidence": list(tag.evidence),
        "first_seen": tag.first_seen,
        "last_seen": tag.last_seen,
        "by": tag.by,
        "changed_at": tag.changed_at,
    }


def _plain_change(change: TagChange) -> dict[str, Any]:
    return {
        "name": change.name,
        "state": change.state.value,
        "confidence": change.confidence,
        "by": change.by,
        "at": change.at,
    }
