"""Is a sentiment model trained and measured from the command line as documented?"""

from __future__ import annotations

from pathlib import Path

from tests.cli.shop import CommandShop

GOOD, BAD = ("很好", "满意", "好用", "喜欢", "划算"), ("很差", "失望", "难用", "讨厌", "太贵")


def judged(folder: Path) -> Path:
    file = folder / "reviews.csv"
    lines = [
        f"{label},第{number}次买，{word}"
        for number in range(8)
        for label, words in ((1, GOOD), (0, BAD))
        for word in words
    ]
    file.write_text("\n".join(["label,review", *lines]), encoding="utf-8")
    return file


def test_a_model_is_trained_and_measured(shop: CommandShop) -> None:
    file, model = judged(shop.folder), shop.folder / "mood.npz"
    told = shop.ok("sentiment", "train", file, "--no-own", "--bits", 16, "--out", model).out
    assert "80 texts" in told
    scores = shop.ok("sentiment", "eval", file, "--model", model, "--json").json
    assert scores.keys() == {"accuracy", "macro_f1", "texts_per_s", "n"}
    assert (scores["accuracy"], scores["macro_f1"], scores["n"]) == (1, 1, 80)
    assert not shop.database.exists()


def test_the_shipped_model_is_the_default(shop: CommandShop) -> None:
    file = judged(shop.folder)
    assert shop.ok("sentiment", "eval", file, "--json").json["accuracy"] >= 0.9
    assert "macro_f1" in shop.ok("sentiment", "eval", file).out


def test_what_is_wrong_is_named(shop: CommandShop) -> None:
    file = shop.folder / "reviews.csv"
    file.write_text("label,review\n7,好\n", encoding="utf-8")
    assert f"{file}:2: label '7'" in shop.refused("sentiment", "train", file, "--out", shop.folder / "m.npz")
    assert f"{file}:2: label '7'" in shop.refused("sentiment", "eval", file)
    few = judged(shop.folder)
    few.write_text("label,review\n1,好\n", encoding="utf-8")
    told = shop.refused("sentiment", "train", few, "--no-own", "--out", shop.folder / "m.npz")
    assert "at least 10 of each side" in told
    assert "xiaoer sentiment train" in shop.refused("sentiment", "eval", few, "--model", shop.config)
    assert "no such file" in shop.refused("sentiment", "eval", shop.folder / "none.csv").lower()
