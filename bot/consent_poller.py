"""How do we hear whether somebody agreed to the session archive? We ask the platform, of those who write.

Within its limits (wechat-platform §5.1): at most 100 pairs a call, as many calls a minute as the platform client
grants, one call at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from prometheus_client import Counter

from archive.consent import AskClaim, Consent, ConsentFact, Consents
from bot.archive_settings import ConsentSettings
from bot.platform import PlatformClient, PlatformError, archive_account
from bot.platform.calls import msgaudit

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

POLL = "poll"
SINCE_EVER = datetime(1970, 1, 1, tzinfo=UTC)  # where the platform does not say since when
ASKED = Counter("xiaoer_consent_asked_total", "Pairs and groups asked about, by outcome", ["account", "outcome"])
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ConsentPoller:
    """Asks. accounts: those with a session archive."""

    engine: AsyncEngine
    consents: Consents
    platform: PlatformClient
    accounts: Collection[str]
    settings: ConsentSettings
    now: Callable[[], datetime]

    async def claim(self) -> AskClaim | None:
        """Whom to ask about next, or None."""
        if not self.accounts:
            return None
        async with self.engine.begin() as connection:
            return await self.consents.asks.claim(connection, limit=self.settings.pairs_a_call)

    async def ask(self, claim: AskClaim) -> None:
        """One call; a failure postpones them all, later each time."""
        pairs = [(counterpart, customer) for customer, counterpart in claim.pairs]
        call = msgaudit.check_room_agree(claim.room) if claim.room else msgaudit.check_single_agree(pairs)
        try:
            answer = await self.platform.call(archive_account(claim.account), call)
        except PlatformError as error:
            await self._postpone(claim, error)
            return
        facts = [fact for each in _listed(answer.get("agreeinfo")) if (fact := _fact(claim, each)) is not None]
        async with self.engine.begin() as connection:
            new = await self.consents.record(connection, facts)
            await self.consents.asks.finish(connection, claim)
        ASKED.labels(account=claim.account, outcome="changed").inc(new)
        ASKED.labels(account=claim.account, outcome="same").inc(max(0, len(claim.pairs) - new))

    async def _postpone(self, claim: AskClaim, error: PlatformError) -> None:
        wait = min(self.settings.backoff_cap_s, self.settings.backoff_s * 2 ** min(claim.failures, 32))
        _log.warning("consent.not_asked", account=claim.account, error=error.outcome, again_in_s=wait)
        ASKED.labels(account=claim.account, outcome=error.outcome).inc(len(claim.pairs))
        async with self.engine.begin() as connection:
            await self.consents.asks.postpone(
                connection, claim, self.now() + timedelta(seconds=wait), type(error).__name__
            )


def _listed(value: object) -> list[Mapping[str, object]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _fact(claim: AskClaim, answer: Mapping[str, object]) -> ConsentFact | None:
    """What the platform says of one person; what we do not know it calls is passed over, and shows as unanswered."""
    customer = answer.get("exteranalopenid")  # really spelled so (§5.1)
    counterpart = claim.room or answer.get("userid")
    try:
        status = Consent(str(answer.get("agree_status")))
    except ValueError:
        return None
    if not isinstance(customer, str) or not customer or not isinstance(counterpart, str) or not counterpart:
        return None
    told = answer.get("status_change_time")
    # told nothing: a Default_Agree has no moment, and comes before all that she said herself
    seconds = told if isinstance(told, int) and told > 0 and status is not Consent.DEFAULT_AGREE else 0
    at = datetime.fromtimestamp(seconds, UTC) if seconds else SINCE_EVER
    return ConsentFact(claim.account, customer, counterpart, status, at, POLL)
