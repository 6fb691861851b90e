"""No secret in any text of an error or a log, whatever the secret looks like."""

from __future__ import annotations

import json
import string
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from aiohttp.test_utils import TestServer, unused_port
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.channels.base import ApiCall
from bot.platform import PlatformClient, PlatformError, redact, redact_processor
from bot.platform.errors import refusal
from tests.platform.conftest import Build, credentials
from tests.platform.fake_platform import SECRET, Answer, CutShort, Drop, FakePlatform, Gibberish, Script

# what platforms issue, and worse
secrets = st.text(string.ascii_letters + string.digits + "-_/+=.~!@$ ", min_size=16, max_size=64).filter(
    lambda text: text.strip() == text and not text.isspace() and len(set(text)) > 4
)
names = st.sampled_from(
    ["access_token", "corpsecret", "secret", "app_secret", "appsecret", "EncodingAESKey", "encoding_aes_key"]
)
tokens = st.text(string.ascii_letters + string.digits + "-_", min_size=8, max_size=64)


@given(names, secrets, st.text(max_size=20), st.text(max_size=20))
def test_known_secrets_vanish_in_every_form(name: str, secret: str, before: str, after: str) -> None:
    for form in (
        f"{before}{secret}{after}",
        f"GET https://x/cgi-bin/y?{urlencode({name: secret})}&z=1",
        json.dumps({name: secret}),
        repr({name: secret}),
    ):
        clean = redact(form, (secret,))
        assert secret not in clean
        assert quote(secret, safe="") not in clean


@given(names, tokens)
def test_unknown_secrets_vanish_by_their_names(name: str, secret: str) -> None:
    for form in (
        f"https://x/cgi-bin/y?a=1&{name}={secret}&z=1",
        f"url='https://x/y?{name}={secret}'",
        json.dumps({"a": 1, name: secret, "z": 1}),
        repr({"a": 1, name: secret, "z": 1}),
        f"{name}: {secret}",
        f"{name.upper()} = {secret}",
    ):
        clean = redact(form)
        assert f"{secret}" not in clean.replace(name, "").replace(name.upper(), "")
        assert "***" in clean


@given(names, secrets)
def test_quoted_values_vanish_whole(name: str, secret: str) -> None:
    assert secret not in redact(json.dumps({name: secret, "z": 1}))


@given(names, tokens)
def test_the_processor_reaches_every_depth(name: str, secret: str) -> None:
    event = {
        "event": f"call failed {name}={secret}",
        name: secret,
        "nested": {"deep": [{name: secret}, f"?{name}={secret}"], "raw": f"{name}={secret}".encode()},
        "error": ValueError(f"https://x/?{name}={secret}"),
        "count": 3,
    }
    clean = redact_processor(None, "info", event)
    assert secret not in repr(clean).replace(name, "")
    assert clean["count"] == 3


@given(secrets, st.integers(-1, 999_999))
def test_an_errmsg_that_echoes_the_secret_is_cleaned(secret: str, code: int) -> None:
    error = refusal("shop", "x", code, f"invalid credential {secret}, url ?access_token={secret}", known=(secret,))
    assert secret not in str(error)
    assert secret not in repr(error.__dict__)


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abc.def",
        "XIAOER__ACCOUNTS__SHOP__SECRET=abc.def",
        "XIAOER__SHOP__ENCODING_AES_KEY='abc.def'",
        "app_secret:abc.def",
        "https://x/?component_access_token=abc.def#x",
    ],
)
def test_other_places_secrets_stand_in(text: str) -> None:
    assert "abc" not in redact(text)
    assert "def" not in redact(text)


def test_a_known_value_too_short_to_be_a_secret_blanks_nothing() -> None:
    assert redact("an apple", ("a",)) == "an apple"


def test_an_unformatted_traceback_is_left_to_its_formatter() -> None:
    event = {"event": "x", "exc_info": True, "shop_secret": "abc.def"}
    assert redact_processor(None, "error", event) == {"event": "x", "exc_info": True, "shop_secret": "***"}


def test_ordinary_words_stay() -> None:
    text = "the secret of a good answer; a token of thanks; errcode 40001 (invalid credential)"
    assert redact(text) == text


def every_text(error: BaseException | None) -> str:
    """All that a traceback, a log or a pickled error could show, along the whole chain."""
    texts = []
    while error is not None:
        assert isinstance(error, PlatformError), "foreign errors hold the URL, and the URL the token"
        texts += [str(error), repr(error), repr(error.args), repr(error.__dict__)]
        error = error.__cause__ or error.__context__
    return "\n".join(texts)


@pytest.mark.parametrize("account", ["corp", "shop"])
@pytest.mark.parametrize(
    "trouble",
    [
        Drop(),
        Gibberish(),
        Answer(b"<html>access_token=token-number-1</html>", status=502),
        Answer(b"token-number-1"),
        {"errcode": 40058, "errmsg": f"bad token-number-1 and {SECRET}"},
        {"errcode": 45009, "errmsg": "access_token=token-number-1"},
    ],
)
async def test_no_error_of_a_call_holds_the_token(
    client: PlatformClient,
    platform: FakePlatform,
    trouble: Script,
    account: str,
) -> None:
    platform.script("x", trouble)
    with capture_logs() as logs, pytest.raises(PlatformError) as caught:
        await client.call(account, ApiCall("x", "/cgi-bin/x", json={}))
    for text in (every_text(caught.value), repr(logs)):
        assert "token-number" not in text
        assert SECRET not in text


@pytest.mark.parametrize("trouble", [Drop(), Gibberish(), CutShort(b"\xff\xd8\xff"), Answer(b"x", status=500)])
async def test_no_error_of_a_file_holds_the_token(
    client: PlatformClient, platform: FakePlatform, trouble: Script, tmp_path: Path
) -> None:
    platform.script("media/get", *[trouble] * 4)
    platform.script("media/upload", *[trouble] * 4)
    with capture_logs() as logs, pytest.raises(PlatformError) as fetched:
        await client.fetch_media("corp", "m1", kind="image", limit_bytes=9, path=tmp_path / "x")
    with pytest.raises(PlatformError) as sent:
        await client.upload_media("corp", "image", "a.jpg", b"\xff\xd8\xff")
    for text in (every_text(fetched.value), every_text(sent.value), repr(logs)):
        assert "token-number" not in text


@pytest.mark.parametrize("kind", ["official_account", "wecom"])
@pytest.mark.parametrize(
    "trouble",
    [
        "nobody",
        Drop(),
        Gibberish(),
        Answer(b"oops"),
        {"errcode": 0},
        {"errcode": 40001, "errmsg": f"corpsecret={SECRET}"},
        {"errcode": 40013, "errmsg": f"bad {quote(SECRET, safe='')}"},
    ],
)
async def test_no_error_of_a_purchase_holds_the_secret(
    build: Build,
    platform: FakePlatform,
    server: TestServer,
    trouble: Script | str,
    kind: str,
) -> None:
    account = credentials(server, kind)  # type: ignore[arg-type]
    if isinstance(trouble, str):
        base = f"http://127.0.0.1:{unused_port()}"
        account = type(account)(account.account, account.kind, account.app_id, account.secret, base)
    else:
        platform.token_scripts.extend([trouble] * 9)
    with capture_logs() as logs, pytest.raises(PlatformError) as caught:
        await build(accounts=(account,)).call(account.account, ApiCall("x", "/cgi-bin/x", json={}))
    for text in (every_text(caught.value), repr(logs), repr(account)):
        assert SECRET not in text
        assert quote(SECRET, safe="") not in text
