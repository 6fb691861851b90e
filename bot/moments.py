"""How is a moment to come said to a customer?"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.phrases import Phrases


def say_moment(at: datetime, now: datetime, phrases: Phrases) -> str:
    """今天 14:00, 明天 09:00, 10月8日 09:00, 2027年1月4日 09:00: on the clock of the zone in which `at` is given."""
    today = now.astimezone(at.tzinfo).date()
    days = {today: "moments.today", today + timedelta(days=1): "moments.tomorrow"}
    name = days.get(at.date()) or ("moments.this_year" if at.year == today.year else "moments.later")
    return phrases.say(name, year=at.year, month=at.month, day=at.day, time=f"{at:%H:%M}")
