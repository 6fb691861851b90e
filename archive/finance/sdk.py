"""What does Tencent's library answer: a page, an opened message, a piece of a file? Whatever becomes of its process."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

from archive.finance.errors import AnswerTooLarge, LibraryUnusable, SdkRefused
from archive.finance.exchange import FileChunk, NotOpened, SdkAccess, SdkLimits, Sealed
from archive.finance.process import Child, Reply
from archive.finance.supervisor import Supervisor, nothing_to_renew

CALL_SLACK_S = 10.0  # beyond the library's own time-out, before it counts as hanging
BATCH_BYTES = 8 * 1024 * 1024  # of ciphertext a request: what is sent again after a death stays small


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
        self.process = Supervisor(self._init, limits, sleep=sleep, died=died)

    async def ready(self) -> None:
        """Start the process and the library (xiaoer doctor). Raises FinanceError."""
        await self.process.ready()

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
            opened += map(_outcome, await self.process.each(batch, _decrypting, alive))
            await alive()
        return opened

    async def aclose(self) -> None:
        """End the process."""
        await self.process.aclose()

    async def _call(self, request: Mapping[str, object]) -> Reply:
        access, timeout_s = self._access, self._limits.timeout_s
        more = {"proxy": access.proxy, "proxy_password": access.proxy_password, "timeout_s": timeout_s}
        reply = await self.process.ask({**request, **more}, timeout_s + CALL_SLACK_S)
        if reply.head.get("error") == "too_large":
            raise AnswerTooLarge(_number(reply.head["size"]))
        if code := _number(reply.head["code"]):
            raise SdkRefused(code)
        return reply

    async def _init(self, child: Child) -> None:
        access = self._access
        request = {"do": "init", "library": access.library, "corp_id": access.corp_id, "secret": access.secret}
        reply = await child.ask({**request, "limit": self._limits.answer_bytes}, self._limits.timeout_s)
        if "error" in reply.head:
            raise LibraryUnusable(str(reply.head["detail"]))
        if code := _number(reply.head["code"]):
            raise SdkRefused(code)


def _decrypting(items: Sequence[Sealed]) -> dict[str, object]:
    return {"do": "decrypt", "items": [(base64.b64encode(each.key).decode(), each.message) for each in items]}


def _outcome(reply: Reply | None) -> bytes | NotOpened:
    if reply is None:
        return NotOpened("killed")
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
