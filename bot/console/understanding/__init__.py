"""The pages of understanding: intents with their examples, and a box to try a message in."""

from __future__ import annotations

from typing import Final

from bot.access import Right
from bot.console.page import Page
from bot.console.understanding import intents, trying

PAGES: Final = (
    Page("GET", "/understanding", intents.intents_page, Right.SCRIPT_WRITE),
    Page("POST", "/understanding/add", intents.add, Right.SCRIPT_WRITE),
    Page("POST", "/understanding/move", intents.move, Right.SCRIPT_WRITE),
    Page("POST", "/understanding/publish", intents.publish, Right.SCRIPT_APPROVE),
    Page("POST", "/understanding/discard", intents.discard, Right.SCRIPT_WRITE),
    Page("GET", "/understanding/try", trying.try_page, Right.SCRIPT_WRITE),
    Page("POST", "/understanding/try", trying.try_out, Right.SCRIPT_WRITE),
)
