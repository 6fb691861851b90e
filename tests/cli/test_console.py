"""Does a sign-in link come only for known agents, and only from a secret worth the name?"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from bot.bootstrap import utc_now
from bot.console.login import read_login
from tests.cli.shop import SECRET, CommandShop


def test_the_link_signs_the_agent_in(shop: CommandShop) -> None:
    shop.ok("content", "apply", shop.pack)
    link = urlsplit(shop.ok("console", "login", "limei").out.strip())
    assert f"{link.scheme}://{link.netloc}{link.path}" == "http://127.0.0.1:1/console/login"
    assert read_login(SECRET.encode(), parse_qs(link.query)["token"][0], utc_now()) == "limei"


def test_unknown_agents_are_refused_with_those_known(shop: CommandShop) -> None:
    shop.ok("migrate")
    assert "xiaoer content apply DIR" in shop.refused("console", "login", "limei")
    shop.ok("content", "apply", shop.pack)
    assert "chenjing, limei, wangfang" in shop.refused("console", "login", "nobody")


def test_a_weak_secret_is_refused(shop: CommandShop) -> None:
    written = shop.config.read_text()
    shop.config.write_text(written.replace(SECRET, "short"))
    assert "server.secret has 5 characters" in shop.refused("console", "login", "limei")
    shop.config.write_text(written.replace(SECRET, ""))
    assert "server.secret is missing" in shop.refused("console", "login", "limei")
