"""Which encoders do the journeys put at our boundary? The real one, with something happening around it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from typing_extensions import override

from nlu import Encoder
from nlu.encoder import Vectors


class Around:
    """The real encoder underneath; what it knows of itself is the same, so that trained models fit."""

    def __init__(self, real: Encoder) -> None:
        self._real = real

    @property
    def dim(self) -> int:
        return self._real.dim

    @property
    def fingerprint(self) -> str:
        return self._real.fingerprint

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.before()
        return self._real.encode(texts)

    def before(self) -> None:
        """What happens before it encodes, in its thread."""


class Interrupted(Around):
    """While it thinks about the next text, `meanwhile` happens, once, in the loop of the test."""

    def __init__(self, real: Encoder) -> None:
        super().__init__(real)
        self.loop = asyncio.get_running_loop()
        self.meanwhile: Callable[[], Coroutine[Any, Any, None]] | None = None

    @override
    def before(self) -> None:
        act, self.meanwhile = self.meanwhile, None
        if act is not None:
            asyncio.run_coroutine_threadsafe(act(), self.loop).result()


class Broken(Around):
    """It raises from the moment on that it is `broken`."""

    broken = False

    @override
    def before(self) -> None:
        if self.broken:
            raise RuntimeError("out of memory")


class Stuck(Around):
    """From the moment on that it is `stuck` it does not come back until it is `freed`."""

    def __init__(self, real: Encoder) -> None:
        super().__init__(real)
        self.stuck = False
        self.freed = threading.Event()

    @override
    def before(self) -> None:
        if self.stuck:
            self.freed.wait()
