"""Who brings tags to the platforms? Claimed, told, settled; tried again within bounds, then visible as dead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

import structlog
from prometheus_client import Counter

from archive.tagging import Customer
from bot.content.minds import NotReady
from bot.delivery.outcome import Again, ByCallback, Dead, Dropped, Outcome, Sent, Uncertain, outcome_of
from bot.domain import ChannelKind
from bot.phrases import default_phrases
from bot.platform import PlatformError
from bot.settings import WorkSettings
from bot.tagging.catalogue import CatalogueBusy
from bot.tagging.official import NO_TAG as NO_OFFICIAL_TAG
from bot.tagging.official import OfficialTags
from bot.tagging.targets import Ending, Job, TagTargets, Target, TargetState
from bot.tagging.wecom import NO_TAG as NO_CORP_TAG
from bot.tagging.wecom import CorpTags

BUSY_S = 0.5  # until another process has read or made the tags
WRITTEN = Counter("xiaoer_tag_writes_total", "Customers whose tags were brought to the platform", ["outcome"])
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TagWriting:
    """Tells the platforms. Any number may run; a customer is told by one at a time."""

    targets: TagTargets
    corp: CorpTags
    official: OfficialTags
    settings: WorkSettings
    official_batch: int
    now: Callable[[], datetime]
    reached: Callable[[str], None]

    async def claim(self) -> Job | None:
        """Who is to be told next; None: nobody."""
        return await self.targets.claim({ChannelKind.OFFICIAL_ACCOUNT: self.official_batch})

    async def deliver(self, job: Job) -> None:
        """Tell the platform, and keep how it ended."""
        endings = await self._endings(job)
        await self.targets.end(job, endings)
        self.reached("tags.settled")
        for ending in endings.values():
            WRITTEN.labels(outcome=ending.state.value).inc()

    async def _endings(self, job: Job) -> Mapping[Customer, Ending]:
        try:
            if job.channel is ChannelKind.OFFICIAL_ACCOUNT:
                return await self.official.write(job)
            return {job.targets[0].person: await self.corp.write(job)}
        except CatalogueBusy:
            again = Ending(TargetState.PENDING, again_at=self.now() + timedelta(seconds=BUSY_S))
            return {target.person: again for target in job.targets}
        except NotReady:
            again = Ending(TargetState.PENDING, again_at=self.now() + timedelta(seconds=self.settings.sweep_s))
            return {target.person: again for target in job.targets}
        except PlatformError as error:
            _log.warning("tags.not_written", account=job.account, call=error.call, outcome=error.outcome)
            gone = getattr(error, "code", 0) in {NO_CORP_TAG, NO_OFFICIAL_TAG}
            outcome = Again(error.what) if gone else outcome_of(error, repeatable=True)
            return {target.person: self._failed(target, outcome) for target in job.targets}
        except Exception as error:  # noqa: BLE001 - bounded by attempts, and visible as dead
            _log.error("tags.failed", account=job.account, error=type(error).__name__)
            return {target.person: self._failed(target, Again(type(error).__name__)) for target in job.targets}

    def _failed(self, target: Target, outcome: Outcome) -> Ending:
        match outcome:
            case Again(error=error, after_s=after_s):
                if target.attempts + 1 >= self.settings.attempts:
                    return Ending(TargetState.DEAD, error, default_phrases().say("advice.tags_gave_up"), counts=True)
                backoff = min(self.settings.backoff_cap_s, self.settings.backoff_s * 2**target.attempts)
                again_at = self.now() + timedelta(seconds=backoff if after_s is None else max(after_s, backoff))
                return Ending(TargetState.PENDING, error, again_at=again_at, counts=True)
            case Dead(error=error, advice=advice):
                return Ending(TargetState.DEAD, error, advice, counts=True)
            case Sent() | Dropped() | Uncertain() | ByCallback():  # no error means one of these: tags are repeatable
                raise TypeError(f"an error cannot end as {type(outcome).__name__}")
            case _ as never:
                assert_never(never)
