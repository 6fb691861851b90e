"""How do many conversations share one encoder without blocking the event loop?"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from nlu.bundled import BundledEncoder
from nlu.encoder import Encoder, Vectors

Vector = NDArray[np.float32]


def share(encoder: Encoder) -> AsyncEncoder:
    """One encoder for many conversations, asked in the way that suits it."""
    if isinstance(encoder, BundledEncoder):
        return AsyncEncoder(encoder, batch=1, threads=encoder.workers)
    return AsyncEncoder(encoder)


class AsyncEncoder:
    """Each of `threads` takes whatever waits, at most `batch` texts, and never waits for more.

    An encoder to which a text in a list costs what it costs alone is given one at a time: nobody then waits for the
    longer texts of others. A text that is being encoded is not encoded twice at once, and the vectors of the last
    `cache` distinct texts are kept (1.5 KB each at 384 dimensions).
    """

    def __init__(self, encoder: Encoder, *, batch: int = 16, threads: int = 1, cache: int = 4_096) -> None:
        self.encoder = encoder
        self._batch = batch
        self._threads = threads
        self._cache_size = cache
        self._cache: OrderedDict[str, Vector] = OrderedDict()
        self._waiting: OrderedDict[str, asyncio.Future[Vector]] = OrderedDict()
        self._pending: dict[str, asyncio.Future[Vector]] = {}
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="encoder")
        self._workers: list[asyncio.Task[None]] = []
        self._closed = False

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self.encoder.dim

    @property
    def fingerprint(self) -> str:
        """The encoder's."""
        return self.encoder.fingerprint

    async def encode_one(self, text: str) -> Vector:
        """Give the text's vector, shape [dim], read-only.

        Raises:
            RuntimeError: the encoder was closed. Whatever the encoder raised reaches every caller of that batch.
        """
        if self._closed:
            raise RuntimeError("the encoder is closed")
        if (known := self._cache.get(text)) is not None:
            self._cache.move_to_end(text)
            return known
        future = self._pending.get(text)
        if future is None:
            future = asyncio.get_running_loop().create_future()
            self._pending[text] = self._waiting[text] = future
            self._workers = [worker for worker in self._workers if not worker.done()]
            if len(self._workers) < self._threads:
                self._workers.append(asyncio.create_task(self._drain()))
        # a caller that gives up must not cancel the vector others wait for
        return await asyncio.shield(future)

    async def aclose(self) -> None:
        """Finish what is being encoded, refuse the rest, let the thread go."""
        self._closed = True
        _fail(list(self._waiting.values()), RuntimeError("the encoder was closed"))
        self._waiting.clear()
        await asyncio.gather(*self._workers)
        await asyncio.to_thread(self._pool.shutdown)
        self._pending.clear()

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            texts = list(self._waiting)[: self._batch]
            futures = [self._waiting.pop(text) for text in texts]
            try:
                vectors = await loop.run_in_executor(self._pool, self.encoder.encode, texts)
            except Exception as error:  # noqa: BLE001 - it belongs to the callers, and the next batch must go on
                _fail(futures, error)
            else:
                self._keep(texts, vectors, futures)
            for text in texts:
                self._pending.pop(text, None)

    def _keep(self, texts: Sequence[str], vectors: Vectors, futures: Sequence[asyncio.Future[Vector]]) -> None:
        for text, vector, future in zip(texts, vectors, futures, strict=True):
            kept = vector.copy()  # a row would keep its whole batch alive
            kept.flags.writeable = False
            self._cache[text] = kept
            if not future.done():
                future.set_result(kept)
        while len(self._cache) > self._cache_size:
            self._cache.popitem(last=False)


def _fail(futures: Sequence[asyncio.Future[Vector]], error: Exception) -> None:
    for future in futures:
        if not future.done():
            future.set_exception(error)
            future.exception()  # a caller may have given up: then nobody else looks
