"""How does a supervisor find conversations and read them again?

Front door: `PAGES`.
"""

from typing import Final

from bot.access import Right
from bot.console.archive.playback import decide, playback_page
from bot.console.archive.search import search_page
from bot.console.page import Page

PAGES: Final = (
    Page("GET", "/archive", search_page, Right.ARCHIVE_READ),
    Page("GET", r"/archive/conversation/{session:\d{1,18}}", playback_page, Right.ARCHIVE_READ),
    Page("POST", r"/archive/conversation/{session:\d{1,18}}/finding", decide, Right.REVIEW_WRITE),
)

__all__ = ["PAGES"]
