"""How is one session archive read: page after page, cursor and rows together, what resists put aside?"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from prometheus_client import Counter as MetricCounter

from archive.finance import (
    AnswerTooLarge,
    Aside,
    Envelope,
    PullClaim,
    Pulls,
    PutAside,
    SdkRefused,
    SealedPage,
    Storing,
    Understood,
    open_envelopes,
    read_page,
    understand,
)
from bot.archive_settings import ArchivePullSettings
from bot.archive_sources import Source

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

TOO_LARGE = 301058  # "cut the limit" [W 90313]
RENEW_SHARE = 4  # a lease is renewed when a quarter of it is over
READ = MetricCounter(
    "xiaoer_archive_messages_total", "Messages of the session archive, by outcome", ["account", "outcome"]
)
_log = structlog.get_logger()


@dataclass(slots=True)
class Pulled:
    """What one claim brought. error: name of what stopped it, "" if nothing did; code: the SDK's, or 0."""

    account: str
    seq: int
    counts: Counter[str] = field(default_factory=Counter)
    error: str = ""
    code: int = 0
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """What reading needs, the same for all accounts."""

    engine: AsyncEngine
    pulls: Pulls
    aside: Aside
    storing: Storing
    settings: ArchivePullSettings
    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[object]]
    reached: Callable[[str], None]


@dataclass(frozen=True, slots=True, repr=False)
class OpenedPage:
    """One page, understood. seq: the highest it holds; size: how many messages the platform sent."""

    seq: int
    size: int
    understood: Understood
    aside: tuple[PutAside, ...]
    is_last: bool


@dataclass(slots=True)
class Reading:
    """One claimed archive, being read.

    renewed_at: when its lease was renewed last; called_at: when the platform was asked last.
    """

    parts: Parts
    claim: PullClaim
    source: Source
    done: Pulled
    renewed_at: datetime = field(init=False)
    called_at: datetime | None = None

    def __post_init__(self) -> None:
        self.renewed_at = self.parts.now()

    async def read(self, pages: int | None) -> None:
        """Read to the end, or `pages` pages; while one is stored, the next is fetched and opened.

        Raises FinanceError, LeaseLost; what was committed stays.
        """
        coming = asyncio.create_task(self._next(self.done.seq))
        try:
            while (page := await coming) is not None:
                pages = None if pages is None else pages - 1
                goes_on = not page.is_last and pages != 0
                if goes_on:
                    coming = asyncio.create_task(self._next(page.seq))
                await self._commit(page)
                if page.is_last:
                    break
                if not goes_on:
                    await self._let_go()
                    return
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
        async with self.parts.engine.begin() as connection:
            await self.parts.pulls.finish(connection, self.claim)

    async def replay(self, *, everything: bool) -> None:
        """Open what waited for a key that is there by now, oldest first; with `everything` also what resisted."""
        parts, keys, after = self.parts, await self.source.keys(), 0
        while True:
            async with parts.engine.begin() as connection:
                due = await parts.aside.due(
                    connection, self.claim.account, keys.versions, after=after,
                    limit=parts.settings.page_size, everything=everything,
                )  # fmt: skip
            if not due:
                return
            after = due[-1][0]
            rows = {envelope.msgid: row for row, envelope in due}
            understood, still = await self._opened([envelope for _, envelope in due])
            closed = {each.envelope.msgid for each in still}
            async with parts.engine.begin() as connection:
                stored = await parts.storing.store(connection, understood.heard)
                await parts.aside.put(connection, self.claim.account, still)
                await parts.aside.settle(connection, [row for msgid, row in rows.items() if msgid not in closed])
                await parts.pulls.renew(connection, self.claim)
            self._count(stored.counts + Counter(replayed=len(rows) - len(closed)))

    async def _next(self, after: int) -> OpenedPage | None:
        """The page after seq `after`, opened; None where there is nothing new.

        Where a page is too large half as many are asked for, and a message that alone is too large is passed over.
        """
        limit = self.parts.settings.page_size
        while True:
            try:
                page = await self._fetch(after, limit)
            except AnswerTooLarge:
                if limit == 1:
                    return self._passed_over(after + 1)
                limit //= 2
                continue
            if page.last_seq <= after:
                return None  # a platform that repeats itself must not keep us for ever
            understood, aside = await self._opened(page.envelopes)
            return OpenedPage(page.last_seq, page.size, understood, (*page.broken, *aside), is_last=page.size < limit)

    async def _fetch(self, after: int, limit: int) -> SealedPage:
        await self._pace()
        try:
            return await asyncio.to_thread(read_page, await self.source.sdk.chat(after, limit))
        except SdkRefused as error:
            if error.code == TOO_LARGE:
                raise AnswerTooLarge(0) from None
            raise

    def _passed_over(self, seq: int) -> OpenedPage:
        envelope = Envelope(seq, f"too-large-{self.claim.account}-{seq}", 0, "", "")
        return OpenedPage(seq, 1, Understood((), (), None), (PutAside(envelope, "too_large"),), is_last=False)

    async def _opened(self, envelopes: Sequence[Envelope]) -> tuple[Understood, list[PutAside]]:
        opened = await open_envelopes(
            self.source.sdk,
            await self.source.keys(),
            envelopes,
            message_bytes=self.parts.settings.message_bytes,
            alive=self._stay,
        )
        understood = await asyncio.to_thread(understand, self.claim.account, opened.messages, now=self.parts.now())
        return understood, [*opened.aside, *understood.aside]

    async def _commit(self, page: OpenedPage) -> None:
        """Rows and cursor, both or neither."""
        parts, understood = self.parts, page.understood
        parts.reached("before_archive_page_commit")
        async with parts.engine.begin() as connection:
            await parts.pulls.advance(connection, self.claim, page.seq, understood.said_until)
            await parts.aside.put(connection, self.claim.account, page.aside)
            stored = await parts.storing.store(connection, understood.heard)
        parts.reached("after_archive_page_commit")
        self.done.seq, self.renewed_at = page.seq, parts.now()
        for each in page.aside:
            _log.warning(
                "archive.put_aside", account=self.claim.account, seq=each.envelope.seq, msgid=each.envelope.msgid,
                reason=each.reason, code=each.code, key_version=each.envelope.version,
            )  # fmt: skip
        self._count(stored.counts + Counter(each.reason for each in page.aside) + Counter(read=page.size))

    async def _let_go(self) -> None:
        async with self.parts.engine.begin() as connection:
            await self.parts.pulls.let_go(connection, self.claim)

    async def _stay(self) -> None:
        """Keep the lease while a page takes long."""
        parts = self.parts
        if parts.now() - self.renewed_at < timedelta(seconds=parts.settings.lease_s / RENEW_SHARE):
            return
        async with parts.engine.begin() as connection:
            await parts.pulls.renew(connection, self.claim)
        self.renewed_at = parts.now()

    async def _pace(self) -> None:
        """No faster than the platform allows; who holds the lease is the only one who calls."""
        parts, gap = self.parts, timedelta(minutes=1) / self.parts.settings.calls_per_minute
        if self.called_at is not None and (early := self.called_at + gap - parts.now()) > timedelta():
            await parts.sleep(early.total_seconds())
        self.called_at = parts.now()

    def _count(self, counts: Counter[str]) -> None:
        self.done.counts += counts
        for outcome, count in counts.items():
            if count:
                READ.labels(account=self.claim.account, outcome=outcome).inc(count)
