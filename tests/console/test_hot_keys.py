"""May everybody have her own keys at the workbench, but no two for one thing and none that is the browser's?"""

from __future__ import annotations

import pytest

from bot.console.hot_keys import DEFAULTS, as_key, read_keys
from tests.console.conftest import SignIn
from tests.databases import ON_SQLITE


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("alt + j", "Alt+J"),
        ("Shift+Ctrl+K", "Ctrl+Shift+K"),
        ("f2", "F2"),
        ("Alt+F10", "Alt+F10"),
        ("J", None),
        ("Shift+J", None),
        ("F", None),
        ("Alt", None),
        ("Alt+", None),
        ("Hyper+J", None),
        ("Alt+Alt+J", None),
        ("F13", None),
        ("Alt+字", None),
    ],
)
def test_a_key_is_read_as_it_is_written(said: str, key: str | None) -> None:
    assert as_key(said) == key


def test_the_defaults_are_keys_that_may_be_chosen() -> None:
    chosen = read_keys(DEFAULTS)
    assert (chosen.wrong, chosen.keys) == ({}, {})


def test_what_is_left_empty_is_the_default_again() -> None:
    chosen = read_keys({"next": "F2", "reply": ""})
    assert (chosen.wrong, chosen.keys) == ({}, {"next": "F2"})


def test_two_actions_never_share_a_key_not_even_with_a_default() -> None:
    chosen = read_keys({"next": "Alt+K"})
    assert set(chosen.wrong) == {"next", "previous"}
    assert "上一个会话" in chosen.wrong["next"]
    swapped = read_keys({"next": "Alt+K", "previous": "Alt+J"})
    assert swapped.wrong == {}


@ON_SQLITE
async def test_her_keys_are_hers_alone_and_stay(sign_in: SignIn) -> None:
    mine, other = await sign_in("wangfang"), await sign_in("limei")
    page = await mine.submit("/console/keys", next="ctrl+shift+k", reply="Alt+9")
    assert "已保存" in page.text
    hers = await mine.get("/console/")
    assert 'name="next" value="Ctrl+Shift+K"' in hers.html
    assert 'name="reply" value="Alt+9"' in hers.html
    assert 'name="next" value="Alt+J"' in (await other.get("/console/")).html
    await mine.submit("/console/keys", reset="1")
    assert 'name="next" value="Alt+J"' in (await mine.get("/console/keys")).html


@ON_SQLITE
async def test_what_cannot_be_is_said_beside_its_field_and_kept(sign_in: SignIn) -> None:
    browser = await sign_in("wangfang")
    page = await browser.submit("/console/keys", next="Ctrl+W", note="Ctrl+C", tab="x", close="Alt+R")
    assert page.status == 422
    for words in ("Ctrl+W 是浏览器自己用的", "Ctrl+C 是复制", "写成 Alt+J", "Alt+R 已经给了“交还机器人”"):
        assert words in page.text
    assert 'value="x"' in page.html
    assert 'name="next" value="Alt+J"' in (await browser.get("/console/keys")).html
