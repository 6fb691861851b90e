"""The rules: where customers go and why, tried before they hold; calendars, teams; the files they stand in."""

from bot.access import Right
from bot.console.page import Page
from bot.console.rules import explain, files, pages

_FILE = r"/rules/files/{name:[a-z]+\.yaml}"

PAGES: tuple[Page, ...] = (
    Page("GET", "/rules", pages.routing, Right.RULE_READ),
    Page("GET", "/rules/teams", pages.teams, Right.RULE_READ),
    Page("GET", "/rules/calendars", pages.calendars, Right.RULE_READ),
    Page("GET", "/rules/explain", explain.form, Right.RULE_READ),
    Page("POST", "/rules/explain", explain.explain, Right.RULE_READ),
    Page("GET", _FILE, files.editor, Right.RULE_READ),
    Page("POST", f"{_FILE}/try", files.try_out, Right.RULE_WRITE),
    Page("POST", f"{_FILE}/apply", files.apply, Right.RULE_WRITE),
)
