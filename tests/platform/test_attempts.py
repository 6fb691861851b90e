"""Which failures are tried again, how often, and what the caller is told in the end."""

from __future__ import annotations

import asyncio
import itertools
import json

import pytest
from aiohttp.test_utils import TestServer, unused_port
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from pydantic import SecretStr

from bot.channels.base import ApiCall
from bot.platform import (
    Ambiguous,
    ApiError,
    BadReply,
    Category,
    Credentials,
    PlatformClient,
    PlatformError,
    RateLimited,
    UnknownAccount,
    Unreachable,
    Verdict,
)
from bot.platform.attempts import Attempts, Task
from bot.platform.errors import refusal
from bot.platform.exchange import MAX_REPLY_BYTES
from bot.platform.limits import Limits
from bot.platform.shared import SharedStore
from bot.platform.tokens import FreshToken, TokenProvider
from bot.settings import LimitSettings
from tests.platform.conftest import Build, Clock, credentials
from tests.platform.fake_platform import Answer, Drop, FakePlatform, Hang

NAME = "kf/send_msg"
ONCE = ApiCall(NAME, f"/cgi-bin/{NAME}", json={"touser": "wm1", "text": {"content": "您好😀"}})
AGAIN = ApiCall(NAME, f"/cgi-bin/{NAME}", json={"touser": "wm1", "msgid": "m1"}, repeatable=True)


async def test_the_reply_comes_back_whatever_its_content_type(client: PlatformClient, platform: FakePlatform) -> None:
    platform.script(NAME, {"errcode": 0, "errmsg": "ok", "msgid": "m1"})
    assert (await client.call("corp", ONCE))["msgid"] == "m1"


async def test_chinese_is_sent_as_it_is(client: PlatformClient, platform: FakePlatform) -> None:
    await client.call("shop", ONCE)
    (seen,) = platform.calls(NAME)
    assert "您好😀".encode() in seen.raw
    assert seen.content_type == "application/json"


async def test_a_lone_surrogate_does_not_break_the_call(client: PlatformClient, platform: FakePlatform) -> None:
    await client.call("corp", ApiCall(NAME, ONCE.path, json={"text": "半个\ud83d表情"}))
    assert platform.bodies(NAME) == [{"text": "半个?表情"}]


async def test_control_characters_in_a_reply_are_read(client: PlatformClient, platform: FakePlatform) -> None:
    platform.script(NAME, Answer(b'{"errcode":0,"text":"a\x01\nb"}'))
    assert (await client.call("corp", ONCE))["text"] == "a\x01\nb"


@pytest.mark.parametrize("call", [ONCE, AGAIN])
async def test_busy_is_retried_three_times_with_growing_pauses(
    client: PlatformClient, platform: FakePlatform, clock: Clock, call: ApiCall
) -> None:
    platform.script(NAME, *[{"errcode": -1, "errmsg": "system busy"}] * 9)

    with pytest.raises(ApiError) as caught:
        await client.call("corp", call)

    assert (caught.value.verdict, caught.value.category) == (Verdict.RETRY, Category.BUSY)
    assert len(platform.calls(NAME)) == 4
    assert clock.slept == [0.25, 0.5, 1.0]  # half (the injected jitter) of 0.5, 1, 2


async def test_busy_once_is_not_noticed(client: PlatformClient, platform: FakePlatform) -> None:
    platform.script(NAME, {"errcode": -1, "errmsg": "system busy"})
    assert (await client.call("corp", ONCE))["errcode"] == 0


async def test_a_refusal_is_not_repeated(client: PlatformClient, platform: FakePlatform) -> None:
    platform.script(NAME, {"errcode": 95018, "errmsg": "session status not allow"})
    with pytest.raises(ApiError) as caught:
        await client.call("corp", AGAIN)
    assert (caught.value.verdict, caught.value.category) == (Verdict.GIVE_UP, Category.STATE)
    assert len(platform.calls(NAME)) == 1


async def test_the_untrusted_ip_is_shown(client: PlatformClient, platform: FakePlatform) -> None:
    message = "not allow to access from your ip, hint: [1772355600], from ip: 203.0.113.7, more info at https://…"
    platform.script(NAME, {"errcode": 60020, "errmsg": message})
    with pytest.raises(ApiError) as caught:
        await client.call("corp", ONCE)
    assert caught.value.category is Category.NETWORK_IP
    assert "203.0.113.7" in caught.value.advice
    assert "企业可信IP" in caught.value.advice


@pytest.mark.parametrize(
    "trouble",
    [
        Drop(),
        Answer(b"<html>502</html>", status=502),
        Answer(b"<html>please log in</html>", content_type="text/html"),
        Answer(b'{"errcode":0,"errm'),
        Answer(b"[]"),
        Answer(b'{"errcode":"many"}'),
        Answer(b"", status=302, headers={"Location": "/elsewhere"}),
    ],
)
async def test_an_unknown_outcome_is_retried_only_if_repeating_is_recognised(
    client: PlatformClient, platform: FakePlatform, trouble: Answer | Drop
) -> None:
    platform.script(NAME, trouble)
    with pytest.raises(Ambiguous):
        await client.call("corp", ONCE)
    assert len(platform.calls(NAME)) == 1

    platform.script(NAME, trouble, trouble)
    assert (await client.call("corp", AGAIN))["errcode"] == 0
    assert len(platform.calls(NAME)) == 4


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([{"errcode": 95018, "errmsg": "refused"}], "nothing was done"),
        ([Drop(), {"errcode": 95018, "errmsg": "refused"}], "perhaps it was"),
        ([{"errcode": -1, "errmsg": "busy"}] * 4, "perhaps it was"),
        ([Answer(b"oops")] * 4, "perhaps it was"),
    ],
    ids=["refused", "refused-after-silence", "busy", "silent"],
)
async def test_it_is_said_whether_the_platform_may_have_acted(
    client: PlatformClient,
    platform: FakePlatform,
    answers: list[Answer | Drop | dict[str, object]],
    expected: str,
) -> None:
    platform.script(NAME, *answers)
    with pytest.raises(PlatformError) as caught:
        await client.call("corp", AGAIN)
    assert ("perhaps it was" if caught.value.may_have_acted else "nothing was done") == expected


async def test_a_repeatable_call_ends_too(client: PlatformClient, platform: FakePlatform) -> None:
    platform.script(NAME, *[Answer(b"oops")] * 9)
    with pytest.raises(BadReply):
        await client.call("corp", AGAIN)
    assert len(platform.calls(NAME)) == 4


async def test_a_time_out_after_accepting_is_ambiguous(build: Build, platform: FakePlatform) -> None:
    client = build(settings=LimitSettings(api_timeout_s=0.5))
    platform.script(NAME, Hang())
    with pytest.raises(Ambiguous):
        await client.call("corp", ONCE)
    assert len(platform.calls(NAME)) == 1

    platform.script(NAME, Hang())
    assert (await client.call("corp", AGAIN))["errcode"] == 0


async def test_nobody_listening_is_unreachable_and_retried(build: Build, server: TestServer, clock: Clock) -> None:
    good = credentials(server)
    nowhere = type(good)(good.account, good.kind, good.app_id, good.secret, f"http://127.0.0.1:{unused_port()}")
    with pytest.raises(Unreachable):
        await build(accounts=(nowhere,)).call("corp", ONCE)
    assert len(clock.slept) == 3


async def test_an_errcode_may_come_as_a_string(client: PlatformClient, platform: FakePlatform) -> None:
    platform.script(NAME, {"errcode": "95018", "errmsg": "no"}, {"errcode": "0"})
    with pytest.raises(ApiError):
        await client.call("corp", ONCE)
    await client.call("corp", ONCE)


async def test_an_endless_reply_is_cut(client: PlatformClient, platform: FakePlatform) -> None:
    platform.script(NAME, Answer(b" " * (MAX_REPLY_BYTES + 1)))
    with pytest.raises(BadReply):
        await client.call("corp", ONCE)


async def test_http_429_waits_as_told(client: PlatformClient, platform: FakePlatform) -> None:
    platform.script(NAME, Answer(b"slow down", status=429, headers={"Retry-After": "7"}))
    with pytest.raises(RateLimited) as caught:
        await client.call("corp", AGAIN)
    assert caught.value.retry_after_s == 7


async def test_an_unknown_account_is_said_so(client: PlatformClient) -> None:
    with pytest.raises(UnknownAccount, match="nobody"):
        await client.call("nobody", ONCE)


async def test_query_and_token_travel_together(client: PlatformClient, platform: FakePlatform) -> None:
    await client.call("corp", ApiCall("user/get", "/cgi-bin/user/get", query={"userid": "张 三&"}, method="GET"))
    assert platform.seen[0].query == {"userid": "张 三&", "access_token": "token-number-1"}


async def test_a_body_of_an_error_is_not_logged(
    client: PlatformClient, platform: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.script(NAME, {"errcode": 40201, "errmsg": "spam"})
    with pytest.raises(ApiError):
        await client.call("corp", ONCE)
    logged = capsys.readouterr().out
    assert "platform_call_failed" in logged
    assert json.dumps("您好", ensure_ascii=False).strip('"') not in logged


async def test_how_calls_ended_is_counted(client: PlatformClient, platform: FakePlatform) -> None:
    def counted(outcome: str) -> float:
        labels = {"account": "corp", "call": NAME, "outcome": outcome}
        return REGISTRY.get_sample_value("xiaoer_platform_calls_total", labels) or 0.0

    before = {outcome: counted(outcome) for outcome in ("ok", "state", "ambiguous")}
    platform.script(NAME, {"errcode": 0}, {"errcode": 95018, "errmsg": "no"}, Drop())
    await client.call("corp", ONCE)
    for _ in range(2):
        with pytest.raises(PlatformError):
            await client.call("corp", ONCE)
    assert {outcome: counted(outcome) - before[outcome] for outcome in before} == {"ok": 1, "state": 1, "ambiguous": 1}


OUTCOMES = st.sampled_from(["ok", "refused", "busy", "expired", "crowded", "daily_limit", "unreachable", "ambiguous"])
CODES = {"refused": 95018, "busy": -1, "expired": 42001, "crowded": 45033, "daily_limit": 45009}


@given(history=st.lists(OUTCOMES, max_size=9), repeatable=st.booleans())
def test_no_history_of_failures_sends_too_often(history: list[str], *, repeatable: bool) -> None:
    """At most one new token and three retries; nothing is sent again after an ambiguous end unless it may be."""
    owner = Credentials("corp", "wecom", "id", SecretStr("secret"), "http://x")
    sent: list[str] = []

    async def attempt(_token: str) -> str:
        outcome = history[len(sent)] if len(sent) < len(history) else "ok"
        sent.append(outcome)
        match outcome:
            case "unreachable":
                raise Unreachable("corp", "x", "refused")
            case "ambiguous":
                raise Ambiguous("corp", "x", "cut")
            case "ok":
                return "done"
            case _:
                raise refusal("corp", "x", CODES[outcome], "no")

    async def run() -> str | PlatformError:
        clock = Clock()
        store = SharedStore(None, clock.now)
        limits = Limits(store, LimitSettings(), clock.now, clock.sleep)
        numbers = itertools.count()

        async def fetch(_credentials: Credentials, _force: bool) -> FreshToken:  # noqa: FBT001
            return FreshToken(f"t{next(numbers)}", 7200)

        tokens = TokenProvider(fetch=fetch, store=store, now=clock.now, sleep=clock.sleep)
        try:
            return await Attempts(tokens, limits, clock.sleep).run(Task(owner, "x", repeatable, 0), attempt)
        except PlatformError as error:
            return error

    result = asyncio.run(run())

    assert len(sent) <= 5
    assert sent.count("expired") <= 2
    assert all(end not in sent[:-1] for end in ("ok", "refused", "daily_limit"))
    assert repeatable or "ambiguous" not in sent[:-1]
    assert (result == "done") == (sent[-1] == "ok")
    assert isinstance(result, RateLimited) == (sent[-1] in {"crowded", "daily_limit"})
