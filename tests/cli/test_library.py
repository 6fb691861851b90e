"""Are scripts listed, moved, brought back and written out, each change in the history?"""

from __future__ import annotations

import pytest

from tests.cli.shop import CommandShop
from tests.cli.test_content import script_states


@pytest.fixture
def filled(migrated_shop: CommandShop) -> CommandShop:
    migrated_shop.ok("content", "apply", migrated_shop.pack)
    return migrated_shop


def test_scripts_are_listed_by_state_and_category(filled: CommandShop) -> None:
    assert [each["id"] for each in filled.ok("kb", "list", "--json").json] == ["invoice", "shipping-time"]
    assert [each["id"] for each in filled.ok("kb", "list", "--category", "物流", "--json").json] == ["shipping-time"]
    assert filled.ok("kb", "list", "--state", "draft", "--json").json == []
    assert "2 scripts" in filled.ok("kb", "list").out
    assert "no such state" in filled.refused("kb", "list", "--state", "online")


def test_a_script_is_shown_with_its_version(filled: CommandShop) -> None:
    shown = filled.ok("kb", "show", "invoice", "--json").json
    assert (shown["title"], shown["version"]) == ("开发票", 1)
    assert "可以开电子发票" in filled.ok("kb", "show", "invoice").out
    assert "no such script" in filled.refused("kb", "show", "nobody")


def test_moves_and_restorations_are_kept_with_their_reasons(filled: CommandShop) -> None:
    assert filled.ok("kb", "state", "invoice", "shipping-time", "retired", "--why", "停业").out == "2 now retired\n"
    assert filled.in_database(script_states) == {"invoice": "retired", "shipping-time": "retired"}
    error = filled.refused("kb", "state", "invoice", "nobody", "live")
    assert "nothing was moved" in error
    assert "nobody: no such script" in error
    assert "invoice: is retired" in error
    assert "no such state" in filled.refused("kb", "state", "invoice", "online")
    assert "500" in filled.refused("kb", "state", "invoice", "draft", "--why", "长" * 501)
    assert "has no version 7" in filled.refused("kb", "restore", "invoice", 7)
    assert "version 3 is version 1 again, draft" in filled.ok("kb", "restore", "invoice", 1, "--why", "复业").out
    history = filled.ok("kb", "show", "invoice", "--versions", "--json").json
    assert [(each["version"], each["state"], each["why"], each["restored_from"]) for each in history] == [
        (1, "live", "", None),
        (2, "retired", "停业", None),
        (3, "draft", "复业", 1),
    ]
    assert history[0]["script"]["title"] == "开发票"
    assert "停业" in filled.ok("kb", "show", "invoice", "--versions").out


@pytest.mark.parametrize("suffix", ["yaml", "csv", "xlsx"])
def test_what_is_exported_imports_as_the_same(filled: CommandShop, suffix: str) -> None:
    file = filled.folder / f"out.{suffix}"
    assert filled.ok("kb", "export", file, "--strict").err == ""
    assert filled.ok("kb", "import", file, "--json").json == {
        "applied": True, "added": [], "changed": [], "unchanged": 2,
    }  # fmt: skip
    assert "is there already" in filled.refused("kb", "export", file)
    filled.ok("kb", "export", file, "--force")


def test_what_a_format_has_no_place_for_is_said_or_refused(filled: CommandShop) -> None:
    filled.ok("kb", "state", "invoice", "retired")
    file = filled.folder / "out.kf.json"
    ran = filled.ok("kb", "export", file)
    assert ran.out.startswith("wrote 1 scripts")
    assert "left out: invoice: is retired" in ran.err
    assert "left out: answers of shipping-time" in ran.err
    assert "nothing was written" in filled.refused("kb", "export", filled.folder / "strict.kf.json", "--strict")
    assert not (filled.folder / "strict.kf.json").exists()
    assert "is not one of" in filled.refused("kb", "export", filled.folder / "out.docx")
    ran = filled.ok("kb", "export", filled.folder / "live.kf.json", "--state", "live")
    assert "invoice" not in ran.err


def test_what_we_cannot_take_from_a_file_is_said(filled: CommandShop) -> None:
    file = filled.folder / "kf.json"
    file.write_text(
        '{"intent_list": [{"intent_id": "park", "question": {"text": {"content": "能停车吗"}}, "answers": '
        '[{"text": {"content": "能"}, "attachments": [{"msgtype": "voice", "voice": {"name": "a"}}]}]}]}'
    )
    ran = filled.ok("kb", "import", file, "--json")
    assert ran.json["added"] == ["park"]
    assert f"left out: {file}:1: attachments" in ran.err
