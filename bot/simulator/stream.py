"""How do open pages learn that something changed? Server-sent events that only name what to read again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

QUEUE = 256


class Stream:
    """Fans small change notices out to the open pages; costs nothing while none is open."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[str]] = set()

    def publish(self, change: Mapping[str, object]) -> None:
        """Tell every open page. A page too slow to read loses notices; it reads all again on the next one."""
        if not self._listeners:
            return
        text = json.dumps(change, ensure_ascii=False)
        for listener in self._listeners:
            if not listener.full():
                listener.put_nowait(text)

    def open(self) -> asyncio.Queue[str]:
        """Start listening; give the queue back with `close`."""
        queue: asyncio.Queue[str] = asyncio.Queue(QUEUE)
        self._listeners.add(queue)
        return queue

    def close(self, queue: asyncio.Queue[str]) -> None:
        """Stop listening."""
        self._listeners.discard(queue)
