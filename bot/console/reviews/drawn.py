"""Which sample does the form ask for, and what is wrong with it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from bot.console.access import Viewer
from bot.console.catalogue import text
from bot.console.console import Console
from bot.console.lookout import working_id
from bot.console.names import Names
from bot.console.periods import closed_period
from bot.supervision import Drawing

MOST_EACH: Final = 20
SECOND: Final = 5  # every fifth session gets a second reviewer: enough to reckon agreement by, little to read
_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class DrawingForm:
    """The form as it is shown. reviewers: (id, name, chosen). wrong: by field."""

    fields: Mapping[str, str]
    sheets: Sequence[str]
    reviewers: Sequence[tuple[str, str, bool]]
    wrong: Mapping[str, str] = field(default_factory=dict)
    drawing: Drawing | None = None


def blank_drawing(console: Console, names: Names, who: Viewer) -> DrawingForm:
    """The form before anything was typed: last week, three of each agent, herself."""
    when = closed_period("", "", console.tz, console.now(), _DAYS)
    sheets = [each.name for each in console.supervision.reviews.sheets()]
    fields = {
        "since": when.first,
        "until": when.last,
        "each": "3",
        "second": str(SECOND),
        "sheet": next(iter(sheets), ""),
    }
    return DrawingForm(fields, sheets, _reviewers(console, names, who, {working_id(who)}))


def read_drawing(
    console: Console, names: Names, who: Viewer, form: Mapping[str, str], chosen: Sequence[str]
) -> DrawingForm:
    """The form as it was sent; `drawing` where all of it makes sense."""
    fields = {name: form.get(name, "").strip() for name in ("since", "until", "each", "second", "sheet")}
    sheets = [each.name for each in console.supervision.reviews.sheets()]
    reviewers = _reviewers(console, names, who, set(chosen))
    when = closed_period(fields["since"], fields["until"], console.tz, console.now(), _DAYS)
    each, second = _number(fields["each"], 1, MOST_EACH), _number(fields["second"], 0, 100)
    picked = tuple(one for one, _, is_chosen in reviewers if is_chosen)
    wrong = {
        name: words
        for name, words in (
            ("since", when.wrong),
            ("each", "" if each is not None else text("review_forms.number", least=1, most=MOST_EACH)),
            ("second", "" if second is not None else text("review_forms.number", least=0, most=100)),
            ("sheet", "" if fields["sheet"] in sheets else text("review_forms.no_sheet")),
            ("reviewers", "" if picked else text("review_forms.no_reviewer")),
        )
        if words
    }
    if wrong or when.since is None or when.until is None or each is None or second is None:
        return DrawingForm(fields, sheets, reviewers, wrong)
    drawing = Drawing(when.since, when.until, each, fields["sheet"], picked, second)
    return DrawingForm(fields, sheets, reviewers, drawing=drawing)


def _reviewers(console: Console, names: Names, who: Viewer, chosen: set[str]) -> list[tuple[str, str, bool]]:
    """Herself, and whoever supervises a team."""
    able = {working_id(who), *chain.from_iterable(console.supervisors().values())}
    return [(one, names.agent(one), one in chosen) for one in sorted(able)]


def _number(given: str, least: int, most: int) -> int | None:
    number = int(given) if given.isascii() and given.isdigit() and len(given) <= len(str(most)) else -1
    return number if least <= number <= most else None
