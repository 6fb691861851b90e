"""How is the library used as if it could not crash? Its process is restarted, and each message is given two lives."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

from archive.finance.errors import AnswerTooLarge, ChildDied, LibraryUnusable, SdkRefused
from archive.finance.exchange import FileChunk, NotOpened, SdkAccess, SdkLimits, Sealed
from archive.finance.process import Child, Reply

LIVES = 2  # a message at which the process died so often is put aside
CALL_SLACK_S = 10.0  # beyond the library's own time-out, before it counts as hanging
BATCH_BYTES = 8 * 1024 * 1024  # of ciphertext a request: what is sent again after a death stays small


async def nothing_to_renew() -> None:
    """What is done between two messages where nobody waits for us."""


class FinanceSdk:
    """The library for one corp, in one long-lived process of its own (§5.2: sharing it has crashed others).

    Tasks take turns. died: told how the process ended, each time it does.
    """

    def __init__(
        self,
        access: SdkAccess,
        limits: SdkLimits,
        *,
        sleep: Callable[[float], Awaitable[object]],
        died: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._access = access
        self._limits = limits
        self._sleep = sleep
        self._died = died
        self._child: Child | None = None
        self._deaths = 0  # in a row
        self._turn = asyncio.Lock()

    async def ready(self) -> None:
        """Start the process and the library (xiaoer doctor). Raises FinanceError."""
        async with self._turn:
            await self._started()

    async def chat(self, seq: int, limit: int) -> bytes:
        """The page after `seq`, of at most `limit` messages, as the platform wrote it.

        Raises SdkRefused, AnswerTooLarge, ChildDied, LibraryUnusable.
        """
        return (await self._call({"do": "chat", "seq": seq, "limit": limit})).tail

    async def media(self, file_id: str, index: str) -> FileChunk:
        """The chunk of a file at `index` ("" for the first). Raises as `chat`."""
        reply = await self._call({"do": "media", "file": file_id, "index": index})
        return FileChunk(reply.tail, str(reply.head["index"]), bool(reply.head["finished"]))

    async def decrypt(
        self, items: Sequence[Sealed], alive: Callable[[], Awaitable[None]] = nothing_to_renew
    ) -> list[bytes | NotOpened]:
        """Each message's JSON, or why it stays closed; in order. alive: called now and then, while it takes long.

        Raises ChildDied or LibraryUnusable only where the library does not even start.
        """
        opened: list[bytes | NotOpened] = []
        for batch in _batches(items):
            async with self._turn:
                opened += await self._decrypt(batch, alive)
            await alive()
        return opened

    async def aclose(self) -> None:
        """End the process."""
        async with self._turn:
            if self._child is not None:
                await self._child.end()
                self._child = None

    async def _decrypt(self, items: Sequence[Sealed], alive: Callable[[], Awaitable[None]]) -> list[bytes | NotOpened]:
        opened: list[bytes | NotOpened] = []
        lost = 0  # lives of the message at the front
        while len(opened) < len(items):
            child = await self._started()
            try:
                await child.send(_decrypting(items[len(opened) :]), self._limits.timeout_s)
                while len(opened) < len(items):
                    opened.append(_outcome(await child.receive(self._limits.decrypt_s)))
                    lost = self._deaths = 0
            except ChildDied as error:
                self._lost(error)
                lost += 1
                if lost == LIVES:
                    opened.append(NotOpened("killed"))
                    lost = self._deaths = 0  # it was the message, not the library
                await alive()
        return opened

    async def _call(self, request: Mapping[str, object]) -> Reply:
        access, timeout_s = self._access, self._limits.timeout_s
        more = {"proxy": access.proxy, "proxy_password": access.proxy_password, "timeout_s": timeout_s}
        async with self._turn:
            child = await self._started()
            try:
                reply = await child.ask({**request, **more}, timeout_s + CALL_SLACK_S)
            except ChildDied as error:
                self._lost(error)
                raise
        self._deaths = 0
        if reply.head.get("error") == "too_large":
            raise AnswerTooLarge(_number(reply.head["size"]))
        if code := _number(reply.head["code"]):
            raise SdkRefused(code)
        return reply

    async def _started(self) -> Child:
        if self._child is not None:
            return self._child
        if self._deaths:
            await self._sleep(min(self._limits.backoff_cap_s, self._limits.backoff_s * 2 ** (self._deaths - 1)))
        child = await Child.start()
        try:
            await self._init(child)
        except ChildDied as error:
            self._lost(error)
            raise
        except BaseException:
            await child.end()
            raise
        self._child = child
        return child

    async def _init(self, child: Child) -> None:
        access = self._access
        request = {"do": "init", "library": access.library, "corp_id": access.corp_id, "secret": access.secret}
        reply = await child.ask({**request, "limit": self._limits.answer_bytes}, self._limits.timeout_s)
        if "error" in reply.head:
            raise LibraryUnusable(str(reply.head["detail"]))
        if code := _number(reply.head["code"]):
            raise SdkRefused(code)

    def _lost(self, error: ChildDied) -> None:
        self._child = None
        self._deaths += 1
        self._died(str(error))


def _decrypting(items: Sequence[Sealed]) -> dict[str, object]:
    return {"do": "decrypt", "items": [(base64.b64encode(each.key).decode(), each.message) for each in items]}


def _outcome(reply: Reply) -> bytes | NotOpened:
    if (error := reply.head.get("error")) is not None:
        return NotOpened(str(error))
    code = _number(reply.head["code"])
    return NotOpened("refused", code) if code else reply.tail


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _batches(items: Sequence[Sealed]) -> Iterator[list[Sealed]]:
    batch: list[Sealed] = []
    size = 0
    for item in items:
        if batch and size + len(item.message) > BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item.message)
    if batch:
        yield batch
