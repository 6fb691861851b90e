"""How much of what a platform lets us call is used right now? From the shared buckets, and this process's counters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.platform.accounts import Credentials
from bot.platform.limits import Limits
from bot.platform.metrics import CALLS

# What every account of a kind lives by, shown before this process has called it.
_MAIN: Final = {
    "official_account": ("message/custom/send",),
    "wecom": ("kf/send_msg", "kf/sync_msg", "kf/service_state/get", "message/send"),
}


@dataclass(frozen=True, slots=True)
class Usage:
    """One call of one account. used: share of what may burst that is taken now, 0–1. resting_s: the breaker's rest.

    made, failed: by this process since it started.
    """

    account: str
    call: str
    per_minute: int
    used: float
    resting_s: float
    made: int
    failed: int


async def usage_of(limits: Limits, credentials: Credentials) -> tuple[Usage, ...]:
    """The calls that an account lives by, and those that this process has made for it, by name."""
    made: dict[str, int] = {}
    failed: dict[str, int] = {}
    for family in CALLS.collect():
        for sample in family.samples:
            if not sample.name.endswith("_total") or sample.labels["account"] != credentials.account:
                continue
            call, ended = sample.labels["call"], sample.labels["outcome"]
            made[call] = made.get(call, 0) + int(sample.value)
            failed[call] = failed.get(call, 0) + (int(sample.value) if ended != "ok" else 0)
    found = []
    for call in sorted({*made, *_MAIN[credentials.kind]}):
        per_minute, used, resting_s = await limits.standing(credentials, call)
        found.append(
            Usage(credentials.account, call, per_minute, used, resting_s, made.get(call, 0), failed.get(call, 0))
        )
    return tuple(found)
