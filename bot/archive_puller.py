"""How do conversations come in from the session archive? SealedPage by page under a lease, cursor and rows together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from prometheus_client import Counter as MetricCounter

from archive import (
    AnswerTooLarge,
    Aside,
    Envelope,
    FinanceError,
    LeaseLost,
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
from bot.archive_sources import Source
from bot.settings import ArchivePullSettings

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
class ArchivePuller:
    """Reads archives until there is no more. sources: account → its library and keys."""

    engine: AsyncEngine
    sources: Mapping[str, Source]
    pulls: Pulls
    aside: Aside
    storing: Storing
    settings: ArchivePullSettings
    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[object]]
    reached: Callable[[str], None]

    async def register(self) -> None:
        """Make sure that every account with an archive is read."""
        async with self.engine.begin() as connection:
            await self.pulls.register(connection, tuple(self.sources))

    async def claim(self) -> PullClaim | None:
        """An archive with news that nobody reads, or None."""
        if not self.sources:
            return None
        async with self.engine.begin() as connection:
            return await self.pulls.claim(connection, tuple(self.sources))

    async def claim_now(self, account: str) -> PullClaim | None:
        """This account's archive, due or not; None while somebody else reads it."""
        async with self.engine.begin() as connection:
            return await self.pulls.claim(connection, (account,), asked=True)

    async def pull(self, claim: PullClaim, *, pages: int | None = None, replay: bool = False) -> Pulled:
        """Read one claimed archive to the end, or `pages` of it; a failure postpones it.

        replay: also try again what resisted before, whatever the reason.
        """
        done = Pulled(claim.account, claim.seq)
        try:
            reading = _Reading(self, claim, self.sources[claim.account], done)
            await reading.replay(everything=replay)
            await reading.read(pages)
        except LeaseLost:
            _log.warning("archive.lease_lost", account=claim.account)
            done.error = "somebody else reads it"
        except FinanceError as error:
            done.error, done.code, done.advice = f"{type(error).__name__}: {error}", error.code, error.advice
            _log.warning("archive.pull_failed", account=claim.account, error=done.error)
            await self._postpone(claim, error, done)
        return done

    async def _postpone(self, claim: PullClaim, error: FinanceError, done: Pulled) -> None:
        settings = self.settings
        backoff = min(settings.backoff_cap_s, settings.backoff_s * 2 ** min(claim.failures, 32))
        wait = timedelta(seconds=backoff if error.retryable else settings.refused_again_s)
        async with self.engine.begin() as connection:
            await self.pulls.postpone(connection, claim, self.now() + wait, code=error.code, error=done.error)


@dataclass(slots=True)
class _Reading:
    """One claim being read."""

    puller: ArchivePuller
    claim: PullClaim
    source: Source
    done: Pulled
    renewed_at: datetime = field(init=False)
    called_at: datetime | None = None

    def __post_init__(self) -> None:
        self.renewed_at = self.puller.now()

    async def read(self, pages: int | None) -> None:
        limit = self.puller.settings.page_size
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
            limit = self.puller.settings.page_size
        else:
            await self._let_go()
            return
        async with self.puller.engine.begin() as connection:
            await self.puller.pulls.finish(connection, self.claim)

    async def replay(self, *, everything: bool) -> None:
        """Open what waited for a key that is there by now, oldest first; with `everything` also what resisted."""
        puller, keys, after = self.puller, await self.source.keys(), 0
        while True:
            async with puller.engine.begin() as connection:
                due = await puller.aside.due(
                    connection, self.claim.account, keys.keys.keys(), after=after,
                    limit=puller.settings.page_size, everything=everything,
                )  # fmt: skip
            if not due:
                return
            after = due[-1][0]
            rows = {envelope.msgid: row for row, envelope in due}
            understood, still = await self._opened([envelope for _, envelope in due])
            closed = {each.envelope.msgid for each in still}
            async with puller.engine.begin() as connection:
                stored = await puller.storing.store(connection, understood.heard)
                await puller.aside.put(connection, self.claim.account, still)
                await puller.aside.settle(connection, [row for msgid, row in rows.items() if msgid not in closed])
                await puller.pulls.renew(connection, self.claim)
            self._count(stored.counts + Counter(replayed=len(rows) - len(closed)))

    async def _fetch(self, limit: int) -> SealedPage | None:
        """The next page; None where it is empty."""
        await self._pace()
        try:
            page = read_page(await self.source.sdk.chat(self.done.seq, limit))
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
            message_bytes=self.puller.settings.message_bytes,
            alive=self._stay,
        )
        understood = understand(self.claim.account, opened.messages, now=self.puller.now())
        return understood, [*opened.aside, *understood.aside]

    async def _commit(self, page: SealedPage, understood: Understood, aside: list[PutAside], *, seq: int = 0) -> None:
        """Rows and cursor, both or neither."""
        puller, seq = self.puller, seq or page.last_seq
        puller.reached("before_archive_page_commit")
        async with puller.engine.begin() as connection:
            await self._advance(connection, seq, understood.said_until)
            await puller.aside.put(connection, self.claim.account, aside)
            stored = await puller.storing.store(connection, understood.heard)
        puller.reached("after_archive_page_commit")
        self.done.seq, self.renewed_at = seq, puller.now()
        for each in aside:
            _log.warning(
                "archive.put_aside", account=self.claim.account, seq=each.envelope.seq, msgid=each.envelope.msgid,
                reason=each.reason, code=each.code, key_version=each.envelope.version,
            )  # fmt: skip
        self._count(stored.counts + Counter(each.reason for each in aside) + Counter(read=page.size))

    async def _advance(self, connection: AsyncConnection, seq: int, said_until: datetime | None) -> None:
        await self.puller.pulls.advance(connection, self.claim, seq, said_until)

    async def _let_go(self) -> None:
        async with self.puller.engine.begin() as connection:
            await self.puller.pulls.let_go(connection, self.claim)

    async def _stay(self) -> None:
        """Keep the lease while a page takes long."""
        puller = self.puller
        if puller.now() - self.renewed_at < timedelta(seconds=puller.settings.lease_s / RENEW_SHARE):
            return
        async with puller.engine.begin() as connection:
            await puller.pulls.renew(connection, self.claim)
        self.renewed_at = puller.now()

    async def _pace(self) -> None:
        """No faster than the platform allows; who holds the lease is the only one who calls."""
        puller, gap = self.puller, timedelta(minutes=1) / self.puller.settings.calls_per_minute
        if self.called_at is not None and (early := self.called_at + gap - puller.now()) > timedelta():
            await puller.sleep(early.total_seconds())
        self.called_at = puller.now()

    def _count(self, counts: Counter[str]) -> None:
        self.done.counts += counts
        for outcome, count in counts.items():
            if count:
                READ.labels(account=self.claim.account, outcome=outcome).inc(count)
