"""Who gets in? Only by a link we signed that is not too old, and only after pressing the button."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access import Actor
from bot.console.login import csrf_token, is_csrf_token, login_link, read, read_login, sign
from tests.console.browser import Browser
from tests.console.conftest import SignIn
from tests.console.desk import SECRET, START, Shopfront


def token_of(agent: str, secret: bytes = SECRET, lives_s: int = 60) -> str:
    link = login_link("https://shop.example", secret, agent, now=START, lives_s=lives_s)
    assert link.startswith("https://shop.example/console/login?token=")
    return parse_qs(urlsplit(link).query)["token"][0]


@given(st.text(min_size=1, max_size=64).filter(lambda agent: agent.encode(errors="ignore").decode() == agent))
def test_a_link_names_exactly_its_agent(agent: str) -> None:
    assert read_login(SECRET, token_of(agent), START) == agent


@given(st.text(max_size=200) | st.binary(max_size=100).map(lambda raw: raw.decode("latin-1")))
def test_no_other_text_is_a_link(token: str) -> None:
    assert read_login(SECRET, token, START) is None
    assert read(SECRET, "state", token, START) is None


@given(st.data())
def test_a_link_with_one_character_changed_is_none(data: st.DataObject) -> None:
    token = token_of("limei")
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("AZaz09-_.").filter(lambda char: char != token[at]))
    assert read_login(SECRET, token[:at] + other + token[at + 1 :], START) in {None, "limei"}
    assert read_login(SECRET, token[:at] + token[at + 1 :], START) is None


def test_a_link_ends() -> None:
    token = token_of("limei", lives_s=60)
    assert read_login(SECRET, token, START + timedelta(seconds=59)) == "limei"
    assert read_login(SECRET, token, START + timedelta(seconds=60)) is None


def test_what_is_signed_for_one_purpose_serves_no_other() -> None:
    assert read(SECRET, "code", token_of("limei"), START) is None
    assert read_login(SECRET, sign(SECRET, "code", "limei", now=START), START) is None


def test_another_secret_counts_for_nothing() -> None:
    assert read_login(SECRET, token_of("limei", secret=b"x" * 32), START) is None


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32"):
        login_link("", b"short", "limei", now=START)


async def test_each_session_has_its_own_form_token(front: Shopfront) -> None:
    one, two = [await front.access.sessions.read(await front.session("limei")) for _ in range(2)]
    assert one is not None
    assert two is not None
    assert is_csrf_token(SECRET, one, csrf_token(SECRET, one))
    assert not is_csrf_token(SECRET, two, csrf_token(SECRET, one))


async def test_opening_the_link_signs_nobody_in(stranger: Browser) -> None:
    page = await stranger.get(stranger.link("limei"))
    assert page.status == 200
    assert "李梅" in page.text
    assert (await stranger.get("/console/")).status == 401


async def test_the_button_signs_in(stranger: Browser) -> None:
    page = await stranger.sign_in("limei")
    assert (page.status, page.url) == (200, "/console/")
    assert "李梅" in page.text
    assert "等待中" in page.text


async def test_without_a_session_each_page_says_how_to_sign_in(stranger: Browser) -> None:
    for path in ("/console", "/console/", "/console/tickets/1", "/console/fragments/list", "/console/stream"):
        page = await stranger.get(path)
        assert page.status == 401
        assert "xiaoer console login AGENT" in page.text


async def test_a_forged_link_says_so(stranger: Browser) -> None:
    for token in ("", "nonsense", token_of("limei", secret=b"y" * 32)):
        for page in (
            await stranger.get(f"/console/login?token={token}"),
            await stranger.post("/console/login", token=token),
        ):
            assert page.status == 401
            assert "新的" in page.text
    assert (await stranger.get("/console/")).status == 401


async def test_an_expired_link_says_so(stranger: Browser, front: Shopfront) -> None:
    link = stranger.link("limei")
    front.clock.forward(hours=12)
    page = await stranger.get(link)
    assert page.status == 401
    assert "已经过期" in page.text


async def test_a_session_ends_after_twelve_hours_however_busy(sign_in: SignIn, front: Shopfront) -> None:
    browser = await sign_in("limei")
    for _ in range(11):
        front.clock.forward(hours=1)
        assert (await browser.get("/console/")).status == 200
    front.clock.forward(hours=1)
    assert (await browser.get("/console/")).status == 401


async def test_a_session_that_nobody_uses_ends_after_two_hours(sign_in: SignIn, front: Shopfront) -> None:
    browser = await sign_in("limei")
    front.clock.forward(minutes=119)
    assert (await browser.get("/console/")).status == 200
    front.clock.forward(minutes=119)
    assert (await browser.get("/console/")).status == 200
    front.clock.forward(minutes=120)
    assert (await browser.get("/console/")).status == 401


async def test_signing_out_ends_the_session_for_whoever_copied_its_cookie(sign_in: SignIn, stranger: Browser) -> None:
    browser = await sign_in("limei")
    stolen = {"Cookie": f"xiaoer_console={browser.cookie()}"}
    assert (await stranger.client.get("/console/", headers=stolen)).status == 200
    await browser.submit("/console/logout")
    assert (await browser.get("/console/")).status == 401
    assert (await stranger.client.get("/console/", headers=stolen)).status == 401


async def test_the_table_holds_no_token(front: Shopfront) -> None:
    token = await front.session("limei")
    (kept,) = await front.access.sessions.of("limei")
    assert token not in repr(kept)
    assert await front.access.sessions.read(kept.id) is None


async def test_all_sessions_of_a_person_end_but_the_one_that_stays(front: Shopfront) -> None:
    mine, other = await front.session("limei"), await front.session("limei")
    foreign = await front.session("wangfang")
    here = await front.access.sessions.read(mine)
    assert here is not None
    assert await front.access.sessions.end_all("limei", by=Actor("limei"), but=here.id) == 1
    assert await front.access.sessions.read(mine) is not None
    assert await front.access.sessions.read(other) is None
    assert await front.access.sessions.read(foreign) is not None


@pytest.mark.parametrize(
    ("asked", "resumed"),
    [
        ("/console/tickets/1?after=7", "/console/tickets/1?after=7"),
        ("/console/fragments/list", "/console/"),
        ("/console/stream", "/console/"),
        ("/console//evil.example", "/console/"),
    ],
)
async def test_an_expired_login_resumes_where_one_was(
    stranger: Browser, front: Shopfront, asked: str, resumed: str
) -> None:
    await front.hand_over(1)
    assert (await stranger.get(asked)).status == 401
    page = await stranger.sign_in("wangfang")
    assert (page.status, page.url) == (200, resumed)


@pytest.mark.parametrize(
    "planted",
    ["https://evil.example/console/", "//evil.example", "/console/../evil", "/console/logout", "/console/login?token=x",
     "/console/\\evil", "/elsewhere", "/console/x?y=//evil.example"],
)  # fmt: skip
async def test_nobody_is_sent_elsewhere_by_a_planted_path(stranger: Browser, planted: str) -> None:
    stranger.client.session.cookie_jar.update_cookies({"xiaoer_console_next": planted})
    assert (await stranger.sign_in("wangfang")).url == "/console/"


async def test_a_form_that_came_too_late_leads_back_to_its_page(sign_in: SignIn, front: Shopfront) -> None:
    await front.hand_over(1)
    browser = await sign_in("wangfang")
    csrf = await browser.csrf()
    front.clock.forward(hours=12)
    headers = {"Referer": f"{front.public_url}/console/tickets/1"}
    assert (await browser.post("/console/tickets/1/accept", headers=headers, csrf=csrf)).status == 401
    assert (await browser.sign_in("wangfang")).url == "/console/tickets/1"


async def test_the_cookie_is_for_the_browser_alone(stranger: Browser) -> None:
    token = parse_qs(urlsplit(stranger.link("limei")).query)["token"][0]
    response = await stranger.client.post("/console/login", data={"token": token}, allow_redirects=False)
    cookie = response.headers["Set-Cookie"]
    assert response.status == 303
    assert {"HttpOnly", "SameSite=Lax", "Path=/console", "Max-Age=43200"} <= set(cookie.split("; "))
    assert "Secure" not in cookie  # the shop of these tests is reached by plain http


async def test_somebody_who_is_no_agent_sees_nothing(sign_in: SignIn, front: Shopfront) -> None:
    await front.hand_over(1)
    browser = await sign_in("guest")
    page = await browser.get("/console/")
    assert page.status == 403
    assert front.console.say("refusals.unknown_agent") in page.text
    assert "退款" not in page.text
