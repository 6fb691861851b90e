"""How do people read times? "今天 14:20", "3 分钟"; in the shop's time zone."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from bot.console.catalogue import text

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def moment(at: datetime, *, now: datetime, tz: tzinfo) -> str:
    """A point in time, as short as it stays clear."""
    local, today = at.astimezone(tz), now.astimezone(tz)
    clock = f"{local:%H:%M}"
    if local.date() == today.date():
        return text("times.today", clock=clock)
    if local.date() == today.date() - timedelta(days=1):
        return text("times.yesterday", clock=clock)
    name = "times.this_year" if local.year == today.year else "times.any_year"
    return text(name, year=local.year, month=local.month, day=local.day, clock=clock)


def clock_or_moment(at: datetime, *, now: datetime, tz: tzinfo) -> str:
    """Only the clock where it is today."""
    local = at.astimezone(tz)
    if local.date() == now.astimezone(tz).date():
        return f"{local:%H:%M}"
    return moment(at, now=now, tz=tz)


def waited(since: datetime, now: datetime) -> str:
    """How long somebody has been waiting, in the unit that matters."""
    seconds = max(0, int((now - since).total_seconds()))
    if seconds < _MINUTE:
        return text("times.now")
    if seconds < _HOUR:
        return text("times.minutes", minutes=seconds // _MINUTE)
    if seconds >= _DAY:
        return text("times.days", days=seconds // _DAY)
    hours, minutes = seconds // _HOUR, seconds % _HOUR // _MINUTE
    return text("times.hours_minutes" if minutes else "times.hours", hours=hours, minutes=minutes)
