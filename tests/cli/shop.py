"""Which shop do the tests of commands serve? A tiny one, in a folder of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest
from blockbuster import BlockBuster
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.main import get_command
from typer.testing import CliRunner

from bot.cli import app
from bot.store.engine import create_store_engine
from tests.archive_keys import KEYS
from tests.handoff.policies import POLICY_YAML

T = TypeVar("T")
SECRET = "0123456789abcdef0123456789abcdef"
SCRIPTS = """\
- id: shipping-time
  title: 多久发货
  category: [物流]
  stage: before
  questions: [多久能发货, 什么时候发货, 今天拍今天能发吗]
  answers: {default: 48 小时内发货, wecom_kf: 两天内发货}
- id: invoice
  title: 开发票
  category: [发票]
  stage: after
  questions: [能开发票吗, 发票怎么开]
  answers: {default: 可以开电子发票}
"""
INTENTS = """\
version: "3.1"
nlu:
- intent: ask_human
  examples: |
    - 转人工
    - 转人工客服
    - 请转人工
    - 我要找真人客服
    - 叫个人来
    - 人工客服在哪
    - 不要机器人
    - 我要人工服务
- intent: greet
  examples: |
    - 你好
    - 您好
    - 你好啊
    - 哈喽
    - 在吗
    - 在不在
    - 早上好
    - 晚上好呀
"""


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class CommandShop:
    """Settings, a pack and a database below one folder; commands run in this process."""

    folder: Path
    guard: BlockBuster

    @property
    def config(self) -> Path:
        return self.folder / "xiaoer.toml"

    @property
    def pack(self) -> Path:
        return self.folder / "pack"

    @property
    def database(self) -> Path:
        return self.folder / "shop.db"

    def open(self, more: str = "") -> None:
        """Write settings and pack. more: sections; without an [archive] it is sealed under the key of the tests."""
        if "[archive]" not in more:
            more += f'[archive]\nkey = "k1"\nkeys = {{k1 = "{KEYS["k1"]}"}}\n'
        self.config.write_text(
            f'data_dir = "{self.folder / "var"}"\n'
            f'[server]\nsecret = "{SECRET}"\nbase_url = "http://127.0.0.1:1"\n'
            f'[database]\nurl = "sqlite+aiosqlite:///{self.database}"\n'
            f'[content]\npack = "{self.pack}"\n{more}',
            encoding="utf-8",
        )
        for name, text in {
            "pack.yaml": "name: tiny\nshop: 小店\n",
            "handoff.yaml": POLICY_YAML,
            "intents/all.yml": INTENTS,
            "scripts/all.yaml": SCRIPTS,
        }.items():
            file = self.pack / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")

    def run(self, *arguments: object) -> Ran:
        """`xiaoer …` with these settings. A command's loop serves nobody else, so it may read files."""
        self.guard.deactivate()
        try:
            with CliRunner().isolation(env={"COLUMNS": "300", "NO_COLOR": "1"}) as (out, err, _):
                code = _exit_code(["--config", str(self.config), *map(str, arguments)])
                sys.stdout.flush()
                sys.stderr.flush()
                return Ran(code, out.getvalue().decode(), err.getvalue().decode())
        finally:
            self.guard.activate()

    def ok(self, *arguments: object) -> Ran:
        """The same, and it must succeed."""
        ran = self.run(*arguments)
        assert ran.code == 0, ran.err
        return ran

    def refused(self, *arguments: object) -> str:
        """The same, and it must end with 1 and print nothing but what is wrong."""
        ran = self.run(*arguments)
        assert (ran.code, ran.out) == (1, "")
        return ran.err

    def in_database(self, act: Callable[[AsyncEngine], Awaitable[T]]) -> T:
        """Do something in the shop's database, beside the commands."""

        async def main() -> T:
            engine = create_store_engine(f"sqlite+aiosqlite:///{self.database}", 1)
            try:
                return await act(engine)
            finally:
                await engine.dispose()

        return asyncio.run(main())


def _exit_code(arguments: list[str]) -> int:
    """Of the command, 0 to 255; what it raises besides is the test's to see."""
    with pytest.raises(SystemExit) as ended:
        _command().main(args=arguments, prog_name="xiaoer")
    return int(ended.value.code or 0)


_command = cache(lambda: get_command(app))  # reading the signatures of all commands takes longer than most of them
