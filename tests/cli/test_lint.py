"""Does the check of the scripts end with 1 where there are errors, and name them for people and programs?"""

from __future__ import annotations

from tests.cli.shop import SCRIPTS, CommandShop

TWICE = """\
- id: shipping-again
  title: 几天发货
  category: [物流]
  stage: before
  questions: [什么时候发货呀]
  answers: {default: 72 小时内发货}
  attachments: [{kind: picture, source: 图/时效.png}]
"""


def test_sound_scripts_pass(shop: CommandShop) -> None:
    shop.ok("content", "apply", shop.pack)
    assert shop.ok("kb", "lint", "--fast").out == "2 scripts: 0 errors, 0 warnings\n"
    assert shop.ok("kb", "lint", "--json").json == []


def test_errors_of_files_are_found_before_they_come_in(shop: CommandShop) -> None:
    scripts = shop.pack / "scripts"
    (scripts / "more.yaml").write_text(TWICE, encoding="utf-8")
    ran = shop.run("kb", "lint", scripts, "--fast", "--json")
    assert ran.code == 1
    assert [(each["kind"], each["severity"]) for each in ran.json] == [
        ("contradiction", "error"),
        ("missing_file", "error"),
    ]
    assert ran.json[0]["scripts"] == ["shipping-time", "shipping-again"]
    (shop.pack / "图").mkdir()
    (shop.pack / "图/时效.png").write_bytes(b"png")
    ran = shop.run("kb", "lint", scripts)
    assert ran.code == 1
    assert "2 errors" not in ran.out
    assert "1 errors" in ran.out
    assert not shop.database.exists()


def test_a_broken_file_is_refused_with_its_mistakes(shop: CommandShop) -> None:
    file = shop.folder / "broken.yaml"
    file.write_text(SCRIPTS.replace("stage: after", "stage: later"), encoding="utf-8")
    assert "broken.yaml:10:" in shop.refused("kb", "lint", file)
