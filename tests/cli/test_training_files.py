"""Does training data change its form without loss, and do we export what we learn from?"""

from __future__ import annotations

import json
from pathlib import Path

from nlu import Entity, read_examples, read_training_data
from tests.cli.shop import CommandShop

YAML = """\
version: "3.1"
nlu:
- intent: refund
  examples: |
    - 退[上海](city)那单
    - 退钱
- intent: greet
  examples:
  - text: 你好
    metadata: {from: kf}
- synonym: 上海
  examples: |
    - 沪
"""


def test_yaml_becomes_json_lines_and_yaml_again(shop: CommandShop) -> None:
    source, lines, again = (shop.folder / name for name in ("a.yml", "b.jsonl", "deep/c.yml"))
    source.write_text(YAML, encoding="utf-8")
    said = shop.ok("nlu", "reformat", source, lines)
    assert "3 examples of 2 intents" in said.out
    assert "left behind" in said.err
    assert "1 synonyms" in said.err
    rows = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    assert [(row["sentence"], row["label"]) for row in rows] == [
        ("退上海那单", "refund"),
        ("退钱", "refund"),
        ("你好", "greet"),
    ]
    assert "left behind" not in shop.ok("nlu", "reformat", lines, again).err
    assert read_training_data(again).examples == read_training_data(source).examples
    assert read_training_data(again).examples[0].entities == (Entity("city", 1, 3, "上海"),)


def test_a_shuffled_set_is_written_with_each_intent_once(shop: CommandShop) -> None:
    source, target = shop.folder / "a.json", shop.folder / "b.yml"
    rows = [{"sentence": str(number), "label": "ab"[number % 2]} for number in range(6)]
    source.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    shop.ok("nlu", "reformat", source, target)
    assert target.read_text(encoding="utf-8").count("- intent:") == 2
    assert len(read_examples(target).examples) == 6


def test_what_cannot_be_reformatted_is_said(shop: CommandShop) -> None:
    source = shop.folder / "a.jsonl"
    source.write_text('{"sentence": "看[这](里)", "label": "a"}\n', encoding="utf-8")
    assert "no such file" in shop.refused("nlu", "reformat", shop.folder / "none.yml", source)
    assert ".jsonl" in shop.refused("nlu", "reformat", source, shop.folder / "b.csv")
    assert "brackets" in shop.refused("nlu", "reformat", source, shop.folder / "b.yml")
    source.write_text("{\n", encoding="utf-8")
    assert "a.jsonl:1:" in shop.refused("nlu", "reformat", source, shop.folder / "b.yml")


def exported(folder: Path) -> dict[str, int]:
    """How many examples each intent has."""
    examples = read_training_data(folder).examples
    return {intent: sum(each.intent == intent for each in examples) for intent in {each.intent for each in examples}}


def test_what_we_learn_from_is_exported(shop: CommandShop) -> None:
    pack, content = shop.folder / "of-pack", shop.folder / "of-content"
    assert "examples of" in shop.ok("nlu", "export", pack, "--pack", shop.pack).out
    learned = read_training_data(shop.pack / "intents")
    assert set(exported(pack)) == {*learned.intents, "faq"}
    assert read_training_data(pack).examples[: len(learned.examples)] == learned.examples
    shop.ok("content", "apply", shop.pack)
    shop.ok("nlu", "export", content)
    assert exported(content) == exported(pack)


def test_an_export_that_changes_nothing_leaves_the_file_alone(shop: CommandShop) -> None:
    out = shop.folder / "out"
    shop.ok("nlu", "export", out, "--pack", shop.pack)
    before = (out / "nlu.yml").stat().st_mtime_ns
    assert "up to date" in shop.ok("nlu", "export", out, "--pack", shop.pack).out
    assert (out / "nlu.yml").stat().st_mtime_ns == before


def test_nothing_to_export_is_said(shop: CommandShop) -> None:
    assert "xiaoer migrate" in shop.refused("nlu", "export", shop.folder / "out")
    shop.ok("migrate")
    assert "content apply" in shop.refused("nlu", "export", shop.folder / "out")
    (shop.pack / "pack.yaml").unlink()
    assert "cannot be used" in shop.refused("nlu", "export", shop.folder / "out", "--pack", shop.pack)
