"""Which rows are wanted? The filters of the page and of the export, read alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from bot.access import Action, Wanted

_LONGEST: Final = 128


def wanted_of(given: Mapping[str, str], tz: tzinfo, *, before: int | None = None) -> Wanted:
    """What the form says; what cannot be read is as if it were not given. Days are those of the shop, inclusive."""
    since, until = _day(given.get("since", "")), _day(given.get("until", ""))
    action = given.get("action", "")
    return Wanted(
        who=given.get("who", "").strip()[:_LONGEST],
        action=action if action in set(Action) else "",
        object=given.get("on", "").strip()[:_LONGEST],
        since=None if since is None else _midnight(since, tz),
        until=None if until is None else _midnight(until + timedelta(days=1), tz),
        before=before,
    )


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given)
    except ValueError:
        return None


def _midnight(day: date, tz: tzinfo) -> datetime:
    return datetime.combine(day, time(), tz).astimezone(UTC)
