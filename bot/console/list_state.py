"""Which part of the list does a page show? Its address says: tab, filters, order, and how far it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, TypeVar, get_args
from urllib.parse import urlencode

from bot.desk_list import After, MoodWanted, Sort, Tab, Wanted
from handoff import RowKey

MOST_PAGES: Final = 10  # that a page keeps true at once; further on one goes by key
_LONGEST: Final = 64  # of a name in a filter
_OPEN, _CLOSED = "o", "c"
_Name = TypeVar("_Name", bound=str)


@dataclass(frozen=True, slots=True)
class ListState:
    """chosen: the address names the tab; else the page chooses. pages: how many are shown. after: where they begin."""

    wanted: Wanted
    chosen: bool
    pages: int = 1
    after: After | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> ListState:
        """What an address asks for; what it cannot mean is left out."""
        tab, sort, mood = query.get("tab", ""), query.get("sort", ""), query.get("mood", "")
        pages = query.get("pages", "")
        return cls(
            wanted=Wanted(
                tab=_one_of(tab, get_args(Tab), "mine"),
                team=query.get("team", "")[:_LONGEST],
                channel=query.get("channel", "")[:_LONGEST],
                mood=_one_of(mood, get_args(MoodWanted), ""),
                danger=query.get("danger") == "1",
                tag=query.get("tag", "")[:_LONGEST],
                sort=_one_of(sort, get_args(Sort), "waiting"),
            ),
            chosen=tab in get_args(Tab),
            pages=min(MOST_PAGES, int(pages)) if pages.isascii() and pages.isdigit() and pages != "0" else 1,
            after=read_after(query.get("after", "")),
        )

    def on(self, tab: Tab) -> ListState:
        """The same filters on another tab, from its beginning."""
        return replace(self, wanted=replace(self.wanted, tab=tab), chosen=True, pages=1, after=None)

    def address(self, **more: object) -> str:
        """As a query, "" where it says nothing."""
        wanted = self.wanted
        said = {
            "tab": wanted.tab if self.chosen else "",
            "team": wanted.team,
            "channel": wanted.channel,
            "mood": wanted.mood,
            "danger": "1" if wanted.danger else "",
            "tag": wanted.tag,
            "sort": "" if wanted.sort == "waiting" else wanted.sort,
            "pages": self.pages if self.pages > 1 else "",
            "after": write_after(self.after) if self.after else "",
            **more,
        }
        query = urlencode({name: value for name, value in said.items() if value not in {"", None}})
        return f"?{query}" if query else ""


def write_after(after: After) -> str:
    """A place in the list, for an address: which part, when in ms since 1970, the priority, the ticket."""
    place = after.place
    part = _CLOSED if after.closed else _OPEN
    return f"{part}.{round(place.at.timestamp() * 1000)}.{place.priority}.{place.id}"


def read_after(given: str) -> After | None:
    """A place out of an address; None where it is none."""
    part, _, rest = given.partition(".")
    numbers = rest.split(".")
    if part not in {_OPEN, _CLOSED} or len(numbers) != 3:  # noqa: PLR2004 - as `write_after` writes it
        return None
    if not all(each.isascii() and each.isdigit() and len(each) <= 18 for each in numbers):  # noqa: PLR2004 - 63 bits
        return None
    at, priority, ticket = map(int, numbers)
    try:
        moment = datetime.fromtimestamp(at / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return After(RowKey(moment, ticket, priority), closed=part == _CLOSED)


def _one_of(given: str, names: tuple[_Name, ...], otherwise: _Name) -> _Name:
    return next((name for name in names if name == given), otherwise)
