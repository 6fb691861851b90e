"""The pages render, their API plays everybody, and changes are told live."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from bot.simulator import World
from bot.simulator.acts import ACTS
from bot.simulator.sample import sample_png
from tests.simulator.doubles import KF, Caller
from tests.simulator.test_app_messages import card, send_card

Client = TestClient[Any, Any]


async def _act(client: Client, name: str, **body: object) -> tuple[int, dict[str, Any]]:
    async with client.post(f"/simulator/api/acts/{name}", json=body) as response:
        return response.status, await response.json()


async def _get(client: Client, path: str, **query: str) -> dict[str, Any]:
    async with client.get(f"/simulator/api/{path}", params=query) as response:
        assert response.status == 200
        answer: dict[str, Any] = await response.json()
        return answer


@pytest.mark.parametrize("path", ["/", "/phone", "/wecom"])
async def test_pages_use_only_our_own_files(client: Client, path: str) -> None:
    async with client.get(path) as response:
        assert response.status == 200
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        page = await response.text()
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]*(src=|application/json))", page)
    assert not re.search(r"\son\w+=", page)
    links = re.findall(r'(?:src|href)="(/simulator/static/[^"]+)"', page)
    assert links
    for link in links:
        async with client.get(link) as response:
            assert response.status == 200, link
            assert await response.read()


async def test_unknown_files(client: Client) -> None:
    for path in ("/simulator/static/none.js", "/simulator/static/..%2Fapp.py", "/simulator/media/none"):
        async with client.get(path) as response:
            assert response.status == 404


async def test_a_customer_talks_through_the_api(client: Client, world: World) -> None:
    people = await _get(client, "people")
    assert people["customers"][0] == {"key": "xiaolin", "name": "小林"}
    assert (await _act(client, "customer_enters", customer="xiaolin", place=KF, scene="order"))[1]["welcome_code"]
    status, sent = await _act(client, "customer_writes", customer="xiaolin", place=KF, text="在吗")
    assert status == 200
    thread = await _get(client, "thread", customer="xiaolin", place=KF)
    assert [(line["id"], line["body"]["content"]) for line in thread["lines"]] == [(sent["id"], "在吗")]
    await _act(client, "subscribe", customer="xiaolin", place="shop")
    _, picture = await _act(client, "customer_sends_sample", customer="xiaolin", place="shop")
    phone = await _get(client, "phone", customer="xiaolin")
    kf, official = phone["places"]
    assert (kf["state"], kf["last"]["text"], official["followed"]) == (0, "在吗", True)
    line = world.threads.find(picture["id"])
    assert line is not None
    async with client.get(f"/simulator/media/{line.body['media_id']}") as response:
        assert await response.read() == sample_png()


async def test_a_servicer_works_through_the_api(client: Client, wecom: Caller, world: World) -> None:
    await _act(client, "customer_writes", customer="xiaolin", place=KF, text="我要找人工")
    external = world.customer("xiaolin").external_userid
    await wecom.post("kf/service_state/trans", open_kfid=KF, external_userid=external, service_state=2)
    sent = await send_card(wecom, card())
    view = await _get(client, "wecom", corp="corp", userid="lina")
    assert [(one["customer"], one["state"]) for one in view["conversations"]] == [("xiaolin", 2)]
    assert view["messages"][0]["body"]["task_id"] == "ticket-1"
    click = {"userid": "lina", "corp": "corp", "msgid": sent["msgid"], "key": "claim"}
    assert (await _act(client, "member_clicks_card", **click))[0] == 200
    it = {"userid": "lina", "customer": "xiaolin", "place": KF}
    for name, more in (
        ("servicer_takes_from_pool", {}),
        ("servicer_answers", {"text": "您好，我是李娜"}),
        ("servicer_transfers", {"to": "wanglei"}),
    ):
        assert (await _act(client, name, **it, **more))[0] == 200
    assert (await _act(client, "servicer_ends_session", **it))[0] == 409
    assert (await _act(client, "servicer_ends_session", **{**it, "userid": "wanglei"}))[1]["msg_code"]
    assert [line.name for line in world.seen_by("xiaolin")] == ["李娜"]
    traffic = await _get(client, "traffic")
    assert {"path": "/cgi-bin/message/send", "errcode": 0, "count": 1} in traffic["calls"]


async def test_every_act_names_what_is_missing(client: Client) -> None:
    for name in ACTS:
        status, answer = await _act(client, name)
        assert (status, "problem" in answer) == (400, True), name
    assert (await _act(client, "fly"))[0] == 404


async def test_wrong_views(client: Client) -> None:
    for path, status in (("phone?customer=ghost", 404), ("phone", 400), ("wecom?corp=ghost&userid=lina", 404)):
        async with client.get(f"/simulator/api/{path}") as response:
            assert response.status == status


async def test_changes_are_told_live(client: Client, world: World) -> None:
    async with client.get("/simulator/api/stream") as response:
        assert response.content_type == "text/event-stream"
        assert await response.content.readuntil(b"\n\n") == b": hello\n\n"
        world.customer_writes("xiaolin", KF, "在吗")
        async with asyncio.timeout(60):
            news = await response.content.readuntil(b"\n\n")
    assert news == f'data: {{"place": "{KF}", "customer": "xiaolin"}}\n\n'.encode()


async def test_login_names_a_member(client: Client, wecom: Caller, world: World) -> None:
    home = world.corps["corp"].callback_url.replace("/callbacks/corp", "/console/login")
    query = {"appid": "ww0123456789abcdef", "redirect_uri": home, "state": "s1", "response_type": "code"}
    query["scope"] = "snsapi_base"
    path = "/wecom/connect/oauth2/authorize"
    async with client.get(path, params=query) as response:
        assert "李娜" in await response.text()
    async with client.get(path, params={**query, "member": "lina"}, allow_redirects=False) as response:
        assert response.status == 302
        target = response.headers["Location"]
    code, state = re.fullmatch(re.escape(home) + r"\?code=(\w+)&state=(\w+)", target).groups()  # type: ignore[union-attr] # fails loudly
    assert state == "s1"
    assert (await wecom.get("auth/getuserinfo", code=code))["userid"] == "lina"
    for wrong in ({"redirect_uri": "https://evil.example/"}, {"appid": "other"}, {"member": "ghost"}, {"scope": "all"}):
        async with client.get(path, params={**query, **wrong}, allow_redirects=False) as response:
            assert response.status == 400


async def test_the_qr_code_is_for_an_app_of_the_corp(client: Client, world: World) -> None:
    home = world.corps["corp"].callback_url.replace("/callbacks/corp", "/console/login")
    agent_id = str(next(iter(world.corps["corp"].apps)))
    query = {"login_type": "CorpApp", "appid": "ww0123456789abcdef", "agentid": agent_id, "redirect_uri": home}
    path = "/wecom/wwlogin/sso/login"
    for more, status in (({}, 200), ({"agentid": "7"}, 400), ({"login_type": "ServiceApp"}, 400)):
        async with client.get(path, params={**query, "state": "s1", **more}) as response:
            assert response.status == status


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (sample_png(), "image/png"),
        (b"\xff\xd8\xff and more", "image/jpeg"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"<script>alert(1)</script>", "application/octet-stream"),
    ],
)
async def test_what_was_uploaded_is_shown_as_what_it_is(client: Client, world: World, data: bytes, shown: str) -> None:
    item = world.media.add(
        owner="any", kind="image", name="a.png", content_type="text/html", data=data, now=world.now()
    )
    async with client.get(f"/simulator/media/{item.id}") as response:
        assert response.headers["Content-Type"] == shown
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert await response.read() == data
