"""How does an agent's browser meet the console? It follows links, fills in forms, and remembers its cookie."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qs, urlsplit

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient

from bot.console import login_link
from tests.console.desk import SECRET, Shopfront


@dataclass
class Page:
    """One answer of the console."""

    status: int
    html: str
    url: str
    headers: dict[str, str]

    @property
    def text(self) -> str:
        """What a person reads, without tags."""
        return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.html)))

    def field(self, name: str) -> str:
        """The value of a hidden field; the same on every form of a page."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.html)
        assert found, f"no field {name}"
        return unescape(found[1])

    def forms(self) -> set[str]:
        """Where the forms of the page lead."""
        return {unescape(action) for action in re.findall(r'action="([^"]*)"', self.html)}


@dataclass
class Browser:
    client: TestClient[web.Request, web.Application]
    front: Shopfront

    async def get(self, path: str) -> Page:
        return await _page(await self.client.get(path))

    async def post(self, path: str, *, headers: dict[str, str] | None = None, **fields: str) -> Page:
        """Send a form as it is, and follow the redirect."""
        return await _page(await self.client.post(path, data=fields, headers=headers or {}))

    async def submit(self, path: str, **fields: str) -> Page:
        """Send a form with the token that the page gave."""
        return await self.post(path, headers=None, csrf=await self.csrf(), **fields)

    async def csrf(self) -> str:
        return (await self.get("/console/")).field("csrf")

    def cookie(self) -> str:
        """Her session's."""
        return next(each.value for each in self.client.session.cookie_jar if each.key == "xiaoer_console")

    def link(self, agent: str) -> str:
        """Path and query of a fresh login link."""
        split = urlsplit(login_link(self.front.public_url, SECRET, agent, now=self.front.clock()))
        return f"{split.path}?{split.query}"

    async def sign_in(self, agent: str) -> Page:
        link = self.link(agent)
        assert (await self.get(link)).status == 200
        return await self.post("/console/login", token=parse_qs(urlsplit(link).query)["token"][0])


async def _page(response: ClientResponse) -> Page:
    headers = dict(response.headers.items())
    return Page(response.status, await response.text(), response.url.path_qs, headers)
