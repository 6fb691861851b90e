"""Where does the day of each role happen? A whole product, the platforms simulated, one browser; people with rooms."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import APIRequestContext, Browser, BrowserContext, Locator, Page, async_playwright, expect

from bot.bootstrap import World, utc_now
from bot.cli.demo import PEOPLE, admit
from bot.cli.stage import OPEN_KFID, Stage, free_port, stage, trial_settings
from bot.console import login_link
from bot.settings import Settings, WeComCorp
from handoff import AgentStatus
from tests.packs import write_pack
from tests.screen import BINARY, DESKTOP, FLAGS, violations

Handoff = Literal["console", "client"]
MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # Monday, 10:00 in the shop
PATIENCE_MS = 60_000  # a machine that tests on all its cores is slow
expect.set_options(timeout=PATIENCE_MS)
_TAGS = """\
version: 1
groups: {习惯: {}}
tags:
  - name: 等发货
    group: 习惯
    advice: 先说什么时候发。
    clues: [{keywords: [发货], weight: 0.9, within: 90d}]
    half_life: 90d
"""
_SHEET = """\
version: 1
sheets:
  - name: 人工接待
    pass: 80
    nodes:
      - {name: 开场问候, weight: 40, ask: 第一句有没有问候？}
      - {name: 回答正确, weight: 60, points: 2, ask: 和话术一致？, rules: [机器人没答上来]}
"""


@dataclass
class Clock:
    """The shop's time: it runs as ours does, from a morning on, and can be moved forward."""

    ahead: timedelta = field(default_factory=lambda: MORNING - utc_now())

    def now(self) -> datetime:
        return utc_now() + self.ahead

    def forward(self, **delta: float) -> None:
        self.ahead += timedelta(**delta)


@dataclass
class House:
    """The running shop. outside: who acts at the platforms.

    problems: what pages said went wrong. foreseen: words of what is part of the story.
    """

    running: Stage
    clock: Clock
    browser: Browser
    outside: APIRequestContext
    problems: list[str] = field(default_factory=list)
    foreseen: list[str] = field(default_factory=list)
    rooms: list[BrowserContext] = field(default_factory=list)

    @property
    def kf(self) -> str:
        return OPEN_KFID

    @property
    def url(self) -> str:
        return self.running.product.settings.server.public_url

    async def room(self, size: tuple[int, int] = DESKTOP) -> Page:
        """A page in a browser of somebody's own."""
        width, height = size
        context = await self.browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        context.set_default_timeout(PATIENCE_MS)
        self.rooms.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda said: self.problems.append(said.text) if said.type == "error" else None)
        return page

    async def member(self, name: str, size: tuple[int, int] = DESKTOP) -> Page:
        """Somebody of the corp comes in through WeCom."""
        page = await self.room(size)
        await page.goto(f"{self.url}/console/login")
        await self.through_wecom(page, name)
        return page

    async def through_wecom(self, page: Page, name: str) -> None:
        """From the page of the sign-in to where she wanted to go."""
        await page.get_by_role("link", name="用企业微信登录").click()
        await page.get_by_role("link", name=name).click()
        await works(page.get_by_role("navigation", name="模块"))

    def link(self, name: str, id_: str = "") -> str:
        """The sign-in link of somebody who is none of the agents. id_: of one whom the demo does not know."""
        person = id_ or next(each.id for each in PEOPLE if each.name == name)
        secret = self.running.product.settings.server.secret.get_secret_value().encode()
        return login_link(self.url, secret, person, now=self.clock.now())

    async def by_link(self, name: str) -> Page:
        """Somebody whom the demo has a link for."""
        page = await self.room()
        await page.goto(self.link(name))
        await page.get_by_role("button", name="登录工作台").click()
        await works(page.get_by_role("navigation", name="模块"))
        return page

    async def serves(self, name: str, customer: str, size: tuple[int, int] = DESKTOP, *, asked: str = "") -> Page:
        """An agent has taken a customer who asked for a person."""
        page = await self.member(name, size)
        await ready(page)
        await self.asks_for_a_person(customer, *filter(None, [asked]))
        await page.goto(f"{self.url}/console/?tab=waiting")
        await page.get_by_role("link", name=customer).first.click()
        await page.locator("#thread-head").get_by_role("button", name="接单").click()
        await works(page.get_by_label(f"回复{customer}，或写备注"))
        return page

    async def customer(self, name: str) -> Page:
        """Her phone, with 微信客服 open."""
        page = await self.room()
        await page.goto(f"{self.running.simulator_url}/phone?customer={self.key(name)}&kf={OPEN_KFID}")
        await page.get_by_label("输入消息").wait_for()
        return page

    async def act(self, name: str, **arguments: Any) -> None:
        """Somebody does something at a platform: POST /simulator/api/acts/…"""
        sent = await self.outside.post(f"{self.running.simulator_url}/simulator/api/acts/{name}", data=arguments)
        assert sent.ok, await sent.text()

    async def asks_for_a_person(self, name: str, *words: str) -> None:
        """A customer of 微信客服 without a page of her own."""
        key = self.key(name)
        if key not in self.running.world.customers:
            await self.act("add_customer", key=key, nickname=name)
        await self.act("customer_enters", customer=key, place=OPEN_KFID)
        for text in (*words, "转人工"):
            await self.act("customer_writes", customer=key, place=OPEN_KFID, text=text)

    def key(self, name: str) -> str:
        """By what the simulator knows a customer."""
        known = self.running.world.customers.items()
        return next((key for key, each in known if each.nickname == name), name)

    def seen(self, name: str) -> list[str]:
        """What a customer was shown by others."""
        return [line.text for line in self.running.world.seen_by(self.key(name))]

    async def learned(self) -> None:
        """What was changed in the console is what customers are answered from."""
        await self.running.product.minds.refresh()

    def expected(self, words: str) -> None:
        """That this goes wrong is part of the story, whichever page says it, and whenever."""
        self.foreseen.append(words)

    def surprises(self) -> list[str]:
        """What went wrong that no story is about."""
        return [each for each in self.problems if not any(words in each for words in self.foreseen)]

    async def leave(self) -> None:
        """Everybody goes home."""
        for agent in await self.running.product.workbench.agents():
            await self.running.product.workbench.set_status(agent.id, AgentStatus.OFF)
        for room in self.rooms:
            await room.close()
        self.rooms.clear()


async def works(part: Locator) -> None:
    """The page that a click led to has this, and its scripts run."""
    await part.wait_for()
    await part.page.wait_for_load_state("load")


async def ready(page: Page) -> None:
    """She sets herself ready."""
    await page.get_by_role("form", name="我的状态").get_by_role("button", name="在线").click()
    await expect(page.get_by_role("button", name="在线")).to_have_attribute("aria-pressed", "true")


async def ends(page: Page, outcome: str = "已解决") -> None:
    """An agent ends the service of a customer."""
    head = page.locator("#thread-head")
    await head.get_by_text("结束会话", exact=True).click()
    await head.locator("#close-outcome").select_option(label=outcome)
    await head.get_by_role("button", name="结束", exact=True).click()
    await expect(page.locator("#composer .hint")).to_contain_text(f"已经结束：{outcome}")


async def says(phone: Page, text: str) -> None:
    """A customer writes on her phone."""
    await phone.get_by_label("输入消息").fill(text)
    await phone.get_by_label("输入消息").press("Enter")


async def appears(page: Page, what: Locator) -> None:
    """What comes by work in the background is there: she looks again until it is."""
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while not await what.count():
            await page.reload()


async def fits(page: Page) -> None:
    """Everybody can use it, and nothing is wider than the screen."""
    found = await violations(page)
    assert found == [], found
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def tiny_pack(folder: Path) -> Path:
    """The tests' pack with what a console needs besides."""
    pack = write_pack(folder / "pack")
    (pack / "tags.yaml").write_text(_TAGS, encoding="utf-8")
    (pack / "scoresheet.yaml").write_text(_SHEET, encoding="utf-8")
    handoff = (pack / "handoff.yaml").read_text(encoding="utf-8")
    handoff = handoff.replace("name: 售后组}", "name: 售后组, supervisors: [lina]}")
    handoff = handoff.replace("capacity: 5", "capacity: 50")
    (pack / "handoff.yaml").write_text(handoff, encoding="utf-8")
    cover = (pack / "pack.yaml").read_text(encoding="utf-8")
    cover += "  phone: {title: 手机号, entity: phone, ask: 请留下手机号。, intents: [complain]}\n"
    (pack / "pack.yaml").write_text(cover, encoding="utf-8")
    return pack


def settings_of(folder: Path, pack: Path, simulator_port: int, handoff: Handoff) -> Settings:
    """The demo's, with 微信客服 served in the console or the client, by whose customers one may learn."""
    settings = trial_settings(port=free_port(), simulator_port=simulator_port, folder=folder / "var", pack=pack)
    accounts = tuple(
        each.model_copy(update={"handoff": handoff}) if isinstance(each, WeComCorp) else each
        for each in settings.accounts
    )
    agreed = settings.archive.consent.service.model_copy(update={"train": "contract"})
    consent = settings.archive.consent.model_copy(update={"service": agreed})
    archive = settings.archive.model_copy(update={"consent": consent})
    return settings.model_copy(update={"accounts": accounts, "archive": archive})


@asynccontextmanager
async def open_house(folder: Path, pack: Path | None = None, handoff: Handoff = "console") -> AsyncIterator[House]:
    """Product, platforms, people and browser. pack: what the shop says, a tiny one unless given.

    handoff: where agents serve the customers of 微信客服.
    """
    port, clock = free_port(), Clock()
    settings = settings_of(folder, pack or tiny_pack(folder), port, handoff)
    async with (
        stage(settings, simulator_port=port, outside=World(now=clock.now)) as running,
        async_playwright() as playwright,
    ):
        await admit(running)
        browser = await playwright.chromium.launch(executable_path=BINARY, args=FLAGS)
        try:
            yield House(running, clock, browser, (await browser.new_context()).request)
        finally:
            await browser.close()
