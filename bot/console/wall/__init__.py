"""The wall: what supervisors see of their teams at a glance, and how they stand by an agent."""

from bot.access import Right
from bot.console.page import Page
from bot.console.wall import pages, watch

_TICKET = r"/wall/watch/{ticket:\d{1,18}}"
_WATCH = Right.CONVERSATION_WATCH

PAGES: tuple[Page, ...] = (
    Page("GET", "/wall", pages.wall_page, Right.WALL_SEE),
    Page("GET", "/wall/now", pages.wall_now, Right.WALL_SEE),
    Page("GET", "/wall/stream", pages.wall_stream, Right.WALL_SEE),
    Page("GET", _TICKET, watch.watch_page, _WATCH),
    Page("GET", f"{_TICKET}/now", watch.watch_now, _WATCH),
    Page("GET", f"{_TICKET}/stream", watch.watch_stream, _WATCH),
    Page("POST", f"{_TICKET}/whisper", watch.whisper, _WATCH),
    Page("POST", f"{_TICKET}/join", watch.join, _WATCH),
    Page("POST", f"{_TICKET}/take-over", watch.take_over, _WATCH),
    Page("POST", f"{_TICKET}/give-back", watch.give_back, _WATCH),
    Page("POST", f"{_TICKET}/leave", watch.leave, _WATCH),
)
