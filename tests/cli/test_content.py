"""Does content come in whole, out whole, and not at all where it is broken?"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.simulator.sample import sample_png
from tests.cli.shop import SCRIPTS, CommandShop


async def script_states(engine: AsyncEngine) -> dict[str, str]:
    async with engine.connect() as connection:
        return {row.id: row.state for row in await connection.execute(text("SELECT id, state FROM scripts"))}


def test_applying_shows_what_changes_and_changes_it_once(shop: CommandShop) -> None:
    first = shop.ok("content", "apply", shop.pack).out
    assert "+ script invoice" in first
    assert "+ file handoff.yaml" in first
    assert shop.in_database(script_states) == {"invoice": "live", "shipping-time": "live"}
    assert shop.ok("content", "apply", shop.pack).out == "nothing to change\n"


def test_diff_and_dry_run_show_but_change_nothing(shop: CommandShop) -> None:
    shop.ok("content", "apply", shop.pack)
    (shop.pack / "scripts/all.yaml").write_text(SCRIPTS.partition("- id: invoice")[0].replace("48", "24"))
    (shop.pack / "notes.md").write_text("新增")
    wanted = ["+ file notes.md", "~ script shipping-time", "- script invoice"]
    assert shop.ok("content", "diff", shop.pack).out.splitlines() == wanted
    assert shop.ok("content", "apply", shop.pack, "--dry-run").out.splitlines()[:3] == wanted
    assert shop.in_database(script_states) == {"invoice": "live", "shipping-time": "live"}
    applied = shop.ok("content", "apply", shop.pack, "--json").json
    assert applied["applied"] is True
    assert applied["scripts"] == {"added": [], "changed": ["shipping-time"], "retired": ["invoice"], "unchanged": 0}
    assert shop.in_database(script_states) == {"invoice": "retired", "shipping-time": "live"}


def test_a_broken_pack_names_file_and_line_and_changes_nothing(shop: CommandShop) -> None:
    (shop.pack / "scripts/all.yaml").write_text(SCRIPTS.replace("stage: after", "stage: later"))
    error = shop.refused("content", "apply", shop.pack)
    assert "scripts/all.yaml:10:" in error
    assert "later" in error
    assert not shop.database.exists()


def test_what_is_exported_is_what_was_applied(shop: CommandShop) -> None:
    shop.ok("content", "apply", shop.pack)
    out = shop.folder / "out"
    shop.ok("content", "export", out)
    assert shop.ok("content", "diff", out, "--json").json["nothing"] is True


def test_pictures_go_in_and_out_with_the_pack(shop: CommandShop) -> None:
    picture, scripts = shop.pack / "pictures/a.png", shop.pack / "scripts/all.yaml"
    scripts.write_text(SCRIPTS + "  attachments: [{kind: picture, source: pictures/a.png}]\n")
    assert "script invoice sends it" in shop.refused("content", "apply", shop.pack)
    picture.parent.mkdir()
    picture.write_bytes(sample_png())
    assert "+ file pictures/a.png" in shop.ok("content", "apply", shop.pack).out
    out = shop.folder / "out"
    shop.ok("content", "export", out)
    assert (out / "pictures/a.png").read_bytes() == sample_png()
    assert shop.ok("content", "diff", out, "--json").json["nothing"] is True
    picture.write_bytes(sample_png() + b"retouched")
    assert shop.ok("content", "apply", shop.pack).out.splitlines()[0] == "~ file pictures/a.png"


def test_export_does_not_write_over_a_folder_unless_forced(shop: CommandShop) -> None:
    shop.ok("content", "apply", shop.pack)
    before = (shop.pack / "pack.yaml").read_text()
    assert "--force" in shop.refused("content", "export", shop.pack)
    assert "is a file" in shop.refused("content", "export", shop.config)
    shop.ok("content", "export", shop.pack, "--force")
    assert (shop.pack / "pack.yaml").read_text() == before


def test_without_a_database_one_is_told_to_migrate_and_none_is_made(shop: CommandShop) -> None:
    for command in (("diff", shop.pack), ("apply", shop.pack, "--dry-run"), ("export", shop.folder / "out")):
        assert "xiaoer migrate" in shop.refused("content", *command)
    assert not shop.database.exists()
    shop.ok("migrate")
    assert "xiaoer content apply DIR" in shop.refused("content", "export", shop.folder / "out")
