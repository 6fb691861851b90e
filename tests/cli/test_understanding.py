"""Are intents trained, asked and measured from the command line as documented?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.shop import CommandShop

TEXT = "请转人工客服，13812345678"


def check_shape(parsed: dict[str, Any]) -> None:
    """Rasa's, and the mood."""
    assert parsed.keys() == {"text", "intent", "entities", "intent_ranking", "mood"}
    assert parsed["intent"] == parsed["intent_ranking"][0]
    assert parsed["intent"]["name"] == "ask_human"
    assert parsed["entities"] == [{"entity": "phone", "start": 7, "end": 18, "value": "13812345678", "role": "mobile"}]
    assert parsed["text"][7:18] == "13812345678"
    assert parsed["mood"].keys() == {"sentiment", "urgency"}


def test_a_model_is_trained_and_asked(shop: CommandShop) -> None:
    model = shop.folder / "intents.npz"
    assert "2 intents from 16 examples" in shop.ok("nlu", "train", shop.pack, "--out", model).out
    check_shape(shop.ok("nlu", "parse", TEXT, "--model", model, "--json").json)
    assert "phone: 13812345678" in shop.ok("nlu", "parse", TEXT, "--model", model).out
    assert "train again" in shop.refused("nlu", "parse", TEXT, "--model", shop.config)
    assert not shop.database.exists()


def test_without_a_model_the_shop_s_own_understanding_is_asked(trained_shop: CommandShop) -> None:
    parsed = trained_shop.ok("nlu", "parse", TEXT, "--json").json
    check_shape(parsed)
    assert "faq" in {each["name"] for each in parsed["intent_ranking"]}


def test_intents_are_measured(shop: CommandShop) -> None:
    test = shop.folder / "test.jsonl"
    asked = [("我要转人工客服", "ask_human"), ("你好", "greet"), ("今天天气怎么样", "oos"), ("讲个笑话", "weather")]
    lines = [json.dumps({"sentence": text, "label": label}, ensure_ascii=False) for text, label in asked]
    test.write_text("\n".join(lines), encoding="utf-8")
    scores = shop.ok("nlu", "eval", "--train", shop.pack / "intents", "--test", test, "--json").json
    assert scores.keys() == {"accuracy", "macro_f1", "oos_auroc", "ms_per_text", "n"}
    assert (scores["accuracy"], scores["macro_f1"], scores["oos_auroc"], scores["n"]) == (1, 1, 1, 4)


@pytest.mark.parametrize("line", ['{"sentence": "好"}', "[1]", "nonsense", '{"sentence": 1, "label": "a"}'])
def test_a_wrong_line_is_named(shop: CommandShop, line: str) -> None:
    test = shop.folder / "test.jsonl"
    test.write_text(f'{{"sentence": "你好", "label": "greet"}}\n{line}\n', encoding="utf-8")
    assert f"{test}:2: " in shop.refused("nlu", "eval", "--train", shop.pack / "intents", "--test", test)


def test_a_missing_file_is_named(shop: CommandShop) -> None:
    nowhere = shop.folder / "nowhere"
    assert f"{nowhere}: no such file" in shop.refused("nlu", "train", nowhere, "--out", shop.folder / "m.npz")
