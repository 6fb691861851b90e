"""What does the WeCom session archive hold that we do not have yet, and which keys does it want?"""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from archive.finance import WAITING_KEY, PrivateKeys
from bot.archive_reading import Pulled
from bot.archive_sources import archived, named_keys
from bot.archive_standing import Stores
from bot.bootstrap import ARCHIVE_TABLES, utc_now
from bot.cli.printing import print_json, print_table, working_on
from bot.cli.running import Shared, fail, product, run_async
from bot.cli.storage import reading
from bot.settings import Settings
from bot.store.engine import read_only

AccountOption = Annotated[str | None, typer.Option("--account", help="Only this account.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def pull(
    context: typer.Context,
    account: AccountOption = None,
    once: Annotated[bool, typer.Option("--once", help="One page an account, not all.")] = False,  # noqa: FBT002
    replay: Annotated[bool, typer.Option("--replay", help="Also try again what lies aside.")] = False,  # noqa: FBT002
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Read the session archive now, due or not, and say what came. Exit code 1 if an account failed."""
    settings = _settings(context)
    names = _names(settings, account)

    async def main() -> list[Pulled]:
        async with product(settings) as built:
            puller = built.archiving.puller
            await puller.register()
            found = []
            for name in names:
                claim = await puller.claim_now(name)
                if claim is None:
                    found.append(Pulled(name, 0, error="a worker reads it now"))
                else:
                    found.append(await puller.pull(claim, pages=1 if once else None, replay=replay))
            return found

    with working_on("reading the session archive"):
        found = run_async(main, what="archive pull")
    if as_json:
        print_json([_plain(each) for each in found])
    else:
        _show(found)
    if any(each.error for each in found):
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class KeyState:
    """One version of the public key: is its private key here, and how many messages wait for it?"""

    account: str
    version: int
    state: str
    waiting: int


def keys(context: typer.Context, account: AccountOption = None, as_json: JsonOption = False) -> None:  # noqa: FBT002
    """Show which key versions are here, which cannot be used, and which messages wait for."""
    settings = _settings(context)
    names = _names(settings, account)

    async def main() -> list[KeyState]:
        async with reading(settings) as engine, read_only(engine).connect() as connection:
            lying = await Stores.build(ARCHIVE_TABLES, settings.archive.pull, utc_now).aside.lying(connection)
        waiting = {(each.account, each.key_version): each.count for each in lying if each.reason == WAITING_KEY}
        found = []
        for name in names:
            ring = await asyncio.to_thread(PrivateKeys.read, named_keys(archived(settings.accounts)[name][1]))
            wanted = {version for owner, version in waiting if owner == name}
            for version in sorted({*ring.pems, *ring.unusable, *wanted}):
                state = "here" if version in ring.pems else ring.unusable.get(version, "missing")
                found.append(KeyState(name, version, state, waiting.get((name, version), 0)))
        return found

    found = run_async(main, what="archive keys")
    if as_json:
        print_json([asdict(each) for each in found])
    else:
        print_table(
            ("account", "version", "private key", "messages waiting"),
            [(each.account, each.version, each.state, each.waiting) for each in found],
        )


def _settings(context: typer.Context) -> Settings:
    shared: Shared = context.obj
    return shared.settings()


def _names(settings: Settings, account: str | None) -> list[str]:
    names = list(archived(settings.accounts))
    if not names:
        raise fail("no account has an archive: add [accounts.archive] to a WeCom account (docs/archive-pull.md)")
    if account is not None and account not in names:
        raise fail(f"no archive of {account!r}; there are: {', '.join(names)}")
    return names if account is None else [account]


def _plain(done: Pulled) -> dict[str, object]:
    return {**asdict(done), "counts": {name: count for name, count in sorted(done.counts.items()) if count}}


def _show(found: list[Pulled]) -> None:
    rows = []
    for each in found:
        counts = ", ".join(f"{count} {name}" for name, count in sorted(each.counts.items()) if count)
        rows.append((each.account, each.seq, counts or "nothing new", each.error, each.advice))
    print_table(("account", "seq", "what came", "error", "what to do"), rows)
