"""Does any sentence-transformers model keep the encoder's contract, and do its vectors never outlive it?"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge_base import KnowledgeBase, Script
from nlu import (
    EncoderUnavailable,
    Example,
    RememberingEncoder,
    SentenceTransformersEncoder,
    TrainingData,
    convert_bundled,
    load_current,
    load_encoder,
    load_or_train,
)
from nlu.bundled_weights import open_bundled_weights
from nlu.encoder import Vectors
from tests.nlu.weights_file import HIDDEN, write_weights_file
from tests.switches import needs_sentence_transformers

pytestmark = [needs_sentence_transformers, pytest.mark.timeout(300)]


class Watched:
    """An encoder that notes what it was asked for."""

    def __init__(self, folder: Path) -> None:
        self._encoder = SentenceTransformersEncoder(str(folder))
        self.dim = self._encoder.dim
        self.fingerprint = self._encoder.fingerprint
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return self._encoder.encode(texts)


def other_weights(folder: Path) -> None:
    """Replace the model in the folder by one of the same shape."""
    write_weights_file(folder.parent / "other.bin", seed=1)
    shutil.rmtree(folder)
    convert_bundled(folder, weights=open_bundled_weights(folder.parent / "other.bin"))


def declare(folder: Path, **settings: object) -> None:
    (folder / "config_sentence_transformers.json").write_text(json.dumps(settings), encoding="utf-8")


# ── the contract ─────────────────────────────────────────────────────────────────────────────


def test_rows_are_normalised_float32_in_order(small_model: Path) -> None:
    encoder = load_encoder(f"sentence-transformers:{small_model}")
    texts = ["什么时候发货", "怎么退款", "有优惠券吗", "多少钱"] * 10
    rows = encoder.encode(texts)
    assert rows.shape == (40, encoder.dim) == (40, HIDDEN)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(40), abs=1e-5)
    assert np.array([encoder.encode([text])[0] for text in texts]) == pytest.approx(rows, abs=1e-5)
    assert encoder.encode([]).shape == (0, HIDDEN)


@pytest.mark.parametrize("text", ["", " ", "\0", "\ud800", "😀😀", "字" * 5_000, "<s></s><pad>"])
def test_any_string_has_a_vector(small_model: Path, text: str) -> None:
    assert np.isfinite(SentenceTransformersEncoder(str(small_model)).encode([text])).all()


# ── prompts ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("declared", "name", "prompt"),
    [
        ({"prompts": {"query": "query: ", "document": "passage: "}}, "model", "query: "),
        ({"prompts": {"query": "Query:", "document": "", "STS": "Same?"}}, "model", "Same?"),
        ({"prompts": {"query": "a", "clustering": "b"}, "default_prompt_name": "clustering"}, "model", "b"),
        ({"prompts": {"query": "", "document": ""}}, "model", ""),
        ({}, "bge-small-zh-v1.5", ""),
        ({}, "multilingual-e5-small", "query: "),
        ({}, "multilingual-e5-large-instruct", ""),
    ],
)
def test_the_prompt_is_the_model_s_own(
    small_model: Path, declared: dict[str, object], name: str, prompt: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = small_model.rename(small_model.with_name(name))
    declare(folder, **declared)
    encoder = SentenceTransformersEncoder(str(folder))
    assert encoder.prompt == prompt
    (folder / "config_sentence_transformers.json").unlink()
    plain = SentenceTransformersEncoder(str(folder.rename(folder.with_name("plain"))))
    assert plain.prompt == ""
    assert encoder.encode(["怎么退款"]) == pytest.approx(plain.encode([f"{prompt}怎么退款"]), abs=1e-5)
    assert encoder.fingerprint != plain.fingerprint


# ── the fingerprint ──────────────────────────────────────────────────────────────────────────


def test_the_fingerprint_follows_the_content_not_the_place(small_model: Path) -> None:
    before = SentenceTransformersEncoder(str(small_model)).fingerprint
    moved = small_model.rename(small_model.with_name("moved"))
    (moved / "README.md").write_text("about it", encoding="utf-8")
    (moved / "tuning.json").write_text("{}", encoding="utf-8")
    assert SentenceTransformersEncoder(str(moved)).fingerprint == before
    other_weights(moved)
    assert SentenceTransformersEncoder(str(moved)).fingerprint != before


SCRIPTS = [
    Script(
        id="ship",
        title="发货",
        category=("a",),
        stage="before",
        questions=("什么时候发货", "几天能到"),
        answers={"default": "两天"},
    ),
    Script(
        id="refund",
        title="退款",
        category=("a",),
        stage="before",
        questions=("怎么退款", "能退吗"),
        answers={"default": "点退款"},
    ),
]


async def test_neither_index_nor_remembered_vectors_outlive_the_model(small_model: Path, tmp_path: Path) -> None:
    """The same folder name, another model in it: every text is encoded again, and then never more."""

    async def start() -> tuple[Watched, KnowledgeBase]:
        watched = await asyncio.to_thread(Watched, small_model)
        encoder = await asyncio.to_thread(RememberingEncoder, watched, tmp_path / "vectors.npz")
        knowledge = KnowledgeBase(encode=encoder.encode, encoder=encoder.fingerprint, folder=tmp_path / "scripts")
        await knowledge.refresh(SCRIPTS)
        await asyncio.to_thread(encoder.save)
        return watched, knowledge

    texts = {text for script in SCRIPTS for text in script.questions}
    assert set((await start())[0].asked) >= texts
    assert (await start())[0].asked == []
    await asyncio.to_thread(other_weights, small_model)
    assert set((await start())[0].asked) >= texts
    assert (await start())[0].asked == []


def test_an_intent_model_does_not_outlive_the_encoder(small_model: Path, tmp_path: Path) -> None:
    data = TrainingData(
        tuple(Example(f"{text}{end}", name) for name, text in (("a", "发货"), ("b", "退款")) for end in "什么时候怎么")
    )
    load_or_train(tmp_path / "intents.npz", data, SentenceTransformersEncoder(str(small_model)))
    assert load_current(tmp_path / "intents.npz", data, SentenceTransformersEncoder(str(small_model))) is not None
    other_weights(small_model)
    assert load_current(tmp_path / "intents.npz", data, SentenceTransformersEncoder(str(small_model))) is None


# ── what is not there ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["/no/such/folder", "./no-such", "~/no/such", "models/mine/best"])
def test_a_missing_folder_is_named_without_asking_the_network(name: str) -> None:
    with pytest.raises(EncoderUnavailable, match="there is no folder"):
        SentenceTransformersEncoder(name)


@pytest.mark.parametrize("damage", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_damaged_model_is_named(small_model: Path, damage: str) -> None:
    (small_model / damage).write_bytes(b"\0 not what it was")
    with pytest.raises(EncoderUnavailable, match=str(small_model)):
        SentenceTransformersEncoder(str(small_model))


def test_a_hub_model_that_was_fetched_needs_no_network(small_model: Path, tmp_path: Path) -> None:
    cache = tmp_path / "hub"
    repository = cache / "models--shop--tiny"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs/main").write_text("0" * 40, encoding="utf-8")
    shutil.copytree(small_model, repository / "snapshots" / ("0" * 40))
    fetched = SentenceTransformersEncoder("shop/tiny", cache=cache)
    assert fetched.fingerprint == SentenceTransformersEncoder(str(small_model)).fingerprint
    assert SentenceTransformersEncoder(f"shop/tiny@{'0' * 40}", cache=cache).fingerprint == fetched.fingerprint
