"""Does the demo work for people? A customer at the phone, an agent in WeCom, in a real browser."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from blockbuster import BlockBuster

from bot.cli.stage import Stage, free_port, stage, trial_settings
from tests.console.chromium import BINARY, Tab, chromium
from tests.packs import SHIPPING, write_pack
from tests.stage import starting

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BINARY is None, reason="no Chromium here; make browser installs one as root on Debian"),
]


@asynccontextmanager
async def demo(folder: Path, guard: BlockBuster) -> AsyncIterator[tuple[Stage, Tab]]:
    """The whole demo on a tiny shop, and a browser."""
    port = free_port()
    with starting(guard):
        pack = write_pack(folder / "pack")
        settings = trial_settings(port=free_port(), simulator_port=port, folder=folder / "var", pack=pack)
        async with stage(settings, simulator_port=port) as running, chromium(folder / "chromium") as tab:
            yield running, tab


async def say(tab: Tab, text: str) -> None:
    await tab.run("document.querySelector('#text').focus()")
    await tab.write(text)
    await tab.press("Enter")


async def shows(tab: Tab, text: str) -> None:
    await tab.until(f"document.querySelector('#lines').innerText.includes({json.dumps(text)})")


async def test_a_customer_is_answered_then_served_by_a_person_then_by_the_bot_again(
    tmp_path: Path, never_block_the_loop: BlockBuster
) -> None:
    async with demo(tmp_path, never_block_the_loop) as (running, tab):
        await tab.open(f"{running.simulator_url}/phone")
        await tab.until("document.querySelectorAll('#places li').length === 2")
        await tab.run("document.querySelector('#places li *').click()")
        await tab.until("document.querySelector('#text').offsetParent")
        await say(tab, "什么时候发货")
        await shows(tab, SHIPPING)
        await say(tab, "转人工")
        await tab.until("document.querySelector('#subtitle').innerText.includes('排队中')")

        await tab.open(f"{running.simulator_url}/wecom")
        await tab.until("document.querySelector('#members option[value=lina]')")
        await tab.run("document.querySelector('#members').value = 'lina'")
        await tab.run("document.querySelector('#members').dispatchEvent(new Event('change'))")
        await tab.until("document.querySelector('#cards button')")
        await tab.run("document.querySelector('#cards button').click()")
        await tab.until("document.querySelector('#cards').innerText.includes('已由李娜接单')")
        await tab.until("document.querySelector('#conversations li')")
        await tab.run("document.querySelector('#conversations li *').click()")
        await tab.until("document.querySelector('#text').offsetParent")
        await say(tab, "您好，我是李娜，已经帮您催了")
        await shows(tab, "已经帮您催了")
        await tab.run("document.querySelector('[data-act=end]').click()")
        await tab.until("document.querySelector('[data-act=end]').offsetParent === null")

        await tab.open(f"{running.simulator_url}/phone")
        await tab.until("document.querySelectorAll('#places li').length === 2")
        await tab.run("document.querySelector('#places li *').click()")
        await shows(tab, "已经帮您催了")
        await say(tab, "怎么开发票")
        await tab.until("document.querySelector('#subtitle').innerText.includes('机器人接待')")
        assert tab.problems == []
