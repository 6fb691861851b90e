"""How does any sentence-transformers model become our encoder, and when is it another one?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from nlu.encoder import EncoderUnavailable, Vectors, normalised, printable
from nlu.optional_encoders import import_extra

EXTRA = "sentence-transformers"
REPORT = "tuning.json"  # what `nlu.tuning` leaves beside a model; says nothing about its vectors
THREADS = 1  # measured on two busy cores: one text 19 ms with one thread, 190 ms with two that wait for each other
_BATCH = 32
# What a model declares for comparing like with like, best first: both our sides are what customers ask.
_PROMPTS = ("sts", "similarity", "query")
_UNDECLARED = re.compile(r"(?:^|[/_-])e5[-_](?!.*instruct)", re.IGNORECASE)  # E5 wants it and does not declare it
_E5_PROMPT = "query: "
_UNUSED = ("onnx/*", "openvino/*", "*.onnx", "*.h5", "*.msgpack", "*.ot", "*.gguf")
_CONTENT = frozenset({".json", ".txt", ".model", ".py", ".safetensors", ".bin"})


class SentenceTransformersEncoder:
    """Any sentence-transformers model, by folder or hub name (`name` or `name@revision`).

    A hub model is fetched once; later starts take what was fetched and need no network, so vectors do not change
    overnight. torch runs on one thread in this process, calls one after the other.
    """

    def __init__(self, path_or_name: str, *, cache: Path | None = None) -> None:
        """Load the model.

        cache: where hub models are kept, instead of where the library keeps them.

        Raises:
            EncoderUnavailable: the extra is missing, there is no such model, or it cannot be fetched or read.
        """
        folder = find_model(path_or_name, cache)
        self._model: Any = load_model(folder)
        self._lock = Lock()
        self._dim = int(self._model.get_embedding_dimension())
        self._prompt = prompt_of(self._model, path_or_name)
        self._fingerprint = f"{EXTRA}/{content_of(folder)}/{self._dim}/{self._prompt!r}"

    @property
    def dim(self) -> int:
        """As the model says."""
        return self._dim

    @property
    def prompt(self) -> str:
        """What is written before every text."""
        return self._prompt

    @property
    def fingerprint(self) -> str:
        """Content of the model's folder, dimension, prompt: it holds when the folder moves, not when it is tuned."""
        return self._fingerprint

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode one list in the library's own batches."""
        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        with self._lock:
            vectors = self._model.encode(
                [printable(text) for text in texts], prompt=self._prompt, batch_size=_BATCH, show_progress_bar=False
            )
        return normalised(np.asarray(vectors, dtype=np.float32))


def load_model(folder: Path) -> Any:
    """The SentenceTransformer in a folder, on the CPU, in float32.

    Raises:
        EncoderUnavailable: the extra is missing, or the folder holds no model.
    """
    package = import_extra("sentence_transformers", EXTRA)
    import_extra("transformers.utils.logging", EXTRA).disable_progress_bar()
    import_extra("torch", EXTRA).set_num_threads(THREADS)
    try:
        return package.SentenceTransformer(
            str(folder), device="cpu", local_files_only=True, model_kwargs={"dtype": "float32"}
        )
    except Exception as error:  # foreign code over foreign files: anything may be missing or damaged
        raise EncoderUnavailable(
            f"{folder} holds no model that sentence-transformers can load ({_first_line(error)}); "
            "name the folder of a whole model"
        ) from error


def prompt_of(model: Any, path_or_name: str) -> str:
    """What the model wants before a question that is compared with questions.

    What it declares as its default, else for similarity, else for queries (Qwen3, the converted bundled model); E5
    models wait for "query: " without declaring it; others, such as bge-zh, want an instruction only before
    questions that are compared with documents: none.
    """
    declared: Mapping[str, str] = {name.lower(): text for name, text in (model.prompts or {}).items()}
    wanted = [model.default_prompt_name.lower()] if model.default_prompt_name else _PROMPTS
    for name in wanted:
        if name in declared and (declared[name] or model.default_prompt_name):
            return declared[name]
    return _E5_PROMPT if _UNDECLARED.search(path_or_name.rstrip("/")) else ""


def content_of(folder: Path) -> str:
    """Fingerprint of what decides the vectors: settings, tokenizer, weights; 0.2 s for 200 MB."""
    digest = hashlib.sha256()
    for file in sorted(file for file in folder.rglob("*") if file.is_file() and file.suffix in _CONTENT):
        if file.name == REPORT or (file.suffix == ".bin" and file.with_name("model.safetensors").exists()):
            continue
        digest.update(f"{file.relative_to(folder).as_posix()}\0".encode())
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:32]


def find_model(path_or_name: str, cache: Path | None = None) -> Path:
    """The folder in which a model lies; fetched from the hub where it was not yet.

    Raises:
        EncoderUnavailable: there is no such folder, or the model cannot be fetched.
    """
    path = Path(path_or_name).expanduser()
    if path.is_dir():
        return path
    if path.is_absolute() or path_or_name.startswith((".", "~")) or path_or_name.count("/") > 1:
        raise EncoderUnavailable(f"there is no folder {path}; name the folder of a sentence-transformers model")
    hub = import_extra("huggingface_hub", EXTRA)
    name, _, revision = path_or_name.partition("@")
    wanted = {"repo_id": name, "revision": revision or None, "cache_dir": cache, "ignore_patterns": list(_UNUSED)}
    try:
        return Path(hub.snapshot_download(**wanted, local_files_only=True))
    except Exception as absent:  # noqa: BLE001 - whatever the reason: then it is to be fetched
        try:
            return Path(hub.snapshot_download(**wanted))
        except Exception as error:  # noqa: BLE001 - no network, no such name, no room: the message says which
            raise EncoderUnavailable(
                f"there is no folder {path_or_name!r} here, and no model of that name could be fetched "
                f"({_first_line(error)}); fetch it on a machine that reaches the hub and name the folder"
            ) from absent


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
