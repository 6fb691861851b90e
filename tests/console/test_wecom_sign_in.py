"""Does WeCom let in whom it names, and only the browser that asked? Played against the simulator over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from bot.access import Actor, Role, Wanted, WeComApp, WeComSignIn
from bot.console import setup_console
from bot.platform import Credentials, PlatformClient
from bot.settings import LimitSettings
from bot.simulator import AgentApp, Corp, Member, World, create_simulator
from tests.console.desk import Shopfront
from tests.databases import ON_SQLITE

pytestmark = ON_SQLITE

CORP, APP, SECRET = "ww0123456789abcdef", 1_000_002, "app-secret"
CLIENT = {"User-Agent": "Mozilla/5.0 wxwork/4.1.0 MicroMessenger/7.0.1"}


@dataclass
class Visit:
    """One browser: the console's side and WeCom's."""

    client: TestClient[web.Request, web.Application]
    platform: aiohttp.ClientSession

    async def sent_to(self, headers: dict[str, str] | None = None) -> str:
        """Where the button leads."""
        response = await self.client.get("/console/login/wecom/corp", headers=headers, allow_redirects=False)
        assert response.status == 302
        return response.headers["Location"]

    async def chosen(self, target: str, member: str) -> str:
        """Path and query with which WeCom sends her back once she is this member."""
        url = f"{target.partition('#')[0]}&member={member}"
        async with self.platform.get(url, allow_redirects=False) as response:
            assert response.status == 302, await response.text()
            back = urlsplit(response.headers["Location"])
        return f"{back.path}?{back.query}"

    async def arrives(self, path: str) -> tuple[int, str]:
        """The page she sees there, with its address."""
        response = await self.client.get(path)
        return response.status, response.url.path

    async def comes_as(self, member: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
        """The whole way."""
        return await self.arrives(await self.chosen(await self.sent_to(headers), member))


@dataclass
class Stage:
    front: Shopfront
    world: World
    session: aiohttp.ClientSession
    server: TestServer
    clients: list[TestClient[web.Request, web.Application]] = field(default_factory=list)

    def visit(self) -> Visit:
        """A browser that is not signed in."""
        client: TestClient[web.Request, web.Application] = TestClient(self.server, cookie_jar=CookieJar(unsafe=True))
        self.clients.append(client)
        return Visit(client, self.session)


@pytest.fixture
async def stage(front: Shopfront) -> AsyncIterator[Stage]:
    """The console of `front`, and WeCom played beside it; 王芳 and an outsider are members."""
    world = World(seed=7)
    members = {each: Member(each, each) for each in ("wangfang", "ghost", "ZhaoLei", "boss")}
    world.add_corp(Corp("corp", CORP, "token", "a" * 43, apps={APP: AgentApp(APP, SECRET)}, members=members))

    async def no_wait(_: float) -> None:
        return None

    async with aiohttp.ClientSession() as session:
        platform = TestServer(create_simulator(world, session=session, now=front.clock, sleep=no_wait))
        async with platform:
            base = str(platform.make_url("/wecom"))
            credentials = Credentials("corp", "wecom", CORP, SecretStr(SECRET), base)
            client = PlatformClient.build(
                session, [credentials], None, LimitSettings(), now=front.clock, sleep=no_wait, jitter=lambda: 0.0
            )
            wecom = WeComSignIn(
                client,
                {"corp": WeComApp("corp", CORP, APP)},
                f"{base}/connect/oauth2/authorize",
                f"{base}/wwlogin/sso/login",
            )
            app = web.Application()
            server = TestServer(app)
            access = replace(front.access, wecom=wecom)
            setup_console(app, replace(front.console, access=access, public_url="http://127.0.0.1:8080"))
            async with server:
                world.serve_callbacks_at("http://127.0.0.1:8080")
                stage = Stage(front, world, session, server)
                yield stage
                for browser in stage.clients:
                    await browser.session.close()


async def test_the_button_leads_to_the_client_or_to_the_qr_code(stage: Stage) -> None:
    for headers, path, wanted in (
        (CLIENT, "/wecom/connect/oauth2/authorize", {"scope": "snsapi_base", "response_type": "code"}),
        (None, "/wecom/wwlogin/sso/login", {"login_type": "CorpApp"}),
    ):
        target = urlsplit(await stage.visit().sent_to(headers))
        query = {name: values[0] for name, values in parse_qs(target.query).items()}
        assert target.path == path
        back = "http://127.0.0.1:8080/console/login/wecom/corp/back"
        assert (query["appid"], query["agentid"], query["redirect_uri"]) == (CORP, str(APP), back)
        assert {**query, **wanted} == query
        assert target.fragment == ("wechat_redirect" if headers else "")


@pytest.mark.parametrize("headers", [CLIENT, None])
async def test_an_agent_of_the_pack_comes_in(stage: Stage, headers: dict[str, str] | None) -> None:
    assert await stage.visit().comes_as("wangfang", headers) == (200, "/console/")
    (row,) = await stage.front.access.log.page(Wanted(action="signed_in"), limit=9)
    assert (row.who, row.reason) == ("wangfang", "wecom")


async def test_she_may_say_where_she_wants_to_go_within_the_console(stage: Stage) -> None:
    for wanted, path in (
        ("/console/me", "/console/me"),
        ("https://evil.example/", "/console/"),
        ("//evil", "/console/"),
    ):
        browser = stage.visit()
        query = {"to": wanted}
        sent = await browser.client.get("/console/login/wecom/corp", params=query, allow_redirects=False)
        back = await browser.chosen(sent.headers["Location"], "wangfang")
        assert await browser.arrives(back) == (200, path)


async def test_a_person_comes_in_by_her_userid(stage: Stage) -> None:
    await stage.front.admit("zhao", Role.AUDITOR, wecom="ZhaoLei")
    browser = stage.visit()
    await browser.comes_as("ZhaoLei")
    assert await browser.arrives("/console/audit") == (200, "/console/audit")


async def test_nobody_comes_in_by_the_name_of_a_local_account(stage: Stage) -> None:
    await stage.front.admit("boss", Role.ADMIN)  # another boss than WeCom's member of that name
    assert (await stage.visit().comes_as("boss"))[0] == 403


async def test_outsiders_and_the_disabled_stay_out(stage: Stage) -> None:
    await stage.front.admit("wf", Role.AGENT, agent="wangfang")
    await stage.front.access.administration.disable("wf", by=Actor("tests"))
    for member in ("ghost", "wangfang"):
        assert (await stage.visit().comes_as(member))[0] == 403
    rows = await stage.front.access.log.page(Wanted(action="sign_in_failed"), limit=9)
    assert [row.object for row in rows] == ["wecom:wangfang", "wecom:ghost"]


async def test_a_code_that_another_browser_asked_for_signs_nobody_in(stage: Stage) -> None:
    evil, victim = stage.visit(), stage.visit()
    back = await evil.chosen(await evil.sent_to(), "wangfang")
    assert (await victim.arrives(back))[0] == 401  # never asked
    await victim.sent_to()
    assert (await victim.arrives(back))[0] == 401  # asked, with a state of her own
    assert (await victim.arrives("/console/"))[0] == 401


async def test_a_code_serves_once_and_not_for_long(stage: Stage) -> None:
    browser = stage.visit()
    back = await browser.chosen(await browser.sent_to(), "wangfang")
    used = stage.world.corps["corp"].logins[parse_qs(urlsplit(back).query)["code"][0]]
    used.used = True
    assert (await browser.arrives(back))[0] == 502
    back = await browser.chosen(await browser.sent_to(), "wangfang")
    stage.front.clock.forward(minutes=11)
    assert (await browser.arrives(back))[0] == 401


async def test_whoever_declines_or_names_no_corp_is_told(stage: Stage) -> None:
    browser = stage.visit()
    state = parse_qs(urlsplit(await browser.sent_to()).query)["state"][0]
    assert (await browser.arrives(f"/console/login/wecom/corp/back?state={state}"))[0] == 401
    assert (await browser.arrives("/console/login/wecom/elsewhere"))[0] == 404
