"""Is a content pack read as a whole, and does a broken one name file, line and remedy?"""

from __future__ import annotations

import asyncio
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.bootstrap import HANDOFF_TABLES, SCRIPT_TABLES
from bot.content.applying import ContentStore, export_files
from bot.content.pack import Pack, read_pack
from bot.content.problems import PackBroken
from bot.store.tables import conversations
from handoff import Desk
from knowledge_base import Library
from tests.handoff.policies import sample_policy

HAN = re.compile(r"[\u4e00-\u9fff]")
EXAMPLE = Path("examples/cosmetics")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def example() -> Pack:
    return read_pack(EXAMPLE)


@pytest.fixture
def store() -> ContentStore:
    return ContentStore(Library(SCRIPT_TABLES), Desk(HANDOFF_TABLES, conversations, lambda: NOW, sample_policy))


def test_the_example_shop_is_complete(example: Pack) -> None:
    assert len(example.scripts) >= 60
    assert all(len(script.questions) >= 6 for script in example.scripts)
    assert {script.stage for script in example.scripts} == {"before", "during", "after"}
    assert {"greet", "thank", "goodbye"} <= set(example.shop.small_talk)
    assert example.shop.is_open(datetime(2026, 1, 1, 2, 0, tzinfo=UTC))
    assert not example.shop.is_open(datetime(2026, 1, 1, 16, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("pack.yaml", "shop: 花颜美妆\n", "", r"pack\.yaml.*shop: is missing"),
        ("pack.yaml", "Asia/Shanghai", "Asia/Shanghei", "timezone"),
        (
            "pack.yaml",
            "shop: ",
            "phrases: {customer.folowed: 你好}\nshop: ",
            r"phrases\.customer\.folowed: no such phrase",
        ),
        ("pack.yaml", "hours: {", "hours: {{", r"pack\.yaml:\d+: not valid YAML"),
        ("handoff.yaml", "teams: [presale]", "teams: [presael]", r"handoff\.yaml:\d+: "),
        ("pack.yaml", "wrong_answer: 1.625", "wrong_answer: -1", r"pack\.yaml:\d+: decision\.costs\.wrong_answer: "),
        ("pack.yaml", "  choices: 3", "  channels: {sms: {handover: 1}}", r"decision\.channels\.sms"),
        (
            "pack.yaml",
            "withdraw: [withdraw",
            "withdraw: [draw",
            r"privacy\.withdraw: no intent is called 'draw_consent'",
        ),
        (
            "pack.yaml",
            "intents: [urge]",
            "intents: [urgent]",
            r"slots\.order_number\.intents: no intent is called 'urgent'",
        ),
        (
            "pack.yaml",
            "intents: [urge]",
            "rules: [客人在睡]",
            r"slots\.order_number\.rules: no rule is called '客人在睡'",
        ),
        ("pack.yaml", "    intents: [urge]", "", r"nobody needs it"),
        ("replies.yaml", "greet:\n", "greet: hello\nhallo:\n", r"replies\.yaml: greet: must be a list"),
        ("intents/small_talk.yml", "examples: |", "exampels: |", r"small_talk\.yml:\d+: "),
        ("scripts/shipping.yaml", "stage: during", "stage: durring", r"shipping\.yaml:\d+: stage"),
    ],
)
def test_a_broken_pack_names_file_line_and_remedy(tmp_path: Path, file: str, old: str, new: str, said: str) -> None:
    folder = tmp_path / "pack"
    shutil.copytree(EXAMPLE, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PackBroken, match=said) as caught:
        read_pack(folder)
    assert all(HAN.search(each.chinese) for each in caught.value.problems)


def test_no_pack_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(PackBroken, match="a pack is a folder"):
        read_pack(tmp_path)


async def test_applying_twice_changes_nothing_and_exporting_gives_the_same(
    engine: AsyncEngine, store: ContentStore, example: Pack, tmp_path: Path
) -> None:
    async with engine.begin() as connection:
        assert await store.is_empty(connection)
        first = await store.apply(connection, example, at=NOW, by="test")
        assert not first.nothing
        revision = await store.revision(connection)
        assert (await store.apply(connection, example, at=NOW, by="test")).nothing
        assert await store.revision(connection) == revision
        assert {agent.id for agent in await store.desk.agents(connection)} == {"chenjing", "wanglei", "lina"}
        files, scripts = await store.files(connection), await store.scripts(connection)
        pictures = await store.pictures(connection)
    await asyncio.to_thread(export_files, tmp_path, files, scripts, pictures)
    again = await asyncio.to_thread(read_pack, tmp_path)
    assert set(again.scripts) == set(example.scripts)
    assert again.files == example.files
    assert again.pictures == example.pictures
    async with engine.connect() as connection:
        assert (await store.diff(connection, again)).nothing


async def test_what_left_the_pack_is_retired_and_its_files_removed(
    engine: AsyncEngine, store: ContentStore, example: Pack
) -> None:
    less = Pack(
        name=example.name,
        files={name: text for name, text in example.files.items() if name != "README.md"},
        scripts=example.scripts[1:],
        training=example.training,
        shop=example.shop,
        pictures=example.pictures,
    )
    async with engine.begin() as connection:
        await store.apply(connection, example, at=NOW, by="test")
        difference = await store.apply(connection, less, at=NOW, by="test")
        assert difference.files_removed == ("README.md",)
        assert difference.scripts.retired == (example.scripts[0].id,)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("pictures/foundation-shades.png", None, "foundation-shades.png: no such file; script foundation-shade sends"),
        ("pictures/foundation-shades.png", b"GIF89a and more", "not what its name says"),
        ("pictures/film.mp4", b"\x89PNG\r\n\x1a\n and more", "not what its name says"),
        ("pictures/large.jpg", b"\xff\xd8\xff" + bytes(10 * 1024 * 1024), r"large\.jpg: 10\.0 MB are too many"),
        (f"pictures/{'x' * 196}.png", b"\x89PNG\r\n\x1a\n", "more than 200 characters"),
    ],
)
def test_a_picture_that_cannot_be_sent_is_named(tmp_path: Path, name: str, data: bytes | None, said: str) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "pack")
    if data is None:
        (tmp_path / "pack" / name).unlink()
    else:
        (tmp_path / "pack" / name).write_bytes(data)
    with pytest.raises(PackBroken, match=said) as caught:
        read_pack(tmp_path / "pack")
    assert all(HAN.search(each.chinese) for each in caught.value.problems)


async def test_pictures_come_and_go_with_the_pack(engine: AsyncEngine, store: ContentStore, example: Pack) -> None:
    picture, other = b"\x89PNG\r\n\x1a\n one", b"\x89PNG\r\n\x1a\n two"
    async with engine.begin() as connection:
        await store.apply(
            connection, replace(example, pictures={"a.png": picture, "b.png": picture}), at=NOW, by="test"
        )
        revision = await store.revision(connection)
        changed = replace(example, pictures={"a.png": other, "c.png": picture})
        difference = await store.apply(connection, changed, at=NOW, by="test")
        assert await store.pictures(connection) == changed.pictures
        assert await store.files(connection) == example.files
        assert await store.revision(connection) == revision  # nothing that is understood or said is another
    assert difference.files_changed == ("a.png",)
    assert difference.files_added == ("c.png",)
    assert difference.files_removed == ("b.png",)
