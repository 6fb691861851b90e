"""Who gets in? Only by a link we signed that is not too old, and only after pressing the button."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.login import csrf_token, is_csrf_token, login_link, open_session, read_login, read_session
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
    assert read_session(SECRET, token, START) is None


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


def test_a_link_is_no_session_and_a_session_no_link() -> None:
    assert read_session(SECRET, token_of("limei"), START) is None
    assert read_login(SECRET, open_session(SECRET, "limei", START), START) is None


def test_another_secret_counts_for_nothing() -> None:
    assert read_login(SECRET, token_of("limei", secret=b"x" * 32), START) is None


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32"):
        login_link("", b"short", "limei", now=START)


def test_each_session_has_its_own_form_token() -> None:
    one, two = (read_session(SECRET, open_session(SECRET, "limei", START), START) for _ in range(2))
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


async def test_a_session_ends_after_twelve_hours(sign_in: SignIn, front: Shopfront) -> None:
    browser = await sign_in("limei")
    front.clock.forward(hours=11, minutes=59)
    assert (await browser.get("/console/")).status == 200
    front.clock.forward(minutes=1)
    assert (await browser.get("/console/")).status == 401


async def test_signing_out(sign_in: SignIn) -> None:
    browser = await sign_in("limei")
    await browser.submit("/console/logout")
    assert (await browser.get("/console/")).status == 401


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
