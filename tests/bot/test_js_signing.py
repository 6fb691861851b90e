"""Is a page of ours signed as WeCom computes it, and nothing but pages of ours?"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.js_signing import as_browsers_write, sign, signable

PAGES = "https://kefu.example.com/console/sidebar"


def test_the_example_of_the_documentation() -> None:
    # https://developer.work.weixin.qq.com/document/path/96909
    signature = sign(
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg",
        nonce="Wm3WZYTPz0wzccnW",
        timestamp=1414587457,
        url="http://mp.weixin.qq.com?params=value",
    )
    assert signature == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


@pytest.mark.parametrize(
    "url",
    [
        PAGES,
        f"{PAGES}/corp",
        f"{PAGES}/corp?code=1&state=%E4%BD%A0",
        f"{PAGES}?a=b/../c",
    ],
)
def test_our_pages_are_signed_without_their_fragment(url: str) -> None:
    assert signable(url, PAGES) == url
    assert signable(f"{url}#wechat_redirect", PAGES) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://kefu.example.com/console/",
        "https://kefu.example.com/console/sidebars",
        "https://kefu.example.com/console/sidebar/../people",
        "https://kefu.example.com/console/sidebar\\..\\people",
        "https://kefu.example.com@evil.example/console/sidebar",
        "https://kefu.example.com.evil.example/console/sidebar",
        "https://evil.example/?https://kefu.example.com/console/sidebar",
        "http://kefu.example.com/console/sidebar",
        "https://kefu.example.com:8443/console/sidebar",
        f"{PAGES}/corp\n&url=https://evil.example",
        f"{PAGES}/客户",
        f"{PAGES}?{'x' * 3_000}",
    ],
)
def test_other_addresses_are_not(url: str) -> None:
    assert signable(url, PAGES) is None


# what an address is made of, in any order: more telling than any text at all
ORIGINS = ("https://", "http://", "kefu.example.com", "evil.example", "@", ":443")
PATHS = ("/", "console", "sidebar", "corp", "..", "%2e%2e", "?", "#", "&", "客", " ", "\t", "\\")
PARTS = st.sampled_from((*ORIGINS, *PATHS))


@given(st.one_of(st.lists(PARTS, max_size=9).map("".join), st.text(max_size=30).map(lambda below: PAGES + below)))
def test_whatever_is_signed_is_a_page_below_ours(url: str) -> None:
    page = signable(url, PAGES)
    if page is None:
        return
    parts = urlsplit(page)
    assert (parts.scheme, parts.netloc) == ("https", "kefu.example.com")
    assert parts.path == "/console/sidebar" or parts.path.startswith("/console/sidebar/")
    assert ".." not in parts.path
    assert "#" not in page
    assert page.isascii()
    assert page.isprintable()
    assert url.startswith(page)


def test_the_settings_may_write_the_address_otherwise_than_browsers_do() -> None:
    assert as_browsers_write("HTTPS://Kefu.Example.com:443/console/sidebar") == PAGES
    assert signable(f"{PAGES}/corp", "HTTPS://Kefu.Example.com:443/console/sidebar") == f"{PAGES}/corp"
    assert as_browsers_write("http://127.0.0.1:8080/console/sidebar") == "http://127.0.0.1:8080/console/sidebar"
