"""Is as much left of the encoder as its narrowed layers promise, and do they belong to the weights beside them?"""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nlu import BundledEncoder
from nlu.bundled_weights import open_bundled_weights
from nlu.e5_layer import Dense, Norm, attended, gelu, layer_of
from nlu.e5_narrow import HEADS, NARROW_FILE, NEURONS, narrow_tensors
from nlu.encoder import EncoderUnavailable
from nlu.made_texts import made_texts
from nlu.narrowing import Moments, as_integers, embedded, in_integers, leave_out, moments, narrow
from tests.nlu.weights_file import HEADS as FEW_HEADS
from tests.nlu.weights_file import HIDDEN, INTERMEDIATE, LAYERS, write_weights_file

TEXTS = [
    "什么时候发货",
    "几天能到",
    "怎么退款",
    "优惠券多少钱",
    "订单怎么取消",
    "地址修改",
    "发票开什么",
    "换货运费谁出",
]


def _states(rows: int, columns: int, seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((1, rows, columns)).astype(np.float32)


def _error(columns: NDArray[np.float32], wanted: NDArray[np.float32], dense: Dense) -> float:
    return float(np.square(dense(columns) - wanted).mean())


# ── leaving out ──────────────────────────────────────────────────────────────────────────────


@given(seed=st.integers(0, 10_000), width=st.integers(2, 12), out=st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_with_everything_kept_the_weights_are_found_again(seed: int, width: int, out: int) -> None:
    states = _states(200, width, seed)
    true = Dense(_states(out, width, seed + 1)[0], _states(1, out, seed + 2)[0, 0])
    found = moments([states], [true(states)])
    left, dense = leave_out(found, np.arange(width)[:, None], keep=width, gain=np.ones(out, np.float32))
    assert list(left) == list(range(width))
    assert dense.weights == pytest.approx(true.weights, abs=0.02)
    assert dense.bias == pytest.approx(true.bias, abs=0.02)


@given(seed=st.integers(0, 10_000), width=st.integers(2, 8))
@settings(max_examples=40, deadline=None)
def test_what_others_say_as_well_is_left_out_without_a_loss(seed: int, width: int) -> None:
    some = _states(200, width, seed)
    twice = np.concatenate([some, some], axis=-1)
    wanted = Dense(_states(3, width, seed + 1)[0], np.zeros(3, np.float32))(some)
    left, dense = leave_out(
        moments([twice], [wanted]), np.arange(2 * width)[:, None], keep=width, gain=np.ones(3, np.float32)
    )
    assert sorted(number % width for number in left) == list(range(width))
    assert _error(twice[..., left], wanted, dense) < 1e-3 * float(np.square(wanted).mean())


@given(seed=st.integers(0, 10_000), keep=st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_what_is_kept_makes_up_for_what_is_not(seed: int, keep: int) -> None:
    states = _states(300, 12, seed) @ _states(12, 12, seed + 3)[0]  # columns that know of each other
    true = Dense(_states(4, 12, seed + 1)[0], np.zeros(4, np.float32))
    groups = np.arange(12).reshape(6, 2)
    left, dense = leave_out(moments([states], [true(states)]), groups, keep=keep, gain=np.ones(4, np.float32))
    columns = groups[left].ravel()
    cut_off = Dense(true.weights[:, columns], true.bias)
    assert len(left) == keep
    assert _error(states[..., columns], true(states), dense) <= _error(states[..., columns], true(states), cut_off)


def test_an_error_counts_as_much_as_its_part_of_the_state_is_made_of_it() -> None:
    two = _states(500, 2, 1)
    found = moments([two], [two])
    for weighty in (0, 1):
        gain = np.array([1.0, 0.1] if weighty == 0 else [0.1, 1.0], np.float32)
        assert list(leave_out(found, np.arange(2)[:, None], keep=1, gain=gain)[0]) == [weighty]


def test_batches_add_up() -> None:
    states, wanted = _states(60, 4, 1), _states(60, 3, 2)
    whole = moments([states], [wanted])
    parts = moments(np.split(states, 3, axis=1), np.split(wanted, 3, axis=1))
    assert isinstance(whole, Moments)
    assert parts.columns == pytest.approx(whole.columns, abs=1e-5)
    assert parts.wanted == pytest.approx(whole.wanted, abs=1e-5)


# ── rounding ─────────────────────────────────────────────────────────────────────────────────


@given(rows=st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=40))
@settings(max_examples=100, deadline=None)
def test_states_are_rounded_as_onnx_runtime_rounds_them(rows: Sequence[float]) -> None:
    states = np.array(rows, np.float32)[None, None]
    integers, scale, zero = _quantiser().run(None, {"states": states[0]})
    theirs = (integers.astype(np.float32) - float(zero)) * float(scale)
    assert as_integers(states)[0] == pytest.approx(theirs, abs=float(scale) * 1.01 if scale else 1e-6)


_QUANTISER: list[Any] = []


def _quantiser() -> Any:
    """A session that only rounds."""
    if not _QUANTISER:
        onnx: Any = pytest.importorskip("onnx", reason="needs the package onnx, an extra of development")
        helper, value = onnx.helper, onnx.helper.make_tensor_value_info
        node = helper.make_node("DynamicQuantizeLinear", ["states"], ["integers", "scale", "zero"])
        graph = helper.make_graph(
            [node],
            "rounding",
            [value("states", 1, [1, "n"])],
            [value("integers", 2, [1, "n"]), value("scale", 1, []), value("zero", 2, [])],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
        runtime: Any = importlib.import_module("onnxruntime")
        _QUANTISER.append(runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]))
    return _QUANTISER[0]


# ── a layer ──────────────────────────────────────────────────────────────────────────────────


def test_a_layer_that_keeps_everything_stays_what_it_was(tmp_path: Path) -> None:
    write_weights_file(tmp_path / "e5.bin")
    weights = open_bundled_weights(tmp_path / "e5.bin")
    whole = list(embedded(weights, TEXTS))
    ours = list(whole)
    for number in range(LAYERS):
        found = narrow(layer_of(weights, number), whole, ours, heads=FEW_HEADS, neurons=INTERMEDIATE)
        assert list(found.kept.heads) == list(range(FEW_HEADS))
        assert len(found.kept.neurons) == INTERMEDIATE
    assert all(_likeness(one, other) > 0.99 for one, other in zip(whole, ours, strict=True))


def test_a_narrowed_layer_is_nearer_than_one_cut_off(tmp_path: Path) -> None:
    write_weights_file(tmp_path / "e5.bin")
    weights = open_bundled_weights(tmp_path / "e5.bin")
    layer = layer_of(weights, 0)
    entering = list(embedded(weights, TEXTS))
    whole, ours = list(entering), list(entering)
    found = narrow(layer, whole, ours, heads=1, neurons=INTERMEDIATE // 2)
    assert [states.shape for states in ours] == [states.shape for states in entering]
    (head,), size = found.kept.heads, HIDDEN // FEW_HEADS
    of_head = slice(head * size, (head + 1) * size)
    cut = []
    for states in entering:
        told = attended(layer.parts(states), FEW_HEADS)[..., of_head] @ layer.told.weights[:, of_head].T
        middle = layer.middle(told + layer.told.bias + states)
        seen = gelu(layer.wide(middle))[..., found.kept.neurons]
        back = seen @ layer.narrow.weights[:, found.kept.neurons].T + layer.narrow.bias
        cut.append(layer.last(back + middle))
    assert _apart(ours, whole) < 0.7 * _apart(cut, whole)


def _likeness(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def _apart(some: Sequence[NDArray[np.float32]], others: Sequence[NDArray[np.float32]]) -> float:
    return sum(float(np.square(one - other).sum()) for one, other in zip(some, others, strict=True))


# ── what is shipped ──────────────────────────────────────────────────────────────────────────


def test_the_graph_computes_what_the_layers_say(bundled: BundledEncoder) -> None:
    weights = open_bundled_weights()
    tensors = narrow_tensors(weights)
    for text in ("什么时候发货", "我买的面霜怎么还没到"):
        (states,) = embedded(weights, [text])
        for number, heads in enumerate(HEADS):
            states = _layer(tensors, f"l{number}", states, heads, weights.dimensions.epsilon)
        vector = states[0].mean(axis=0)
        assert float(vector @ bundled.encode([text])[0] / np.linalg.norm(vector)) > 0.999


def _layer(
    tensors: dict[str, NDArray[Any]], name: str, states: NDArray[np.float32], heads: int, epsilon: float
) -> NDArray[np.float32]:
    """In numpy what the graph does, with the tensors it is given."""

    def multiplied(part: str, states: NDArray[np.float32]) -> NDArray[np.float32]:
        weights = tensors[f"{name}.{part}.w"].T * tensors[f"{name}.{part}.s"][:, None]
        return Dense(weights, tensors[f"{name}.{part}.b"])(as_integers(states))

    def normed(part: str, states: NDArray[np.float32]) -> NDArray[np.float32]:
        return Norm(tensors[f"{name}.{part}.w"], tensors[f"{name}.{part}.b"], epsilon)(states)

    told = multiplied("ao", attended(multiplied("qkv", states), heads))
    eased = normed("aln", told + states)
    back = multiplied("fo", gelu(multiplied("fi", eased)))
    return normed("oln", back + eased * tensors[f"{name}.ease"])


def test_every_layer_has_the_shape_the_graph_says() -> None:
    tensors = narrow_tensors(open_bundled_weights())
    for number, (heads, neurons) in enumerate(zip(HEADS, NEURONS, strict=True)):
        assert tensors[f"l{number}.qkv.w"].shape == (384, 3 * 32 * heads)
        assert tensors[f"l{number}.ao.w"].shape == (32 * heads, 384)
        assert tensors[f"l{number}.fi.w"].shape == (384, neurons)
        assert tensors[f"l{number}.fo.w"].shape == (neurons, 384)
        assert tensors[f"l{number}.ease"].min() >= 1


def test_other_weights_are_refused(tmp_path: Path) -> None:
    write_weights_file(tmp_path / "e5.bin")
    with pytest.raises(EncoderUnavailable, match="does not belong to these weights"):
        narrow_tensors(open_bundled_weights(tmp_path / "e5.bin"))


def test_another_making_is_another_encoder(bundled: BundledEncoder) -> None:
    assert bundled.fingerprint.endswith(f"{zlib.crc32(NARROW_FILE.read_bytes()):08x}")


def test_weights_are_told_apart_by_their_layers(tmp_path: Path) -> None:
    for name, seed in (("one", 0), ("same", 0), ("other", 1)):
        write_weights_file(tmp_path / name, seed=seed)
    one, same, other = (open_bundled_weights(tmp_path / name).checksum() for name in ("one", "same", "other"))
    assert one == same != other


def test_a_rounded_weight_is_off_by_half_a_step_at_most() -> None:
    dense = Dense(_states(5, 30, 3)[0], np.zeros(5, np.float32))
    steps = np.abs(dense.weights).max(axis=1, keepdims=True) / 64
    assert (np.abs(in_integers(dense).weights - dense.weights) <= steps / 2 * 1.001).all()


# ── the texts ────────────────────────────────────────────────────────────────────────────────


def test_made_texts_are_always_the_same_and_each_once() -> None:
    texts = made_texts(1_500)
    assert texts == made_texts(1_500)
    assert len(set(texts)) == 1_500
    assert all(text.strip() for text in texts)
    assert texts != made_texts(1_500, seed=1)
