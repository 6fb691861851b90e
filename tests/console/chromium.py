"""How does a test drive a real browser? Headless Chromium, over its DevTools protocol."""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

BINARY = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0",
    "--window-size=1280,800",
)  # fmt: skip
SHIFT, CTRL, ALT = 8, 2, 1
PATIENCE_S = 60  # a machine that tests on all its cores is slow
_SOON = """new Promise((resolve) => setTimeout(() => {
  try { resolve(Boolean(%s)); } catch { resolve(false); }
}, 15))"""


class Tab:
    """One page. Raises AssertionError with the page's own words where a script fails."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self.problems: list[str] = []

    async def call(self, method: str, **params: object) -> dict[str, Any]:
        """One DevTools command and its result."""
        answer = await self._ask(method, params)
        assert "error" not in answer, answer
        return dict(answer["result"])

    async def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        result = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, (script, result["exceptionDetails"])
        return result["result"].get("value")

    async def until(self, condition: str) -> None:
        """Wait until the expression is true in the page, or in the one that comes after it."""
        params = {"expression": _SOON % condition, "awaitPromise": True, "returnByValue": True}
        async with asyncio.timeout(PATIENCE_S):
            while True:
                answer = await self._ask("Runtime.evaluate", params)  # an error: the page went away meanwhile
                if answer.get("result", {}).get("result", {}).get("value") is True:
                    return

    async def _ask(self, method: str, params: Mapping[str, object]) -> dict[str, Any]:
        number = next(self._ids)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        while True:
            message = json.loads((await self._socket.receive(PATIENCE_S)).data)
            if message.get("method") == "Runtime.exceptionThrown":
                self.problems.append(json.dumps(message["params"]["exceptionDetails"], ensure_ascii=False))
            if message.get("id") == number:
                return dict(message)

    async def open(self, url: str) -> None:
        """Go to a page and wait until its scripts have run."""
        await self.call("Page.navigate", url=url)
        await self.until(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")

    async def write(self, text: str) -> None:
        """Type text where the focus is."""
        await self.call("Input.insertText", text=text)

    async def press(self, key: str, *, code: str = "", modifiers: int = 0) -> None:
        """Press and release one key."""
        enter = {"windowsVirtualKeyCode": 13, "text": "\r"} if key == "Enter" else {}
        named: dict[str, object] = {"key": key, "code": code or key, "modifiers": modifiers}
        await self.call("Input.dispatchKeyEvent", type="keyDown", **named, **enter)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **named)


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Tab]:
    """A fresh browser with one tab; it ends with the block."""
    assert BINARY is not None
    process = await asyncio.create_subprocess_exec(
        BINARY, *FLAGS, f"--user-data-dir={folder}", "about:blank", stderr=asyncio.subprocess.PIPE
    )
    try:
        assert process.stderr is not None
        async with asyncio.timeout(PATIENCE_S):
            line = b""
            while b"DevTools listening on" not in line:
                line = await process.stderr.readline()
                assert line, "Chromium ended"
        port = line.decode().partition("127.0.0.1:")[2].partition("/")[0]
        async with ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json") as response:
                page = next(target for target in await response.json() if target["type"] == "page")
            async with session.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                tab = Tab(socket)
                await tab.call("Page.enable")
                await tab.call("Runtime.enable")
                yield tab
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()
