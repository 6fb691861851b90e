"""Which heads and neurons can the bundled encoder do without, and which weights make up for them?

`python -m nlu.narrowing` writes `nlu/data/e5_small_narrow.npz` anew (a quarter of an hour on two cores). Layer by
layer, what leaves a head or a neuron is a column of a regression: those whose loss the others can make up for best are
left out (optimal brain surgeon, Hassibi and Stork 1993, for whole structures: Kurtic 2023), and the weights that lead
out of the kept ones are those that come nearest to the whole layer, least squares over made-up messages. What the
layers before got wrong is put right as far as this layer can, rounding to integers included. Nothing is trained.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.bundled_weights import BundledWeights, open_bundled_weights
from nlu.e5_layer import Dense, Floats, Layer, attended, embedding_norm, gelu, layer_of
from nlu.e5_narrow import HEADS, NARROW_FILE, NEURONS, Kept, integers, kept_neurons
from nlu.made_texts import made_texts
from nlu.stored_arrays import write_arrays
from nlu.unigram import Unigram

TEXTS = 20_000
_LONGEST = 64  # pieces of a message
_TOGETHER = 3_000  # pieces computed at once
_RIDGE = 1e-4  # of the mean square of the columns
_LARGEST = 4.0  # parts of the state beyond it are eased
_AT_ONCE = 40  # a fortieth of those left is left out between two looks at what each is worth
_log = logging.getLogger(__name__)

Doubles = NDArray[np.float64]
Numbers = NDArray[np.int64]
States = list[Floats]  # batches of texts of one length, [texts, pieces, hidden]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A narrowed layer. told, narrow: back into the hidden state, of the kept heads and the kept neurons."""

    kept: Kept
    told: Dense
    narrow: Dense


@dataclass(frozen=True, slots=True)
class Moments:
    """Means over all pieces: of the products of the columns, [n, n], the last of them 1, and with what is wanted."""

    columns: Doubles
    wanted: Doubles


def narrow(layer: Layer, whole: States, ours: States, *, heads: int, neurons: int) -> Narrowed:
    """Leave out all but so many, so that `ours` comes nearest to `whole`; both move on behind the layer, in place.

    whole: what enters the layer where nothing was left out so far. ours: what enters it where something was.
    """
    left_heads, told = _narrow_attention(layer, whole, ours, heads)
    ease = np.maximum(1, np.max([np.abs(states).max(axis=(0, 1)) for states in ours], axis=0) / _LARGEST)
    ease = np.asarray(ease, np.float32)
    left_neurons, back = _narrow_neurons(layer, whole, ours, neurons, ease)
    return Narrowed(Kept(left_heads, left_neurons, ease), told, back)


def _narrow_attention(layer: Layer, whole: States, ours: States, keep: int) -> tuple[Numbers, Dense]:
    """Both move on behind the first normalisation."""
    size = len(layer.told.weights) // layer.heads
    heads = np.arange(layer.heads * size).reshape(layer.heads, size)
    parts = in_integers(layer.parts)
    taken = [as_integers(attended(parts(states), layer.heads)) for states in ours]
    wanted = [layer.told(attended(layer.parts(states), layer.heads)) + states for states in whole]
    missing = (target - own for target, own in zip(wanted, ours, strict=True))
    kept, told = leave_out(moments(taken, missing), heads, keep=keep, gain=layer.middle.gain)
    columns, rounded = heads[kept].ravel(), in_integers(told)
    for number, (each, own) in enumerate(zip(taken, ours, strict=True)):
        ours[number] = layer.middle(rounded(each[..., columns]) + own)
        whole[number] = layer.middle(wanted[number])
    return kept, told


def _narrow_neurons(layer: Layer, whole: States, ours: States, keep: int, ease: Floats) -> tuple[Numbers, Dense]:
    """Both move on behind the second normalisation."""

    def seen(neurons: Numbers) -> Callable[[Floats], Floats]:
        wide = in_integers(kept_neurons(layer, neurons, ease))
        return lambda states: as_integers(gelu(wide(as_integers(states / ease))))

    every = np.arange(len(layer.wide.bias))
    wanted = (layer.narrow(gelu(layer.wide(states))) + states for states in whole)
    missing = (target - own for target, own in zip(wanted, ours, strict=True))
    kept, back = leave_out(moments(map(seen(every), ours), missing), every[:, None], keep=keep, gain=layer.last.gain)
    see, rounded = seen(kept), in_integers(back)
    for number, states in enumerate(ours):
        ours[number] = layer.last(rounded(see(states)) + states)
        whole[number] = layer.last(layer.narrow(gelu(layer.wide(whole[number]))) + whole[number])
    return kept, back


def moments(columns: Iterable[Floats], wanted: Iterable[Floats]) -> Moments:
    """All that least squares ask of columns [texts, pieces, n] and of what they shall give, [texts, pieces, hidden]."""
    products: Doubles | float = 0.0
    shared: Doubles | float = 0.0
    pieces = 0
    for each, target in zip(columns, wanted, strict=True):
        rows = each.reshape(-1, each.shape[-1])
        rows = np.concatenate([rows, np.ones((len(rows), 1), np.float32)], axis=1)
        products = products + (rows.T @ rows).astype(np.float64)
        shared = shared + (rows.T @ target.reshape(len(rows), -1)).astype(np.float64)
        pieces += len(rows)
    return Moments(np.asarray(products / pieces), np.asarray(shared / pieces))


def leave_out(found: Moments, groups: Numbers, *, keep: int, gain: Floats) -> tuple[Numbers, Dense]:
    """Leave out groups of columns, [groups, size], until so many are kept, the least missed first.

    gain: [hidden], what an error in each part counts. Returns the numbers of the kept groups and the weights from
    their columns, [hidden, columns], that come nearest, with their bias.
    """
    count = len(found.columns) - 1
    ridged = found.columns + np.diag([*np.full(count, _RIDGE * np.diag(found.columns)[:count].mean()), 0.0])
    inverse = np.asarray(np.linalg.inv(ridged), np.float64)
    solved: Doubles = inverse @ found.wanted * gain
    left = np.arange(len(groups))
    while len(left) > keep:
        loss = _losses(inverse, solved, groups[left])
        worst = np.argsort(loss, kind="stable")[: min(len(left) - keep, max(1, len(left) // _AT_ONCE))]
        gone = groups[left[worst]].ravel()
        change = np.linalg.solve(inverse[np.ix_(gone, gone)], inverse[gone]).T
        solved -= change @ solved[gone]
        inverse -= change @ inverse[gone]
        left = np.delete(left, worst)
    columns = np.append(groups[left].ravel(), count)
    nearest = np.linalg.solve(ridged[np.ix_(columns, columns)], found.wanted[columns]).astype(np.float32)
    return left, Dense(np.ascontiguousarray(nearest[:-1].T), nearest[-1])


def _losses(inverse: Doubles, solved: Doubles, groups: Numbers) -> Doubles:
    """By how much the squared error grows without each of these groups, the others having made up for it."""
    blocks = inverse[groups[:, :, None], groups[:, None, :]]
    own = solved[groups]
    return np.asarray((own * np.linalg.solve(blocks, own)).sum(axis=(1, 2)))


def as_integers(states: Floats) -> Floats:
    """What is left of them in 8 bits, one scale a text: as ONNX's DynamicQuantizeLinear rounds."""
    low = np.minimum(states.min(axis=(1, 2), keepdims=True), 0)
    high = np.maximum(states.max(axis=(1, 2), keepdims=True), 0)
    scale = np.maximum((high - low) / np.float32(255), np.finfo(np.float32).tiny)
    zero = np.rint(-low / scale)
    return np.asarray((np.clip(np.rint(states / scale) + zero, 0, 255) - zero) * scale, np.float32)


def in_integers(dense: Dense) -> Dense:
    """The same with its weights rounded as they will be."""
    whole, scales = integers(dense.weights)
    return Dense(whole * scales[:, None], dense.bias)


def embedded(weights: BundledWeights, texts: Sequence[str]) -> Iterator[Floats]:
    """Batches of texts of one length in pieces, as they enter the first layer."""
    pieces, norm = Unigram(weights.tokens), embedding_norm(weights)
    hidden = weights.dimensions.hidden
    by_length: dict[int, list[list[int]]] = {}
    for text in texts:
        split = list(pieces.encode(text))[:_LONGEST]
        by_length.setdefault(len(split), []).append(split)
    for length, several in sorted(by_length.items()):
        places = weights.rows("emb.pos", hidden, 0, length) + weights.rows("emb.type", hidden, 0, 1)
        step = max(1, _TOGETHER // length)
        for start in range(0, len(several), step):
            numbers = np.array(several[start : start + step])
            words = weights.picked("emb.word", hidden, numbers.ravel().tolist()).reshape(*numbers.shape, hidden)
            yield norm(words + places)


def main() -> None:
    """Narrow every layer and write the file."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    weights = open_bundled_weights()
    whole = list(embedded(weights, made_texts(TEXTS)))
    ours = list(whole)
    arrays: dict[str, NDArray[np.generic]] = {}
    for number, (heads, neurons) in enumerate(zip(HEADS, NEURONS, strict=True)):
        found = narrow(layer_of(weights, number), whole, ours, heads=heads, neurons=neurons)
        name = f"l{number}"
        arrays |= {
            f"{name}.heads": found.kept.heads.astype(np.int16),
            f"{name}.neurons": found.kept.neurons.astype(np.int16),
        }
        arrays[f"{name}.ease"] = found.kept.ease
        for part, dense in (("ao", found.told), ("fo", found.narrow)):
            arrays |= dict(zip((f"{name}.{part}.w", f"{name}.{part}.s"), integers(dense.weights), strict=True))
            arrays[f"{name}.{part}.b"] = dense.bias
        _log.info("layer %d: %.4f of its variance lost", number, _lost(whole, ours))
    write_arrays(NARROW_FILE, {"checksum": weights.checksum(), "texts": TEXTS}, arrays)


def _lost(whole: States, ours: States) -> float:
    """The squared error over the variance of the state."""
    wanted = np.concatenate([states.reshape(-1, states.shape[-1]) for states in whole])
    error = sum(float(np.square(one - other).sum()) for one, other in zip(whole, ours, strict=True))
    return error / float(np.square(wanted - wanted.mean(axis=0)).sum())


if __name__ == "__main__":
    main()
