"""What does the form of a search ask for, and is any of it no sense?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Final
from urllib.parse import urlencode

from archive.playback import Feeling, Wish
from bot.console.periods import Period, period

PAGE: Final = 30
_FIELDS: Final = ("q", "feeling", "tag", "agent", "team", "rule", "topic", "since", "until")
_LONGEST: Final = 200
_AFTER: Final = re.compile(r"(\d{1,15})-(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Asked:
    """The form. fields: as typed, by name. topic: a topic's id, to be resolved. wish: all the rest."""

    fields: Mapping[str, str]
    wish: Wish
    team: str
    topic: str
    period: Period

    @property
    def first_page(self) -> str:
        """The query of the first page."""
        return urlencode({name: value for name, value in self.fields.items() if value})

    def page_after(self, after: tuple[datetime, int]) -> str:
        """The query of the next page."""
        place = urlencode({"after": f"{round(after[0].timestamp() * 1000)}-{after[1]}"})
        return "&".join(filter(None, (self.first_page, place)))


def asked(query: Mapping[str, str], tz: tzinfo) -> Asked:
    """Read the fields; what cannot be (a mood that nobody knows) narrows nothing."""
    fields = {name: query.get(name, "").strip()[:_LONGEST] for name in _FIELDS}
    when = period(fields["since"], fields["until"], tz)
    feeling = Feeling(fields["feeling"]) if fields["feeling"] in set(Feeling) else None
    wish = Wish(
        text=fields["q"],
        feeling=feeling,
        tag=fields["tag"],
        agent=fields["agent"],
        rule=fields["rule"],
        since=when.since,
        until=when.until,
        after=_after(query.get("after", "")),
        limit=PAGE,
    )
    return Asked(fields, wish, fields["team"], fields["topic"], when)


def of_topic(wish: Wish, questions: tuple[int, ...]) -> Wish:
    """The same, of sessions in which one of these was asked."""
    return replace(wish, topic=questions)


def _after(given: str) -> tuple[datetime, int] | None:
    found = _AFTER.fullmatch(given)
    return None if found is None else (datetime.fromtimestamp(int(found[1]) / 1000, UTC), int(found[2]))
