"""Does each check say ok where it is, and what to do where it is not?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr
from pytest_aiohttp.plugin import AiohttpServer

from bot.channels import channel_for
from bot.channels.base import BadPayload, BadSignature
from bot.doctor import (
    check_accounts,
    check_data_dir,
    check_encoder,
    check_holidays,
    check_pack,
    check_secret,
)
from bot.doctor_accounts import (
    check_callback,
    check_clock,
    check_kf,
    check_public_url,
    check_sending,
    check_server,
    check_token,
)
from bot.doctor_line import Line
from bot.doctor_sidebar import check_address, check_sidebar
from bot.platform import PlatformClient, credentials_of
from bot.settings import LimitSettings, OfficialAccount, ServerSettings, WeComCorp
from bot.simulator import Fault, FaultKind, World, create_simulator
from handoff import ALWAYS, holidays_known_until
from tests.cli.shop import CommandShop
from tests.simulator import doubles

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
KEY = SecretStr(doubles.AES_KEY)


def official(api_base: str = "https://api.weixin.qq.com", **more: object) -> OfficialAccount:
    return OfficialAccount(
        kind="official_account",
        name="shop",
        app_id="wx0123456789abcdef",
        app_secret=SecretStr("official-secret"),
        token=SecretStr("oatoken"),
        encoding_aes_key=KEY,
        api_base=api_base,
    ).model_copy(update=more)


def corp(api_base: str = "https://qyapi.weixin.qq.com", **more: object) -> WeComCorp:
    return WeComCorp(
        kind="wecom",
        name="corp",
        corp_id="ww0123456789abcdef",
        agent_id=1000002,
        secret=SecretStr("app-secret"),
        token=SecretStr("corptoken"),
        encoding_aes_key=KEY,
        api_base=api_base,
    ).model_copy(update=more)


# ── the machine ──────────────────────────────────────────────────────────────────────────────


def test_accounts_and_secret() -> None:
    assert not check_accounts([]).ok
    assert check_accounts([official(), corp()]) == Line("accounts", True, "shop (official_account), corp (wecom)")
    assert [check_secret(secret).ok for secret in ("", "short", "x" * 32)] == [True, False, True]


def test_a_data_dir_need_not_be_there_but_writable(tmp_path: Path) -> None:
    assert check_data_dir(tmp_path / "a" / "b").ok
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    assert not check_data_dir(tmp_path / "file").ok


def test_the_encoder_is_named() -> None:
    assert check_encoder("bundled").ok
    assert "nlu.encoder" in check_encoder("nonsense").detail


def test_a_broken_pack_is_named(shop: CommandShop) -> None:
    assert check_pack(shop.pack).detail.endswith("2 scripts")
    (shop.pack / "pack.yaml").write_text("name: tiny\n")
    assert "shop: is missing" in check_pack(shop.pack).detail


@pytest.mark.parametrize(
    ("days_before_the_end", "ok"), [(400, True), (31, True), (30, False), (0, False), (-40, False)]
)
def test_holidays_of_this_month_and_the_next_must_be_known(days_before_the_end: int, ok: bool) -> None:  # noqa: FBT001
    """What the library knows ends with a December: in December the next month is one it does not know."""
    office = replace(ALWAYS, name="office", holidays=True)
    line = check_holidays([ALWAYS, office], holidays_known_until() - timedelta(days=days_before_the_end))
    assert line is not None
    assert line.ok == ok
    assert ok or ("chinesecalendar" in line.advice and "office" in line.advice)


def test_where_no_calendar_asks_for_holidays_none_need_be_known() -> None:
    assert check_holidays([ALWAYS], holidays_known_until()) is None


def test_the_command_tells_until_when_holidays_are_known(shop: CommandShop) -> None:
    with (shop.pack / "handoff.yaml").open("a", encoding="utf-8") as file:
        file.write('calendars: {shop: {weekly: {mon-fri: ["09:00-18:00"]}, holidays: cn}}\n')
    shop.ok("content", "apply", shop.pack)
    lines = {line["name"]: line for line in shop.run("doctor", "--json").json}
    assert str(holidays_known_until()) in lines["holidays"]["detail"]


def test_the_command_prints_every_line_and_fails_with_any(shop: CommandShop) -> None:
    ran = shop.run("doctor", "--json")
    lines = {line["name"]: line for line in ran.json}
    assert ran.code == 1
    assert [name for name, line in lines.items() if not line["ok"]] == ["accounts", "database"]
    assert "xiaoer migrate" in lines["database"]["advice"]
    assert not shop.database.exists()
    shop.ok("content", "apply", shop.pack)
    shown = shop.run("doctor").out
    assert "ok  content: 2 live scripts" in shown
    assert "FIX accounts: none in the settings\n    → add one [[accounts]]" in shown


def test_the_command_looks_at_every_account(shop: CommandShop) -> None:
    """Nothing listens at these addresses: each line says so, and none hangs."""
    account = "[[accounts]]\nname = '{}'\nkind = '{}'\ntoken = 't'\napi_base = 'http://127.0.0.1:1'\n"
    shop.open(
        account.format("shop", "official_account") + "app_id = 'wx1'\napp_secret = 's'\nmode = 'plain'\n"
        + account.format("corp", "wecom") + "corp_id = 'ww1'\nagent_id = 1\nsecret = 's'\n"
        + f"encoding_aes_key = '{doubles.AES_KEY}'\n"
    )  # fmt: skip
    failed = {line["name"] for line in shop.run("doctor", "--json").json if not line["ok"]}
    assert failed == {"database", "server", "shop: callback", "shop: token", "corp: callback", "corp: token"}


def test_a_database_url_that_is_none_does_not_end_the_examination(shop: CommandShop) -> None:
    shop.config.write_text(shop.config.read_text().replace("sqlite+aiosqlite:///", "sqlite at "))
    lines = {line["name"]: line for line in shop.run("doctor", "--json").json}
    assert (lines["database"]["ok"], lines["encoder"]["ok"]) == (False, True)
    assert "database.url" in lines["database"]["advice"]


def test_settings_that_cannot_be_read_are_one_line(shop: CommandShop) -> None:
    shop.config.write_text("[server]\nprot = 1\n")
    ran = shop.run("doctor", "--json")
    assert ran.code == 1
    assert [line["name"] for line in ran.json] == ["settings"]
    assert "server.prot" in ran.json[0]["detail"]


# ── the platforms ────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as made:
        yield made


@pytest.fixture
def world() -> World:
    made = World(seed=7)
    made.add_official(doubles.official_account())
    made.add_corp(doubles.corp())
    return made


@pytest.fixture
async def simulator(world: World, session: aiohttp.ClientSession, aiohttp_server: AiohttpServer) -> str:
    clock = doubles.Clock()
    server = await aiohttp_server(create_simulator(world, session=session, now=clock.now, sleep=clock.sleep))
    return str(server.make_url("")).rstrip("/")


def client(session: aiohttp.ClientSession, account: OfficialAccount | WeComCorp) -> PlatformClient:
    clock = doubles.Clock()
    return PlatformClient.build(
        session, [credentials_of(account)], None, LimitSettings(), now=clock.now, sleep=clock.sleep
    )


async def test_a_token_is_bought_or_the_platform_s_no_explained(simulator: str, session: aiohttp.ClientSession) -> None:
    right = corp(f"{simulator}/wecom")
    assert (await check_token(client(session, right), "corp")).ok
    wrong = corp(f"{simulator}/wecom", secret=SecretStr("other"))
    line = await check_token(client(session, wrong), "corp")
    assert (line.ok, bool(line.line("en").advice)) == (False, True)
    assert "errcode" in line.line("en").detail


async def test_the_sending_api_is_asked_as_answering_wants(
    world: World, simulator: str, session: aiohttp.ClientSession
) -> None:
    account = official(f"{simulator}/oa")
    assert (await check_sending(client(session, account), account)).line("en").detail == "granted"
    world.officials["shop"].custom_send = False
    assert (await check_sending(client(session, account), account)).ok
    active = official(f"{simulator}/oa", answering="active")
    line = await check_sending(client(session, active), active)
    assert not line.ok
    assert 'answering = "auto"' in line.line("en").advice


async def test_kf_accounts_must_be_managed_and_served(
    world: World, simulator: str, session: aiohttp.ClientSession
) -> None:
    account = corp(f"{simulator}/wecom")
    kf = world.corps["corp"].kf[doubles.KF]
    assert [line.ok async for line in check_kf(client(session, account), account)] == [True]
    kf.servicers.clear()
    nobody = [line async for line in check_kf(client(session, account), account)]
    assert [(line.ok, line.line("en").detail) for line in nobody] == [(False, "nobody serves")]
    console = corp(f"{simulator}/wecom", handoff="console")
    assert [line.ok async for line in check_kf(client(session, console), console)] == [True]
    strange = corp(f"{simulator}/wecom", open_kfids=("wkOther",))
    unknown = [line async for line in check_kf(client(session, strange), strange)]
    assert [line.ok for line in unknown] == [False]
    assert "通过 API 管理" in unknown[0].line("en").advice


async def test_the_sidebar_needs_its_app_its_domain_and_tickets(
    world: World, simulator: str, session: aiohttp.ClientSession
) -> None:
    account, theirs = corp(f"{simulator}/wecom"), world.corps["corp"]
    server = ServerSettings(secret=SecretStr("x" * 32), base_url="https://kefu.example.com")

    async def lines(account: WeComCorp = account, server: ServerSettings = server) -> list[Line]:
        return [found.line("en") async for found in check_sidebar(client(session, account), server, account)]

    theirs.callback_url = ""
    assert [(line.ok, line.detail[:10]) for line in await lines()][1] == (True, "not set up")
    theirs.callback_url = "https://elsewhere.example.com/callbacks/corp"
    other = (await lines())[1]
    assert (other.ok, "kefu.example.com" in other.advice) == (False, True)
    theirs.callback_url = "https://kefu.example.com/callbacks/corp"
    assert [line.ok for line in await lines()] == [True, True, True]
    assert [line.ok for line in await lines(corp(f"{simulator}/wecom", agent_id=1000003))] == [True, False, True]
    world.faults.add(Fault("/cgi-bin/ticket/get", FaultKind.ERRCODE, errcode=48002))
    assert [line.ok for line in await lines()] == [True, True, False]
    assert await lines(server=ServerSettings()) == []


def test_wecom_opens_the_sidebar_over_https_only() -> None:
    for url, ok in (("https://a.example.com", True), ("http://a.example.com", False), ("https://10.1.1.1", False)):
        assert check_address(url, corp()).ok is ok
    assert check_address("http://127.0.0.1:8080", corp("http://127.0.0.1:8081/wecom")).ok


# ── reachability ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("url", "api_base", "ok"),
    [
        ("http://127.0.0.1:8080", "https://qyapi.weixin.qq.com", False),
        ("http://localhost:8080", "https://qyapi.weixin.qq.com", False),
        ("https://kefu.example.com", "https://qyapi.weixin.qq.com", True),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8081/wecom", True),
    ],
)
def test_platforms_cannot_reach_a_local_address(url: str, api_base: str, ok: bool) -> None:  # noqa: FBT001
    assert check_public_url(url, [corp(api_base)]).ok is ok


def door(account: OfficialAccount | WeComCorp, *, status: int = 200) -> web.Application:
    """A server with the real channel of `account` behind its callback URL."""

    async def shake_hands(request: web.Request) -> web.Response:
        if request.match_info["account"] != account.name:
            return web.Response(status=404)
        try:
            return web.Response(text=channel_for(account, 300)[0].handshake(request.query, NOW))
        except BadSignature:
            return web.Response(status=401)
        except BadPayload:
            return web.Response(status=400)

    async def healthz(request: web.Request) -> web.Response:
        return web.Response(status=status)

    app = web.Application()
    app.router.add_get("/callbacks/{account}", shake_hands)
    app.router.add_get("/healthz", healthz)
    return app


@pytest.mark.parametrize("account", [official(), official(mode="plain"), corp()], ids=["safe", "plain", "wecom"])
async def test_the_platform_s_verification_is_performed_with_our_own_keys(
    account: OfficialAccount | WeComCorp, session: aiohttp.ClientSession, aiohttp_server: AiohttpServer
) -> None:
    url = str((await aiohttp_server(door(account))).make_url("")).rstrip("/")
    assert (await check_callback(session, url, account, NOW)).ok
    late = await check_callback(session, url, account, NOW + timedelta(minutes=6))
    assert (late.ok, "clock" in late.line("en").advice) == (False, True)
    other = await check_callback(session, url, account.model_copy(update={"token": SecretStr("other")}), NOW)
    assert (other.ok, "token" in other.line("en").advice) == (False, True)
    renamed = await check_callback(session, url, account.model_copy(update={"name": "new"}), NOW)
    assert (renamed.ok, renamed.line("en").detail.endswith("HTTP 404")) == (False, True)


async def test_a_door_that_does_not_echo_is_no_door(
    session: aiohttp.ClientSession, aiohttp_server: AiohttpServer
) -> None:
    async def landing_page(request: web.Request) -> web.Response:
        return web.Response(text="welcome")

    app = web.Application()
    app.router.add_get("/callbacks/shop", landing_page)
    url = str((await aiohttp_server(app)).make_url("")).rstrip("/")
    line = await check_callback(session, url, official(), NOW)
    assert (line.ok, "proxy" in line.line("en").advice) == (False, True)
    assert not (await check_callback(session, "http://127.0.0.1:1", official(), NOW)).ok


@pytest.mark.parametrize(("status", "ok"), [(200, True), (403, True), (502, False)])
async def test_a_hidden_health_page_is_no_fault_a_dead_server_is(
    status: int,
    ok: bool,  # noqa: FBT001
    session: aiohttp.ClientSession,
    aiohttp_server: AiohttpServer,
) -> None:
    url = str((await aiohttp_server(door(official(), status=status))).make_url("")).rstrip("/")
    assert (await check_server(session, url)).ok is ok


async def test_the_clock_is_compared_with_the_platform_s(simulator: str, session: aiohttp.ClientSession) -> None:
    """The simulator's server tells the machine's own time."""
    now = datetime.now(UTC)
    lines = [await check_clock(session, simulator, now + timedelta(seconds=by), 300) for by in (0, 200, -200)]
    assert [line is not None and line.ok for line in lines] == [True, False, False]
    assert lines[1] is not None
    assert "ahead of 127.0.0.1" in lines[1].line("en").detail
    assert await check_clock(session, "http://127.0.0.1:1", now, 300) is None
