"""Does the first admin come from the command line, and is the audit log's word worth something?"""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner

from bot.cli import app
from tests.cli.shop import CommandShop


def test_the_first_admin(shop: CommandShop) -> None:
    shop.ok("content", "apply", shop.pack)
    assert "xiaoer console login boss" in shop.ok("people", "add", "boss", "--role", "admin", "--name", "老板").out
    shop.ok("people", "add", "limei", "--role", "agent", "--role", "supervisor", "--team", "aftersale")
    shop.ok("people", "add", "zhao", "--role", "auditor", "--wecom", "ZhaoLei")
    boss, limei, zhao = shop.ok("people", "list", "--json").json
    assert (boss["name"], boss["roles"], boss["active"]) == ("老板", ["admin"], True)
    assert (limei["agent"], limei["teams"]) == ("limei", ["aftersale"])  # an agent's id is that agent
    assert zhao["wecom"] == "ZhaoLei"
    assert "token=" in shop.ok("console", "login", "boss").out


def test_what_cannot_be_says_what_to_do(shop: CommandShop) -> None:
    shop.ok("content", "apply", shop.pack)
    shop.ok("people", "add", "boss", "--role", "admin")
    assert "somebody is called so" in shop.refused("people", "add", "boss", "--role", "agent")
    assert "begins with a letter" in shop.refused("people", "add", "老板", "--role", "agent")
    assert "no such agent" in shop.refused("people", "link", "boss", "--agent", "nobody")
    assert "nobody is called so" in shop.refused("people", "roles", "nobody", "--role", "agent")
    assert "last admin" in shop.refused("people", "disable", "boss")
    assert "last admin" in shop.refused("people", "roles", "boss", "--role", "operator")


def test_whoever_is_disabled_gets_no_link(shop: CommandShop) -> None:
    shop.ok("content", "apply", shop.pack)
    shop.ok("people", "add", "wf", "--role", "agent", "--agent", "wangfang")
    shop.ok("people", "disable", "wf")
    for name in ("wf", "wangfang"):
        assert "she was disabled" in shop.refused("console", "login", name)
    shop.ok("people", "enable", "wf")
    shop.ok("console", "login", "wf")


def test_a_weak_password_is_refused_and_a_good_one_taken(shop: CommandShop) -> None:
    shop.ok("people", "add", "boss", "--role", "admin")
    command = ["--config", str(shop.config), "people", "password", "boss"]
    shop.guard.deactivate()
    try:
        weak = CliRunner().invoke(app, command, input="123456789012\n123456789012\n")
        good = CliRunner().invoke(app, command, input="x7!kQ9zLp2#v\nx7!kQ9zLp2#v\n")
    finally:
        shop.guard.activate()
    assert (weak.exit_code, "too obvious" in weak.stderr) == (1, True)
    assert (good.exit_code, "signed out everywhere" in good.stdout) == (0, True)


def test_the_log_is_whole_until_somebody_touches_it(shop: CommandShop) -> None:
    shop.ok("people", "add", "boss", "--role", "admin")
    shop.ok("people", "add", "zhao", "--role", "auditor")
    said = shop.ok("audit", "verify").out
    assert said.startswith("2 rows, whole")
    head = said.split()[-1]
    shop.ok("people", "roles", "zhao", "--role", "operator")
    shop.ok("audit", "verify", "--expect", head)
    assert "no row has the hash" in shop.refused("audit", "verify", "--expect", "0" * 64)

    async def touch(engine: AsyncEngine) -> None:
        with pytest.raises(DBAPIError, match="only grows"):
            async with engine.begin() as connection:
                await connection.execute(text("DELETE FROM audit_log"))
        async with engine.begin() as connection:
            await connection.execute(text("DROP TRIGGER audit_log_no_update"))
            await connection.execute(text("UPDATE audit_log SET reason = 'roles=agent' WHERE number = 2"))

    shop.in_database(touch)
    assert "row 2 is not what was written" in shop.refused("audit", "verify")
