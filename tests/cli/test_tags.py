"""Do commands show tags, say why, and let people decide?"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.bootstrap import ARCHIVE_TABLES
from tests.cli.shop import CommandShop

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TAGS = """\
version: 1
groups: {习惯: {}}
tags:
  - {name: 时效敏感, group: 习惯, clues: [{keywords: [发货], weight: 0.5, count: 2}]}
  - {name: 催单, group: 习惯, clues: [{intents: [ask_human], weight: 0.7}]}
"""


async def fill(engine: AsyncEngine) -> None:
    row = {"account": "shop", "customer": "wm1", "tag": "时效敏感", "state": "active", "confidence": 0.7}
    async with engine.begin() as connection:
        await connection.execute(insert(ARCHIVE_TABLES.tags.tags), {**row, "evidence": [7], "changed_at": NOW})


def opened(shop: CommandShop) -> CommandShop:
    (shop.folder / "pack" / "tags.yaml").write_text(TAGS, encoding="utf-8")
    shop.ok("content", "apply", shop.folder / "pack")
    shop.in_database(fill)
    return shop


def states(shop: CommandShop) -> dict[str, tuple[str, bool]]:
    return {
        tag["name"]: (tag["state"], bool(tag["by"])) for tag in shop.ok("tags", "list", "wm1", "--json").json["tags"]
    }


def test_people_decide(shop: CommandShop) -> None:
    opened(shop)
    assert states(shop) == {"时效敏感": ("active", False)}
    assert "done" in shop.ok("tags", "veto", "wm1", "时效敏感").out
    assert "so already" in shop.ok("tags", "veto", "wm1", "时效敏感").out
    shop.ok("tags", "pin", "wm1", "催单")
    assert states(shop) == {"时效敏感": ("vetoed", True), "催单": ("pinned", True)}
    shop.ok("tags", "release", "wm1", "催单")
    listed = shop.ok("tags", "list", "wm1", "--json").json
    assert [each["state"] for each in listed["history"]] == ["active", "pinned", "vetoed"]
    assert "时效敏感" in shop.ok("tags", "list", "wm1").out
    assert "1 customers" in shop.ok("tags", "sync", "wm1").out


def test_why(shop: CommandShop) -> None:
    opened(shop)
    [first, second] = shop.ok("tags", "explain", "wm1", "--json").json
    assert (first["tag"], first["state"], first["confidence"], first["appears"]) == ("时效敏感", "active", 0.0, 0.6)
    assert first["clues"] == [{"looks_for": "HasKeyword", "found": 0, "needed": 2, "adds": "", "messages": ""}]
    assert second["state"] == "-"
    assert "时效敏感" in shop.ok("tags", "explain", "wm1").out


def test_what_cannot_be(shop: CommandShop) -> None:
    opened(shop)
    assert "there" not in shop.refused("tags", "pin", "wm1", "没有的")
    assert "时效敏感, 催单" in shop.refused("tags", "pin", "wm1", "没有的")
    assert "nobody of the id wm9" in shop.refused("tags", "list", "wm9")


def test_one_id_at_two_accounts(shop: CommandShop) -> None:
    opened(shop)

    async def again(engine: AsyncEngine) -> None:
        row = {"account": "other", "customer": "wm1", "tag": "催单", "state": "active", "confidence": 0.7}
        async with engine.begin() as connection:
            await connection.execute(insert(ARCHIVE_TABLES.tags.tags), {**row, "evidence": [], "changed_at": NOW})

    shop.in_database(again)
    assert "other, shop" in shop.refused("tags", "list", "wm1")
    [tag] = shop.ok("tags", "list", "wm1", "--account", "other", "--json").json["tags"]
    assert tag["name"] == "催单"
