"""Do concurrent conversations share the encoder fairly, once a text, and off the loop?"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence

import numpy as np
import pytest
from typing_extensions import override

from nlu import AsyncEncoder
from nlu.encoder import Vectors


class Gate:
    """An encoder that records its batches and waits at a gate before each."""

    dim = 2
    fingerprint = "gate"

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.threads: set[int] = set()
        self.open = threading.Event()
        self.open.set()
        self.broken = False

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.open.wait(10)
        self.batches.append(list(texts))
        self.threads.add(threading.get_ident())
        if self.broken:
            raise OSError("engine gone")
        return np.array([[len(text), 1] for text in texts], dtype=np.float32)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
async def shared(gate: Gate) -> AsyncIterator[AsyncEncoder]:
    encoder = AsyncEncoder(gate, batch=3, cache=4)
    yield encoder
    gate.open.set()
    await encoder.aclose()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_waits_goes_in_one_batch_off_the_loop(gate: Gate, shared: AsyncEncoder) -> None:
    gate.open.clear()
    first = asyncio.create_task(shared.encode_one("a"))
    await settle()
    rest = [asyncio.create_task(shared.encode_one(text)) for text in ("bb", "ccc", "dddd", "bb")]
    await settle()
    gate.open.set()
    vectors = await asyncio.gather(first, *rest)
    assert gate.batches == [["a"], ["bb", "ccc", "dddd"]]
    assert [vector[0] for vector in vectors] == [1, 2, 3, 4, 2]
    assert threading.get_ident() not in gate.threads
    assert len(gate.threads) == 1


async def test_no_text_waits_for_a_longer_one_while_a_thread_is_free() -> None:
    class Long(Gate):
        @override
        def encode(self, texts: Sequence[str]) -> Vectors:
            if texts != ["long"]:
                self.batches.append(list(texts))
                return np.ones((1, 2), dtype=np.float32)
            return super().encode(texts)

    gate = Long()
    encoder = AsyncEncoder(gate, batch=1, threads=2)
    gate.open.clear()
    long = asyncio.create_task(encoder.encode_one("long"))
    await settle()
    await asyncio.gather(*(encoder.encode_one(text) for text in "abc"))
    assert not long.done()
    gate.open.set()
    await long
    assert gate.batches == [["a"], ["b"], ["c"], ["long"]]
    await encoder.aclose()


async def test_recent_texts_are_kept_and_old_ones_dropped(gate: Gate, shared: AsyncEncoder) -> None:
    for text in ("a", "b", "c", "d", "a", "e", "a", "b"):
        await shared.encode_one(text)
    assert [batch[0] for batch in gate.batches] == ["a", "b", "c", "d", "e", "b"]


async def test_a_caller_that_gives_up_takes_nothing_from_the_others(gate: Gate, shared: AsyncEncoder) -> None:
    gate.open.clear()
    impatient = asyncio.create_task(shared.encode_one("a"))
    patient = asyncio.create_task(shared.encode_one("a"))
    await settle()
    impatient.cancel()
    gate.open.set()
    assert (await patient)[0] == 1
    with pytest.raises(asyncio.CancelledError):
        await impatient


async def test_a_failing_engine_reaches_the_callers_and_is_tried_again(gate: Gate, shared: AsyncEncoder) -> None:
    gate.broken = True
    for _ in range(2):
        with pytest.raises(OSError, match="engine gone"):
            await shared.encode_one("a")
    gate.broken = False
    assert (await shared.encode_one("a"))[0] == 1


async def test_vectors_cannot_be_changed(shared: AsyncEncoder) -> None:
    vector = await shared.encode_one("a")
    with pytest.raises(ValueError, match="read-only"):
        vector[0] = 9


async def test_closing_refuses_what_waits(gate: Gate) -> None:
    encoder = AsyncEncoder(gate, batch=1)
    gate.open.clear()
    running, waiting = (asyncio.create_task(encoder.encode_one(text)) for text in ("a", "b"))
    await settle()
    closing = asyncio.create_task(encoder.aclose())
    await settle()
    gate.open.set()
    await closing
    assert (await running)[0] == 1
    with pytest.raises(RuntimeError, match="closed"):
        await waiting
    with pytest.raises(RuntimeError, match="closed"):
        await encoder.encode_one("c")
