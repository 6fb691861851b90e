"""Does the chat sidebar work where agents use it? Beside a chat of the simulator's client, with the real JS-SDK."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from blockbuster import BlockBuster
from typing_extensions import override

from bot.cli.stage import OPEN_KFID, Stage
from bot.simulator import State
from bot.simulator.js_tickets import JsTickets
from tests.browser.test_demo import demo
from tests.console.chromium import BINARY, Tab
from tests.packs import SHIPPING

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),  # a whole product and a browser on a busy machine
    pytest.mark.skipif(BINARY is None, reason="no Chromium here; make browser installs one as root on Debian"),
]
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
FOUND = "axe.run().then((told) => told.violations.map((one) => `${one.id}: ${one.nodes[0].html}`))"
ASKED = "什么时候发货"
PATIENCE_S = 30  # for a whole product, a browser and four redirects on a busy machine


class Reset(JsTickets):
    """The app's secret was reset: no ticket that was sold serves any more."""

    @override
    def valid(self, of: int, now: object) -> tuple[str, ...]:
        return ()


@dataclass
class Beside:
    """The sidebar in its frame."""

    tab: Tab

    async def run(self, script: str) -> Any:
        """The value of an expression in the frame, beside its own scripts."""
        tree = (await self.tab.call("Page.getFrameTree"))["frameTree"]
        (frame,) = tree["childFrames"]
        world = await self.tab.call("Page.createIsolatedWorld", frameId=frame["frame"]["id"])
        context = {"contextId": world["executionContextId"], "awaitPromise": True, "returnByValue": True}
        result = await self.tab.call("Runtime.evaluate", expression=script, **context)
        assert "exceptionDetails" not in result, (script, result["exceptionDetails"])
        return result["result"].get("value")

    async def again(self) -> None:
        """Open the page anew."""
        await self.run("document.body.dataset.before = 'yes'")
        await self.tab.run("document.querySelector('#toolbar-page').src += ''")
        await self.until("document.body && !document.body.dataset.before")

    async def until(self, condition: str) -> None:
        """Wait until it is true in the frame, whatever page is there by then."""
        # the frame's own clock paces it; a page that goes away meanwhile answers nothing
        asked = f"try {{ resolve(Boolean({condition})); }} catch {{ resolve(false); }}"
        asked = f"new Promise((resolve) => setTimeout(() => {{ {asked} }}, 15))"
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    if await self.run(asked) is True:
                        return
                except (AssertionError, ValueError, KeyError):
                    await self.tab.run("new Promise((resolve) => setTimeout(resolve, 15))")


async def rung(running: Stage, there: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is there, looking again whenever the console would."""
    async with asyncio.timeout(PATIENCE_S), running.product.wakeups.listening("console") as event:
        while not await there():
            await event.wait()
            event.clear()


async def serves(running: Stage, tab: Tab) -> None:
    """李娜 took a customer who asked for a person from the pool, and has the chat before her."""
    world, workbench = running.world, running.product.workbench

    async def waits() -> bool:
        return bool(await workbench.waiting())

    async def hers() -> bool:
        return bool(await workbench.mine("lina"))

    world.customer_writes("xiaolin", OPEN_KFID, "转人工")
    await rung(running, waits)
    changes = world.stream.open()
    session = world.corp("corp").kf[OPEN_KFID].session(world.customer("xiaolin").external_userid)
    async with asyncio.timeout(PATIENCE_S):
        while session.state is not State.POOL:
            await changes.get()
    world.stream.close(changes)
    world.servicer_takes_from_pool("lina", "xiaolin", OPEN_KFID)
    await rung(running, hers)
    world.customer_writes("xiaolin", OPEN_KFID, ASKED)
    await tab.open(f"{running.simulator_url}/wecom?member=lina")
    await tab.until("document.querySelector('#conversations li button')")
    await tab.run("document.querySelector('#conversations li button').click()")
    await tab.until("document.body.classList.contains('with-toolbar')")


async def kept(running: Stage, words: str) -> list[str]:
    """What we keep of the member's own words, once those are among it."""
    workbench = running.product.workbench
    said: list[str] = []

    async def there() -> bool:
        (ticket, *_) = await workbench.mine("lina")
        thread = await workbench.thread(ticket.conversation_id)
        said[:] = [entry.text for entry in (thread.entries if thread else ()) if entry.who == "lina" and entry.text]
        return words in said

    await rung(running, there)
    return said


async def test_one_tap_is_one_message_and_a_bad_signature_says_what_to_do(
    tmp_path: Path, never_block_the_loop: BlockBuster
) -> None:
    async with demo(tmp_path, never_block_the_loop) as (running, tab):
        await serves(running, tab)
        beside = Beside(tab)
        await beside.until(f"document.querySelector('[data-part=asked]').innerText.includes({json.dumps(ASKED)})")
        await beside.until("document.querySelector('#suggested [data-send]')")
        assert await beside.run(f"{AXE};{FOUND}") == []
        words = await beside.run("document.querySelector('#suggested .script').dataset.words")
        assert SHIPPING in words
        await beside.run(
            "(() => { const one = document.querySelector('#suggested [data-send]'); one.click(); one.click(); })()"
        )
        await beside.until("document.querySelector('#state').innerText.includes('已发送')")
        await tab.until(f"document.querySelector('#lines').innerText.includes({json.dumps(SHIPPING)})")
        said = [line.text for line in running.world.seen_by("xiaolin") if line.speaker == "servicer"]
        assert said == [words]
        assert (await kept(running, words)).count(words) == 1  # told by WeCom alone

        running.world.corp("corp").js_tickets.forget()  # what we still keep serves no more: another is bought
        await beside.again()
        await beside.until("document.querySelector('[data-part=who]')")
        running.world.corp("corp").js_tickets = Reset()
        await beside.again()
        await beside.until("document.querySelector('#problem [data-kind=signature]')")
        problem = await beside.run("document.querySelector('#problem').innerText")
        assert "server.base_url" in problem
        assert "40093" in problem
        assert tab.problems == []
