"""Which period does a form ask for? Two days of the shop's, both counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from bot.console.catalogue import text

LONGEST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Period:
    """[since, until) in UTC. first, last: as the form has them, "" where it left them open. wrong: why it is none."""

    first: str
    last: str
    since: datetime | None
    until: datetime | None
    wrong: str = ""


def period(first: str, last: str, tz: tzinfo) -> Period:
    """The period of a form's fields; open ends stay open."""
    begins, ends = _day(first), _day(last)
    if (first and begins is None) or (last and ends is None):
        return Period(first, last, None, None, text("review_forms.no_day"))
    if begins is not None and ends is not None and begins > ends:
        return Period(first, last, None, None, text("review_forms.ends_before"))
    return Period(first, last, _moment(begins, tz), _moment(None if ends is None else ends + timedelta(days=1), tz))


def closed_period(first: str, last: str, tz: tzinfo, now: datetime, days: int) -> Period:
    """Like `period`, with the last so many days, today included, where the form says nothing."""
    today = now.astimezone(tz).date()
    last = last or today.isoformat()
    ends = _day(last) or today
    found = period(first or (ends - timedelta(days=days - 1)).isoformat(), last, tz)
    if found.since is not None and found.until is not None and found.until - found.since > LONGEST:
        return Period(found.first, found.last, None, None, text("review_forms.too_long", days=LONGEST.days))
    return found


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given)
    except ValueError:
        return None


def _moment(day: date | None, tz: tzinfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), tz).astimezone(UTC)
