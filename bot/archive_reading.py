"""How is one session archive read: page after page, cursor and rows together, what resists put aside?"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
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
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

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
        """Read to the end, or `pages` pages. Raises FinanceError, LeaseLost; what was committed stays."""
        limit = self.parts.settings.page_size
        while pages is None or pages > 0:
            try:
                page = await self._fetch(limit)
            except AnswerTooLarge:
                limit = await self._ask_for_less(limit)
                continue
            if page is None or (page.size and page.last_seq <= self.done.seq):
                break  # nothing, or nothing new: a platform that repeats itself must not keep us for ever
            understood, aside = await self._open(page)
            await self._commit(page, understood, aside)
            pages = None if pages is None else pages - 1
            if page.size < limit:
                break
            limit = self.parts.settings.page_size
        else:
            await self._let_go()
            return
        async with self.parts.engine.begin() as connection:
            await self.parts.pulls.finish(connection, self.claim)

    async def replay(self, *, everything: bool) -> None:
        """Open what waited for a key that is there by now, oldest first; with `everything` also what resisted."""
        parts, keys, after = self.parts, await self.source.keys(), 0
        while True:
            async with parts.engine.begin() as connection:
                due = await parts.aside.due(
                    connection, self.claim.account, keys.keys.keys(), after=after,
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

    async def _fetch(self, limit: int) -> SealedPage | None:
        """The next page; None where it is empty."""
        await self._pace()
        try:
            page = await asyncio.to_thread(read_page, await self.source.sdk.chat(self.done.seq, limit))
        except SdkRefused as error:
            if error.code == TOO_LARGE:
                raise AnswerTooLarge(0) from None
            raise
        return page if page.size else None

    async def _ask_for_less(self, limit: int) -> int:
        """Half as many; where one message alone is too large, it is noted and passed over."""
        if limit > 1:
            return limit // 2
        seq = self.done.seq + 1
        envelope = Envelope(seq, f"too-large-{self.claim.account}-{seq}", 0, "", "")
        await self._commit(SealedPage((), (), 1), Understood((), (), None), [PutAside(envelope, "too_large")], seq=seq)
        return limit

    async def _open(self, page: SealedPage) -> tuple[Understood, list[PutAside]]:
        understood, aside = await self._opened(page.envelopes)
        return understood, [*page.broken, *aside]

    async def _opened(self, envelopes: list[Envelope] | tuple[Envelope, ...]) -> tuple[Understood, list[PutAside]]:
        opened = await open_envelopes(
            self.source.sdk,
            await self.source.keys(),
            envelopes,
            message_bytes=self.parts.settings.message_bytes,
            alive=self._stay,
        )
        understood = await asyncio.to_thread(understand, self.claim.account, opened.messages, now=self.parts.now())
        return understood, [*opened.aside, *understood.aside]

    async def _commit(self, page: SealedPage, understood: Understood, aside: list[PutAside], *, seq: int = 0) -> None:
        """Rows and cursor, both or neither."""
        parts, seq = self.parts, seq or page.last_seq
        parts.reached("before_archive_page_commit")
        async with parts.engine.begin() as connection:
            await self._advance(connection, seq, understood.said_until)
            await parts.aside.put(connection, self.claim.account, aside)
            stored = await parts.storing.store(connection, understood.heard)
        parts.reached("after_archive_page_commit")
        self.done.seq, self.renewed_at = seq, parts.now()
        for each in aside:
            _log.warning(
                "archive.put_aside", account=self.claim.account, seq=each.envelope.seq, msgid=each.envelope.msgid,
                reason=each.reason, code=each.code, key_version=each.envelope.version,
            )  # fmt: skip
        self._count(stored.counts + Counter(each.reason for each in aside) + Counter(read=page.size))

    async def _advance(self, connection: AsyncConnection, seq: int, said_until: datetime | None) -> None:
        await self.parts.pulls.advance(connection, self.claim, seq, said_until)

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
