"""The pages of questions without an answer: looked at, made a script, added to one, or set aside."""

from __future__ import annotations

from typing import Final

from bot.access import Right
from bot.console.gaps import pages
from bot.console.page import Page

_GAP = r"/gaps/{gap:gap-[0-9a-f]{12}}"

PAGES: Final = (
    Page("GET", "/gaps", pages.gaps_page, Right.SCRIPT_WRITE),
    Page("GET", "/gaps/list", pages.gaps_list, Right.SCRIPT_WRITE),
    Page("POST", f"{_GAP}/draft", pages.draft, Right.SCRIPT_WRITE),
    Page("POST", f"{_GAP}/merge", pages.merge, Right.SCRIPT_WRITE),
    Page("POST", f"{_GAP}/settle", pages.settle, Right.SCRIPT_WRITE),
)
