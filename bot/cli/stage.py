"""How is a whole trial installation set up on one machine? Product and simulator, with secrets made up at start."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import errno
import secrets
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from bot import simulator
from bot.bootstrap import Product, World
from bot.cli.running import product
from bot.cli.serve import listening, working
from bot.console_settings import ConsoleSettings
from bot.settings import (
    ContentSettings,
    DatabaseSettings,
    OfficialAccount,
    ServerSettings,
    Settings,
    WeComCorp,
)

OFFICIAL, CORP = "shop", "corp"  # the demo's accounts
OPEN_KFID = "wkHuayanMeizhuang0001"
NEVER_GIVEN = range(20_000, 32_768)  # Linux gives those above to whoever asks for any, IANA those from 49152 on


@dataclass(frozen=True, slots=True)
class Stage:
    """A running trial installation. simulator_url: where the phone and the WeCom client are."""

    product: Product
    world: simulator.World
    simulator_url: str


def trial_settings(
    *,
    port: int,
    simulator_port: int,
    folder: Path,
    pack: Path,
    answering: Literal["active", "passive", "auto"] = "auto",
) -> Settings:
    """Settings of a trial installation; every secret is fresh, nothing of it is good anywhere else."""
    simulator_url = f"http://127.0.0.1:{simulator_port}"
    return Settings(
        server=ServerSettings(port=port, secret=_secret(48), base_url=f"http://127.0.0.1:{port}"),
        database=DatabaseSettings(url=f"sqlite+aiosqlite:///{folder / 'xiaoer.db'}"),
        content=ContentSettings(pack=str(pack)),
        console=ConsoleSettings(
            wecom_authorize_url=f"{simulator_url}/wecom/connect/oauth2/authorize",
            wecom_qr_url=f"{simulator_url}/wecom/wwlogin/sso/login",
            sidebar_frame=simulator_url,
        ),
        data_dir=folder,
        accounts=(
            OfficialAccount(
                kind="official_account",
                name=OFFICIAL,
                app_id="wx" + secrets.token_hex(8),
                app_secret=_secret(32),
                token=_secret(16),
                encoding_aes_key=_aes_key(),
                original_id="gh_" + secrets.token_hex(6),
                answering=answering,
                api_base=f"{simulator_url}/oa",
            ),
            WeComCorp(
                kind="wecom",
                name=CORP,
                corp_id="ww" + secrets.token_hex(8),
                agent_id=1_000_002,
                secret=_secret(43),
                token=_secret(16),
                encoding_aes_key=_aes_key(),
                open_kfids=(OPEN_KFID,),
                api_base=f"{simulator_url}/wecom",
            ),
        ),
    )


@contextlib.asynccontextmanager
async def stage(settings: Settings, *, simulator_port: int, outside: World | None = None) -> AsyncIterator[Stage]:
    """Run simulator, doors and worker in this process until the body ends. outside: whose clock all of them follow."""
    outside = outside or World()
    world = simulator.build_world(settings)
    async with aiohttp.ClientSession() as session:
        app = simulator.create_simulator(world, session=session, now=outside.now, sleep=asyncio.sleep)
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", simulator_port).start()
            async with product(settings, outside, ready=True) as built, listening(built), working(built):
                yield Stage(built, world, f"http://127.0.0.1:{simulator_port}")
        finally:
            await runner.cleanup()


def clean_folder(folder: Path) -> None:
    """Forget an earlier trial: its database knows accounts the new simulator never heard of. Models are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("xiaoer.db*"):
        path.unlink()


def free_port() -> int:
    """A port nobody listens on, and none of those given to whoever asks for any: it stays free until we use it."""
    while True:
        port = secrets.choice(NEVER_GIVEN)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as refused:
                if refused.errno != errno.EADDRINUSE:
                    raise
            else:
                return port


def _secret(characters: int) -> SecretStr:
    return SecretStr(secrets.token_hex(characters)[:characters])


def _aes_key() -> SecretStr:
    return SecretStr(base64.b64encode(secrets.token_bytes(32)).decode().rstrip("="))
