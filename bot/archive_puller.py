"""How do conversations come in from the session archive? Page by page under a lease, cursor and rows together."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog

from archive.finance import FinanceError, LeaseLost, PullClaim
from bot.archive_reading import Parts, Pulled, Reading
from bot.archive_sources import Source

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ArchivePuller:
    """Reads archives until there is no more. sources: account → its library and keys."""

    parts: Parts
    sources: Mapping[str, Source]

    async def register(self) -> None:
        """Make sure that every account with an archive is read."""
        async with self.parts.engine.begin() as connection:
            await self.parts.pulls.register(connection, tuple(self.sources))

    async def claim(self) -> PullClaim | None:
        """An archive with news that nobody reads, or None."""
        if not self.sources:
            return None
        async with self.parts.engine.begin() as connection:
            return await self.parts.pulls.claim(connection, tuple(self.sources))

    async def claim_now(self, account: str) -> PullClaim | None:
        """This account's archive, due or not; None while somebody else reads it."""
        async with self.parts.engine.begin() as connection:
            return await self.parts.pulls.claim(connection, (account,), asked=True)

    async def pull(self, claim: PullClaim, *, pages: int | None = None, replay: bool = False) -> Pulled:
        """Read one claimed archive to the end, or `pages` of it; a failure postpones it.

        replay: also try again what resisted before, whatever the reason.
        """
        done = Pulled(claim.account, claim.seq)
        try:
            reading = Reading(self.parts, claim, self.sources[claim.account], done)
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
        settings = self.parts.settings
        backoff = min(settings.backoff_cap_s, settings.backoff_s * 2 ** min(claim.failures, 32))
        wait = timedelta(seconds=backoff if error.retryable else settings.refused_again_s)
        with contextlib.suppress(LeaseLost):  # whoever has it now finds out for himself
            async with self.parts.engine.begin() as connection:
                await self.parts.pulls.postpone(
                    connection, claim, self.parts.now() + wait, code=error.code, error=done.error
                )
