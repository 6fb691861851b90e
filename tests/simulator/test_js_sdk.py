"""Does the simulated client let a page in exactly as WeCom does: corp, app, domain, signature?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from bot.simulator import Customer, World
from tests.simulator.doubles import KF, Caller, Clock

CORP_ID, APP = "ww0123456789abcdef", "1000002"
APIS = ["getContext", "getCurExternalContact", "sendChatMessage"]


def signed(ticket: str, url: str, *, timestamp: str = "1772000000", nonce: str = "n0nce") -> dict[str, str]:
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url.partition('#')[0]}"
    return {"timestamp": timestamp, "nonceStr": nonce, "signature": hashlib.sha1(text.encode()).hexdigest()}


class Page:
    """A page of the shop's beside 小林's chat, as the JS-SDK would call from it."""

    def __init__(self, client: TestClient[Any, Any], url: str) -> None:
        self.client = client
        self.url = url
        self.signature = ""

    async def invoke(
        self, name: str, params: Mapping[str, object] | None = None, *, userid: str = "lina"
    ) -> dict[str, Any]:
        body = {
            "corp": "corp",
            "userid": userid,
            "customer": "xiaolin",
            "place": KF,
            "url": self.url,
            "params": {"verifySignature": self.signature, **(params or {})},
        }
        async with self.client.post(f"/simulator/api/js/{name}", json=body) as response:
            assert response.status == 200, await response.text()
            return dict(await response.json())

    async def configures(self, ticket: str, **more: object) -> str:
        """err_msg of agentConfig."""
        given = signed(ticket, self.url) | {"corpid": CORP_ID, "agentid": APP, "jsApiList": APIS} | more
        told = await self.invoke("agentConfig", given)
        self.signature = str(given["signature"])
        return str(told["err_msg"])


@pytest.fixture
def page(client: TestClient[Any, Any], world: World) -> Page:
    origin = "/".join(world.corp("corp").callback_url.split("/")[:3])
    return Page(client, f"{origin}/console/sidebar/corp?a=1#top")


async def tickets(wecom: Caller) -> tuple[str, str]:
    own = await wecom.get("ticket/get", type="agent_config")
    corps = await wecom.get("get_jsapi_ticket")
    assert own["expires_in"] == corps["expires_in"] > 0
    return str(own["ticket"]), str(corps["ticket"])


async def test_a_ticket_stays_the_same_and_is_sold_seldom(wecom: Caller, clock: Clock) -> None:
    assert await tickets(wecom) == await tickets(wecom)
    assert (await wecom.get("ticket/get", type="wx_card"))["errcode"] == 40058
    for _ in range(96):
        await wecom.get("get_jsapi_ticket")
    assert (await wecom.get("get_jsapi_ticket"))["errcode"] == 45009
    clock.advance(hours=1)
    assert (await wecom.get("get_jsapi_ticket"))["errcode"] == 0


async def test_the_app_tells_of_itself_alone(wecom: Caller, page: Page) -> None:
    told = await wecom.get("agent/get", agentid=APP)
    assert told["redirect_domain"] == page.url.split("/")[2]
    assert (await wecom.get("agent/get", agentid="7"))["errcode"] == 301002


async def test_a_right_signature_opens_what_the_list_names(wecom: Caller, page: Page, talking: Customer) -> None:
    own, _ = await tickets(wecom)
    assert await page.configures(own, jsApiList=["getContext"]) == "agentConfig:ok"
    assert await page.invoke("getContext") == {"err_msg": "getContext:ok", "entry": "single_kf_tools"}
    assert (await page.invoke("getCurExternalContact"))["err_msg"] == "getCurExternalContact:fail_nopermission"
    await page.configures(own)
    assert (await page.invoke("getCurExternalContact"))["userId"] == talking.external_userid
    assert (await page.invoke("openEnterpriseChat"))["err_msg"] == "openEnterpriseChat:function not exist"
    page.url = page.url.replace("a=1", "a=2")  # another page needs a signature of its own
    assert (await page.invoke("getContext"))["err_msg"] == "getContext:fail_nopermission"


async def test_whatever_is_wrong_is_refused_in_the_clients_words(wecom: Caller, page: Page, world: World) -> None:
    own, corps = await tickets(wecom)
    for ticket, more, words in (
        (own, {"corpid": "ww0"}, "invalid corpId more info at https://open.work.weixin.qq.com/devtool/query?e=40013"),
        (own, {"agentid": "7"}, "invalid agentid more info at https://open.work.weixin.qq.com/devtool/query?e=40056"),
        (own, {"nonceStr": "other"}, "invalid signature"),
        (own, signed(own, f"{page.url}x".replace("#topx", "x")), "invalid signature"),
        (corps, {}, "invalid signature more info at https://open.work.weixin.qq.com/devtool/query?e=40093"),
    ):
        assert (await page.configures(ticket, **more)).removeprefix("agentConfig:").startswith(words)
    world.corp("corp").js_tickets.forget()
    assert "invalid signature" in await page.configures(own)
    page.url = "https://evil.example/console/sidebar"
    assert "invalid url domain" in await page.configures(own)


async def test_config_takes_the_tickets_of_the_corp(wecom: Caller, page: Page) -> None:
    own, corps = await tickets(wecom)
    for ticket, words in ((own, "invalid signature"), (corps, "ok")):
        given = signed(ticket, page.url)
        fields = {f"verify{name[0].upper()}{name[1:]}": value for name, value in given.items()}
        told = await page.invoke("preVerifyJSAPI", {"verifyAppId": CORP_ID, "verifyJsApiList": APIS, **fields})
        assert told["err_msg"].removeprefix("preVerifyJSAPI:").startswith(words)


async def test_words_are_sent_as_hers_and_only_where_she_serves(
    wecom: Caller, page: Page, world: World, talking: Customer
) -> None:
    own, _ = await tickets(wecom)
    await page.configures(own)
    text = {"msgtype": "text", "text": {"content": "亲，今天就发"}}
    assert (await page.invoke("sendChatMessage", text))["err_msg"] == "sendChatMessage:fail no permission"
    state = await wecom.post(
        "kf/service_state/trans",
        open_kfid=KF,
        external_userid=talking.external_userid,
        service_state=3,
        servicer_userid="lina",
    )
    assert state["errcode"] == 0
    assert (await page.invoke("sendChatMessage", text))["err_msg"] == "sendChatMessage:ok"
    other = await page.invoke("sendChatMessage", text, userid="chenjing")
    assert other["err_msg"] == "sendChatMessage:fail no permission"
    empty = await page.invoke("sendChatMessage", {"msgtype": "text", "text": {"content": " "}})
    assert empty["err_msg"].startswith("sendChatMessage:fail")
    said = [line.text for line in world.seen_by("xiaolin") if line.speaker == "servicer"]
    assert said == ["亲，今天就发"]
    page_of = await wecom.post("kf/sync_msg", open_kfid=KF, cursor="")
    assert [each["servicer_userid"] for each in page_of["msg_list"] if each["origin"] == 5] == ["lina"]


async def test_beside_a_chat_its_member_signs_in_without_a_question(client: TestClient[Any, Any], world: World) -> None:
    back = world.corp("corp").callback_url.replace("/callbacks/corp", "/console/login/wecom/corp/back")
    query = {"login_type": "CorpApp", "appid": CORP_ID, "agentid": APP, "redirect_uri": back, "state": "s"}
    member = {"Cookie": "simulated_member=lina"}
    for headers, status in ((member | {"Sec-Fetch-Dest": "iframe"}, 302), (member, 200), ({}, 200)):
        url = "/wecom/wwlogin/sso/login"
        async with client.get(url, params=query, headers=headers, allow_redirects=False) as response:
            assert response.status == status
    page = await client.get("/wecom")
    assert page.headers["Content-Security-Policy"].endswith("; frame-src 'self'")  # no app has a page there
