"""Are models converted, tuned and used from the command line as documented?"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.cli.shop import CommandShop
from tests.nlu.questions import QUESTIONS
from tests.switches import needs_sentence_transformers


def write_faq(file: Path, groups: tuple[tuple[str, ...], ...]) -> Path:
    entries = [
        {"post": post, "similarQuestions": similar, "replies": [{"rtype": "plain", "content": "好"}]}
        for post, *similar in groups
    ]
    file.write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")
    return file


def test_no_folder_is_overwritten(shop: CommandShop) -> None:
    assert "is there already" in shop.refused("nlu", "convert", shop.folder)
    assert "is there already" in shop.refused("kb", "tune", "--out", shop.folder)
    assert "no such folder" in shop.refused("nlu", "convert", shop.folder / "nowhere" / "model")


def test_too_few_questions_are_refused_with_what_to_do(shop: CommandShop) -> None:
    faq = write_faq(shop.folder / "faq.json", QUESTIONS[:5])
    error = shop.refused("kb", "tune", "--out", shop.folder / "model", "--faq", faq)
    assert "5 scripts have two questions of their own" in error
    assert "--faq FILE" in error
    shop.ok("content", "apply", shop.pack)
    assert "2 scripts" in shop.refused("kb", "tune", "--out", shop.folder / "model")


@pytest.mark.skipif(find_spec("sentence_transformers") is not None, reason="sentence-transformers is installed here")
def test_a_missing_extra_is_named(shop: CommandShop) -> None:
    faq = write_faq(shop.folder / "faq.json", QUESTIONS)
    error = shop.refused("kb", "tune", "--out", shop.folder / "model", "--faq", faq)
    assert "pip install -e '.[sentence-transformers]'" in error


@needs_sentence_transformers
@pytest.mark.timeout(400)
def test_a_converted_model_is_used_and_tuned(shop: CommandShop) -> None:
    faq = write_faq(shop.folder / "faq.json", QUESTIONS)
    model, tuned = shop.folder / "model", shop.folder / "tuned"
    bundled = shop.ok("kb", "eval", "--faq", faq, "--json").json
    assert f"sentence-transformers:{model}" in shop.ok("nlu", "convert", model, "--half", "--trim").out
    shop.open(f'[nlu]\nencoder = "sentence-transformers:{model}"\n')
    converted = shop.ok("kb", "eval", "--faq", faq, "--json").json
    assert converted["recall_at_1"] == pytest.approx(bundled["recall_at_1"], abs=0.03)
    assert "SentenceTransformersEncoder" in shop.run("doctor").out
    ran = shop.run("kb", "tune", "--out", tuned, "--model", model, "--faq", faq, "--epochs", "1", "--json")
    assert (ran.code == 0) == ran.json["kept"] == tuned.is_dir()
    assert ran.json["before"].keys() == {"recall_at_1", "recall_at_3", "recall_at_10", "mrr", "n"}
    assert ran.json["groups"] == len(QUESTIONS) == ran.json["learned"] + ran.json["asked"]
    assert ("was not kept" if ran.code else f"sentence-transformers:{tuned}") in ran.err
