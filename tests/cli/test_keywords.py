"""Are keywords measured from the command line as documented?"""

from __future__ import annotations

from tests.cli.shop import CommandShop

LINES = (
    "keywords\t顾客问水光面霜能不能退货。退货运费谁出，退货运费多少。 敏感肌退货运费说明\t退货运费_敏感肌\n"
    "keywords\t电子发票开错抬头。电子发票重开。 电子发票抬头修改\t电子发票\n"
)


def test_keywords_are_measured_beside_jieba(shop: CommandShop) -> None:
    file = shop.folder / "labelled.tsv"
    file.write_text(LINES, encoding="utf-8")
    scores = shop.ok("keywords", "eval", file, "--json").json
    assert scores.keys() == {"precision", "recall", "f1", "n", "peers"}
    assert scores["n"] == 2
    assert 0 < scores["precision"] < scores["f1"] < scores["recall"] <= 1
    assert scores["peers"].keys() == {"jieba TF-IDF", "jieba TextRank"}
    assert "jieba TextRank" in shop.ok("keywords", "eval", file).out


def test_a_wrong_line_is_named(shop: CommandShop) -> None:
    file = shop.folder / "labelled.tsv"
    file.write_text(f"{LINES}no tabs here\n", encoding="utf-8")
    assert f"{file}:3: " in shop.refused("keywords", "eval", file)
    assert "nowhere.tsv" in shop.refused("keywords", "eval", shop.folder / "nowhere.tsv")
