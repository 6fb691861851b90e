"""Is the bundled encoder's file read as it is, and written as others read it?"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nlu import EncoderUnavailable, SentenceTransformersEncoder, convert_bundled
from nlu.bundled_weights import open_bundled_weights
from nlu.tensor_file import TensorPlan, write_tensors
from tests.nlu.weights_file import HIDDEN, INTERMEDIATE, LAYERS, write_weights_file
from tests.switches import needs_sentence_transformers

VARIED = (
    "什么时候发货",
    "我要退款！！！",
    "订单号 12345678901 怎么还没到",
    "好的～谢谢亲😊",
    "ＡＢＣ１２３　全角",
    "iPhone15 pro max 有货吗",
    "这个面膜敏感肌可以用吗？会不会过敏",
    "",
    "  空格  多个   ",
    "繁體字：請問什麼時候發貨",
    "Is it suitable for sensitive skin? I'd like to buy two.",
    "退款" * 60,
    "❤️☎️™①",
    "第一行\n第二行\t第三",
    "SK-II神仙水230ml多少钱",
    "“双十一”活动…几号开始——结束？",
    "1+1=2，50%折扣，￥99.9",
    "の商品",
)
FOREIGN = ("Où est ma commande ?", "Где мой заказ?", "언제 배송되나요", "¿Cuánto cuesta el envío?")


def tensors_in(file: Path) -> dict[str, np.ndarray]:
    """Read as the safetensors format says."""
    raw = file.read_bytes()
    (length,) = struct.unpack_from("<Q", raw)
    header = json.loads(raw[8 : 8 + length])
    kinds = {"F32": "<f4", "F16": "<f2"}
    header.pop("__metadata__")
    return {
        name: np.frombuffer(raw[8 + length :][slice(*about["data_offsets"])], kinds[about["dtype"]]).reshape(
            about["shape"]
        )
        for name, about in header.items()
    }


def test_four_bit_blocks_are_read_as_the_engine_reads_them(tmp_path: Path) -> None:
    write_weights_file(tmp_path / "e5.bin")
    weights = open_bundled_weights(tmp_path / "e5.bin")
    tensor = weights.tensors["l1.fo.w"]
    raw = (tmp_path / "e5.bin").read_bytes()[tensor.offset :]
    scale = float(np.frombuffer(raw[:2], "<f2")[0])
    one_by_one = [((raw[2 + j % 16] >> (4 * (j // 16))) & 15) - 8 for j in range(32)]
    rows = weights.rows("l1.fo.w", INTERMEDIATE)
    assert rows.shape == (HIDDEN, INTERMEDIATE)
    assert rows[0, :32] == pytest.approx(np.array(one_by_one) * scale)
    assert np.array_equal(weights.rows("l1.fo.w", INTERMEDIATE, 3, 7), rows[3:7])


def test_the_wheel_holds_what_is_known_of_it() -> None:
    weights = open_bundled_weights()
    sizes = weights.dimensions
    assert (sizes.hidden, sizes.layers, sizes.heads, sizes.intermediate, sizes.positions) == (384, 12, 12, 1536, 512)
    assert len(weights.tokens.pieces) == 250_002
    assert weights.tokens.pieces[:4] == ("<s>", "<pad>", "</s>", "<unk>")
    assert "什么时候" in weights.tokens.pieces
    assert weights.rows("emb.word", 384, 5, 7).std() == pytest.approx(0.04, abs=0.03)


@pytest.mark.parametrize("half", [False, True])
def test_the_folder_is_whole(tmp_path: Path, half: bool) -> None:  # noqa: FBT001
    pieces = write_weights_file(tmp_path / "e5.bin")
    weights = open_bundled_weights(tmp_path / "e5.bin")
    converted = convert_bundled(tmp_path / "model", half=half, weights=weights)
    stored = tensors_in(tmp_path / "model/model.safetensors")
    assert converted.pieces == len(pieces) == json.loads((tmp_path / "model/config.json").read_text())["vocab_size"]
    assert len(stored) == 5 + 16 * LAYERS + 2
    assert {rows.dtype for rows in stored.values()} == {np.dtype("f2" if half else "f4")}
    assert stored["embeddings.word_embeddings.weight"] == pytest.approx(weights.rows("emb.word", HIDDEN), abs=1e-3)
    assert stored["encoder.layer.1.output.dense.weight"].shape == (HIDDEN, INTERMEDIATE)
    assert stored["encoder.layer.0.intermediate.dense.bias"].shape == (INTERMEDIATE,)


def test_trimming_leaves_out_other_scripts_only(tmp_path: Path) -> None:
    pieces = write_weights_file(tmp_path / "e5.bin")
    weights = open_bundled_weights(tmp_path / "e5.bin")
    convert_bundled(tmp_path / "model", trim=True, weights=weights)
    vocabulary = json.loads((tmp_path / "model/tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    kept = [piece for piece, _ in vocabulary]
    assert kept == [piece for piece in pieces if piece != "é"]
    stored = tensors_in(tmp_path / "model/model.safetensors")["embeddings.word_embeddings.weight"]
    rows = weights.rows("emb.word", HIDDEN)
    assert np.array_equal(stored, rows[[number for number, piece in enumerate(pieces) if piece != "é"]])


@pytest.mark.parametrize("content", [b"", b"E5S1", b"GGUF" + bytes(100), b"E5S1\2\0\0\0" + bytes(100)])
def test_another_format_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "e5.bin"
    file.write_bytes(content)
    with pytest.raises(EncoderUnavailable, match=r"e5\.bin"):
        open_bundled_weights(file)


def test_a_torn_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "e5.bin"
    write_weights_file(file)
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(EncoderUnavailable, match="ends before"):
        open_bundled_weights(file)


def test_a_tensor_of_another_shape_is_not_written(tmp_path: Path) -> None:
    plan = TensorPlan("short", (2, 3), lambda: [np.zeros((1, 3), np.float32)])
    with pytest.raises(ValueError, match="short"):
        write_tensors(tmp_path / "file", [plan], half=False)


@needs_sentence_transformers
@pytest.mark.timeout(300)
def test_the_trimmed_model_gives_the_engines_vectors(trimmed_model: Path, engine: Any) -> None:
    ours = SentenceTransformersEncoder(str(trimmed_model))
    cosines = (ours.encode(VARIED) * engine.query(list(VARIED))).sum(axis=1)
    assert dict(zip(VARIED, cosines, strict=True)) == {text: pytest.approx(1, abs=0.01) for text in VARIED}


@needs_sentence_transformers
@pytest.mark.timeout(300)
def test_the_whole_model_gives_the_engines_vectors_in_other_scripts_too(tmp_path: Path, engine: Any) -> None:
    convert_bundled(tmp_path / "model", half=True)
    ours = SentenceTransformersEncoder(str(tmp_path / "model"))
    cosines = (ours.encode(VARIED + FOREIGN) * engine.query([*VARIED, *FOREIGN])).sum(axis=1)
    assert cosines.min() > 0.99
