"""Access tokens: per app, replaced, expired, never of the wrong kind."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from bot.simulator import Customer, Limits
from bot.simulator.errors import PlatformError
from bot.simulator.ids import Ids
from bot.simulator.tokens import TokenOffice
from tests.simulator.doubles import KF, Caller, Clock

OA = {"grant_type": "client_credential", "appid": "wx0123456789abcdef", "secret": "official-secret"}


@pytest.fixture
def office() -> TokenOffice:
    return TokenOffice(Ids(1), Limits())


def _refusal(office: TokenOffice, token: str, clock: Clock, kind: str = "oa") -> int:
    try:
        office.check(token, kind, clock.now())
    except PlatformError as error:
        return error.errcode
    return 0


def test_two_hours(office: TokenOffice, clock: Clock) -> None:
    token = office.same("wecom", "corp", "app", clock.now()).token
    clock.advance(minutes=114)
    assert office.same("wecom", "corp", "app", clock.now()).token == token
    clock.advance(minutes=5)
    assert office.same("wecom", "corp", "app", clock.now()).token != token
    assert _refusal(office, token, clock, "wecom") == 0
    clock.advance(minutes=1)
    assert _refusal(office, token, clock, "wecom") == 42001


def test_a_replaced_token_works_five_minutes_on(office: TokenOffice, clock: Clock) -> None:
    old, new = (office.issue("oa", "shop", clock.now()).token for _ in range(2))
    assert old != new
    clock.advance(minutes=4)
    assert (_refusal(office, old, clock), _refusal(office, new, clock)) == (0, 0)
    clock.advance(minutes=1)
    assert (_refusal(office, old, clock), _refusal(office, new, clock)) == (40001, 0)


def test_stable_tokens_are_isolated(office: TokenOffice, clock: Clock) -> None:
    stable = office.same("oa", "shop", "stable", clock.now()).token
    office.issue("oa", "shop", clock.now())
    clock.advance(minutes=6)
    assert _refusal(office, stable, clock) == 0


def test_forcing_is_rare(office: TokenOffice, clock: Clock) -> None:
    stable = office.same("oa", "shop", "stable", clock.now()).token
    office.force("oa", "shop", clock.now())
    assert _refusal(office, stable, clock) == 40001
    with pytest.raises(PlatformError, match="30 seconds"):
        office.force("oa", "shop", clock.now())
    for _ in range(19):
        clock.advance(seconds=30)
        office.force("oa", "shop", clock.now())
    clock.advance(seconds=30)
    with pytest.raises(PlatformError) as refused:
        office.force("oa", "shop", clock.now())
    assert refused.value.errcode == 45009


def test_two_thousand_a_day(office: TokenOffice, clock: Clock) -> None:
    for _ in range(2000):
        office.issue("oa", "shop", clock.now())
    with pytest.raises(PlatformError) as refused:
        office.issue("oa", "shop", clock.now())
    assert refused.value.errcode == 45009
    clock.advance(days=1)
    assert office.issue("oa", "shop", clock.now()).token


async def _code(client: TestClient[Any, Any], path: str, **query: str) -> int:
    async with client.get(path, params=query) as response:
        return int((await response.json())["errcode"])


async def test_secrets(client: TestClient[Any, Any]) -> None:
    assert await _code(client, "/oa/cgi-bin/token", **OA) == 0
    assert await _code(client, "/oa/cgi-bin/token", **{**OA, "secret": "wrong"}) == 40001
    assert await _code(client, "/oa/cgi-bin/token", **{**OA, "appid": "wrong"}) == 40013
    assert await _code(client, "/oa/cgi-bin/token", **{**OA, "grant_type": "wish"}) == 40058
    corp = {"corpid": "ww0123456789abcdef", "corpsecret": "app-secret"}
    assert await _code(client, "/wecom/cgi-bin/gettoken", **corp) == 0
    assert await _code(client, "/wecom/cgi-bin/gettoken", **{**corp, "corpsecret": "wrong"}) == 40001
    assert await _code(client, "/wecom/cgi-bin/gettoken", **{**corp, "corpid": "wrong"}) == 40013


async def test_calls_need_a_token_of_their_kind(
    client: TestClient[Any, Any], oa: Caller, wecom: Caller, clock: Clock
) -> None:
    path = "/wecom/cgi-bin/user/get"
    assert await _code(client, path, userid="lina") == 41001
    assert await _code(client, path, userid="lina", access_token="made-up") == 40014
    assert await _code(client, path, userid="lina", access_token=oa.token) == 40014
    assert await _code(client, path, userid="lina", access_token=wecom.token) == 0
    clock.advance(days=30)
    assert await _code(client, path, userid="lina", access_token=wecom.token) == 42001


async def test_stable_token_over_http(client: TestClient[Any, Any], oa: Caller) -> None:
    async with client.post("/oa/cgi-bin/stable_token", json=OA) as response:
        assert (await response.json())["access_token"] == oa.token
    async with client.post("/oa/cgi-bin/stable_token", json={**OA, "force_refresh": True}) as response:
        assert (await response.json())["access_token"] != oa.token


@pytest.mark.usefixtures("world")
async def test_an_app_without_the_scope(client: TestClient[Any, Any], talking: Customer) -> None:
    query = {"corpid": "ww0123456789abcdef", "corpsecret": "narrow-secret"}
    async with client.get("/wecom/cgi-bin/gettoken", params=query) as response:
        narrow = Caller(client, "/wecom", (await response.json())["access_token"])
    body = {"open_kfid": KF, "external_userid": talking.external_userid}
    assert (await narrow.post("kf/service_state/get", **body))["errcode"] == 48002
    assert (await narrow.get("externalcontact/list", userid="lina"))["errcode"] == 48002
    assert (await narrow.get("user/get", userid="lina"))["errcode"] == 0


async def test_bodies_that_are_no_json(client: TestClient[Any, Any], wecom: Caller) -> None:
    url = f"/wecom/cgi-bin/kf/sync_msg?access_token={wecom.token}"
    for body in (b"{", b"[]", b"\xff"):
        async with client.post(url, data=body) as response:
            assert (await response.json())["errcode"] == 47001
    async with client.get(url) as response:
        assert (await response.json())["errcode"] == 43002
