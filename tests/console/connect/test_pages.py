"""Can an admin connect programs, and only she? Tokens shown once, webhooks tried, switched, removed."""

from __future__ import annotations

import re

import pytest

from bot.access import Role
from bot.api import EVENTS
from tests.console.browser import Browser, Page
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront
from tests.databases import ON_SQLITE

pytestmark = ON_SQLITE


@pytest.fixture
async def admin(front: Shopfront, sign_in: SignIn) -> Browser:
    await front.admit("root", Role.ADMIN)
    return await sign_in("root")


async def send(browser: Browser, path: str, **fields: str | list[str]) -> Page:
    token = (await browser.get("/console/connect")).field("csrf")
    data = [("csrf", token)]
    for name, value in fields.items():
        data += [(name, each) for each in ([value] if isinstance(value, str) else value)]
    response = await browser.client.post(f"/console/connect{path}", data=data)
    return Page(response.status, await response.text(), response.url.path_qs, dict(response.headers))


async def test_a_token_is_shown_once_and_can_be_revoked(admin: Browser, front: Shopfront) -> None:
    page = await send(admin, "/tokens", name="ERP", days="90", scopes=["tickets:read", "queues:read"])
    shown = re.search(r"xr_\d+_[\w-]{43}", page.text)
    assert shown
    (token,) = await front.console.tokens.every()
    assert await front.console.tokens.check(shown[0]) is not None
    again = await admin.get("/console/connect")
    assert shown[0] not in again.html
    assert "看工单" in again.text
    await send(admin, f"/tokens/{token.id}/revoke")
    assert await front.console.tokens.check(shown[0]) is None
    assert "已作废" in (await admin.get("/console/connect")).text


async def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(admin: Browser) -> None:
    page = await send(admin, "/tokens", name="只读看板", days="90")
    assert page.status == 422
    assert "至少勾一项" in page.text
    assert 'value="只读看板"' in page.html
    page = await send(admin, "/webhooks", name="ERP", url="https://10.0.0.8/x", events=["ticket.closed"])
    assert page.status == 422
    assert "内网" in page.text
    assert 'value="https://10.0.0.8/x"' in page.html


async def test_a_webhook_is_made_tried_switched_renewed_and_removed(admin: Browser, front: Shopfront) -> None:
    page = await send(admin, "/webhooks", name="ERP", url="https://erp.example.com/hook", events=list(EVENTS))
    assert page.status == 200
    secret = re.search(r"whsec_[\w-]{43}", page.text)
    assert secret
    (hook,) = await front.console.hooks.every()
    assert (hook.by, hook.events) == ("root", tuple(sorted(EVENTS)))
    assert "试发" in (await send(admin, f"/webhooks/{hook.id}/try")).text
    assert "停用" in (await send(admin, f"/webhooks/{hook.id}/switch")).text
    assert secret[0] not in (await send(admin, f"/webhooks/{hook.id}/renew")).text
    assert (await send(admin, f"/webhooks/{hook.id}/deliveries/{'0' * 32}/again")).status == 200
    assert (await send(admin, f"/webhooks/{hook.id}/remove")).url == "/console/connect"
    assert (await admin.get(f"/console/connect/webhooks/{hook.id}")).status == 404


async def test_who_is_no_admin_connects_nothing(sign_in: SignIn) -> None:
    assert (await (await sign_in("limei")).get("/console/connect")).status == 403
