"""How does a test look at a page as a person does? Headless Chromium by Playwright, and axe for what people need."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, async_playwright

BINARY = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
]
DESKTOP, PHONE = (1280, 800), (390, 844)
WCAG_22_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

needs_chromium = pytest.mark.skipif(BINARY is None, reason="no Chromium here: make browser installs it where it can")


@asynccontextmanager
async def screen(size: tuple[int, int] = DESKTOP) -> AsyncIterator[Page]:
    """A fresh browser with one page of this size, in pixels. A script of the page that fails, fails the test."""
    problems: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=BINARY, args=FLAGS)
        try:
            width, height = size
            page = await browser.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
            yield page
        finally:
            await browser.close()
    assert problems == []


async def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA on the page as it is now: rule and where, empty where all is well."""
    options: dict[str, Any] = {"runOnly": {"type": "tag", "values": WCAG_22_AA}}
    found = (await Axe().run(page, options=options)).response["violations"]
    return [f"{each['id']}: {', '.join(str(node['target']) for node in each['nodes'][:3])}" for each in found]
