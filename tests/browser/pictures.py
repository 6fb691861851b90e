"""What does the console look like? Plays mornings in the example shop and takes the pictures of the documentation."""

from __future__ import annotations

import asyncio
import base64
import re
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page, expect

from bot.cli.demo import DEMO_PACK
from tests.browser.house import House, appears, ends, open_house, ready
from tests.screen import PHONE

PICTURES = Path("docs/pictures")
QUALITY = 72  # of WebP: letters stay sharp, and a page is below LARGEST
LARGEST = 120 * 1024
BUSY = (
    ("周周", "这个粉底液敏感肌能用吗，我有点担心"),
    ("Mandy 妈妈", "精华退货五天了还没退款，太慢了"),
    ("阿杰", "想给员工订五十套礼盒，有优惠吗"),
)


async def take(page: Page, name: str) -> None:
    """Keep what the page shows."""
    session = await page.context.new_cdp_session(page)
    shot = await session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    data = base64.b64decode(shot["data"])
    assert len(data) <= LARGEST, (name, len(data))
    path = PICTURES / f"{name}.webp"
    await asyncio.to_thread(path.write_bytes, data)


async def play(house: House) -> None:
    """A morning whose customers are served in the console, and the pictures of it."""
    lina = await house.serves("李娜", "小林", asked="我的快递三天没动了，什么时候能到")
    house.clock.forward(seconds=40)
    await answer(lina, "小林", "您好，我是李娜，马上帮您查物流。")
    wanglei = await house.member("王磊")
    await ready(wanglei)
    for customer, question in BUSY:
        await house.asks_for_a_person(customer, question)
    await house.act("customer_writes", customer="xiaolin", place=house.kf, text="周五要用，收货地址还能改吗")
    await lina.locator(".said.customer", has_text="周五要用").wait_for()
    await appears(lina, lina.get_by_role("link", name=re.compile(r"等待中\s*3")))
    await lina.locator("#suggestions button").first.wait_for()
    await take(lina, "workbench")
    phone = await house.member("李娜", PHONE)
    await phone.goto(lina.url)
    await take(phone, "phone")
    boss = await house.by_link("主管")
    await boss.goto(f"{house.url}/console/wall")
    await expect(boss.locator("a.conversation").first).to_be_visible()
    await take(boss, "wall")
    await answer(lina, "小林", "查到了，今天下午派送，给您添麻烦了。")
    await ends(lina)
    house.clock.forward(days=1)
    boss = await house.by_link("主管")
    await boss.emulate_media(reduced_motion="reduce")  # a chart is taken as it stands, not as it grows
    await boss.goto(f"{house.url}/console/archive?q=派送")
    found = boss.locator(".found a")
    await appears(boss, found)
    await found.first.click()
    await expect(boss.locator("[data-curve] svg")).to_be_visible()
    await take(boss, "playback")
    await boss.goto(f"{house.url}/console/reports?since=2026-03-01&until=2026-03-03")
    await expect(boss.locator("[data-chart] svg").first).to_be_visible()
    await take(boss, "reports")
    operator = await house.by_link("运营")
    await operator.goto(f"{house.url}/console/scripts")
    await operator.locator(".script-name a").first.click()
    await operator.get_by_text("正在和其他话术比对").wait_for(state="detached")
    await take(operator, "script")
    await operator.goto(f"{house.url}/console/trial")
    await operator.get_by_label("扮演客户说").fill("敏感肌可以用粉底液吗")
    await operator.keyboard.press("Enter")
    await expect(operator.get_by_label("线上", exact=True).locator(".wx-bubble")).to_have_count(2)
    await take(operator, "trial")


async def play_beside(house: House) -> None:
    """A customer is served in the WeCom client, with the sidebar beside the chat."""
    await house.asks_for_a_person("小林", "我的快递三天没动了，什么时候能到")
    client = await house.room()
    await client.goto(f"{house.running.simulator_url}/wecom?member=lina")
    await client.locator("#conversations button", has_text="小林").click()
    await client.locator("#tools [data-act=take]").click()
    await house.act("customer_writes", customer="xiaolin", place=house.kf, text="周五要用，收货地址还能改吗")
    sidebar = client.frame_locator("#toolbar-page")
    await sidebar.locator("[data-part=asked]", has_text="周五要用").wait_for()
    await sidebar.locator("#suggested [data-send]").first.wait_for()
    await take(client, "sidebar")


async def answer(page: Page, customer: str, words: str) -> None:
    """She sends it, and it has left."""
    box = page.get_by_label(f"回复{customer}，或写备注")
    await box.fill(words)
    await page.get_by_role("button", name="发送", exact=True).click()
    await expect(page.locator(".said.agent", has_text=words)).to_have_count(1)
    await expect(page.locator(".said.sending, .said.pending")).to_have_count(0)


async def main(folder: Path) -> None:
    """Open the example shop twice, and play. folder: where it keeps what it learned."""
    async with open_house(folder / "console", pack=DEMO_PACK) as house:
        await play(house)
    async with open_house(folder / "client", pack=DEMO_PACK, handoff="client") as house:
        await play_beside(house)


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        asyncio.run(main(Path(sys.argv[1] if len(sys.argv) > 1 else made)))
