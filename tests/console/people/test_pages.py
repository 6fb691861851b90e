"""Can an admin do what is hers, does a form keep what was typed, and may nobody else?"""

from __future__ import annotations

import re

from bot.access import Actor, Role, Wanted
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront
from tests.databases import ON_SQLITE

pytestmark = ON_SQLITE


async def test_an_admin_lets_somebody_in(sign_in: SignIn, front: Shopfront) -> None:
    await front.admit("boss", Role.ADMIN)
    browser = await sign_in("boss")
    listed = await browser.get("/console/people")
    assert "王芳" in listed.text  # an agent of the pack, without a row
    token = listed.field("csrf")
    page = await browser.post(
        "/console/people/~new",
        csrf=token,
        id="zhao",
        name="赵磊",
        roles="auditor",
        teams="presale",
        regions="广东/深圳",
    )
    assert page.url == "/console/people/zhao"
    person = await front.access.person("zhao")
    assert person is not None
    assert person.roles == {Role.AUDITOR}
    assert (set(person.teams), set(person.regions)) == ({"presale"}, {"广东/深圳"})
    (row,) = await front.access.log.page(Wanted(object="person:zhao"), limit=9)
    assert (row.who, row.action) == ("boss", "person_added")
    assert "赵磊" in (await browser.get("/console/people?q=zh")).text
    assert "赵磊" not in (await browser.get("/console/people?after=zhao")).text


async def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(
    sign_in: SignIn, front: Shopfront
) -> None:
    await front.admit("boss", Role.ADMIN)
    browser = await sign_in("boss")
    token = (await browser.get("/console/people")).field("csrf")
    page = await browser.post("/console/people/~new", csrf=token, id="boss", name="另一位", roles="agent")
    assert page.status == 422
    assert re.search(r'id="problem-id"[^>]*>已经有人用这个账号', page.html)
    assert 'value="另一位"' in page.html
    assert re.search(r'value="agent" checked', page.html)
    page = await browser.post("/console/people/boss", csrf=token, name="老板", roles="operator")
    assert page.status == 422
    assert "最后一位管理员" in page.text


async def test_a_first_password_is_shown_once_and_signs_in(sign_in: SignIn, front: Shopfront) -> None:
    await front.admit("boss", Role.ADMIN)
    browser = await sign_in("boss")
    token = (await browser.get("/console/people")).field("csrf")
    page = await browser.post("/console/people/boss/password", csrf=token)
    found = re.search(r'class="first-password">([^<]+)<', page.html)
    assert found
    assert (await browser.get("/console/people/boss")).status == 401  # her sessions ended with the old password
    assert await front.access.accounts.check_password("boss", found[1], address="") is not None


async def test_disabling_ends_what_is_open(sign_in: SignIn, front: Shopfront) -> None:
    await front.admit("boss", Role.ADMIN)
    await front.admit("zhao", Role.AUDITOR)
    browser, other = await sign_in("boss"), await sign_in("zhao")
    assert (await other.get("/console/audit")).status == 200
    token = (await browser.get("/console/people")).field("csrf")
    page = await browser.post("/console/people/zhao/active", csrf=token, active="0")
    assert "已停用" in page.text
    assert (await other.get("/console/audit")).status == 401
    assert (await other.get(other.link("zhao"))).status == 401


async def test_one_sees_where_one_is_signed_in_and_ends_the_others(sign_in: SignIn, front: Shopfront) -> None:
    one, other = await sign_in("wangfang"), await sign_in("wangfang")
    page = await one.get("/console/me")
    assert page.text.count("登录链接 ·") == 2
    await one.post("/console/me/sessions", csrf=page.field("csrf"))
    assert (await one.get("/console/me")).status == 200
    assert (await other.get("/console/me")).status == 401


async def test_a_password_is_changed_by_whoever_knows_it(sign_in: SignIn, front: Shopfront) -> None:
    await front.admit("boss", Role.ADMIN)
    first = await front.access.accounts.set_first_password("boss", by=Actor("tests"))
    browser = await sign_in("boss")
    token = (await browser.get("/console/me")).field("csrf")

    async def change(**fields: str) -> str:
        return (await browser.post("/console/me/password", headers=None, csrf=token, **fields)).text

    good = "x7!kQ9zLp2#v"
    assert "太容易猜到" in await change(old=first, new="boss-2026-boss", again="boss-2026-boss")
    assert "不一样" in await change(old=first, new=good, again="x")
    assert "现在的密码不对" in await change(old="nonsense", new=good, again=good)
    assert "密码已更换" in await change(old=first, new=good, again=good)
    page = await browser.post("/console/me/recovery", csrf=token)
    assert len(set(re.findall(r"<code>([0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4})</code>", page.html))) == 10
