"""The platform accounts: what the doctor finds, what waits and what did not arrive, how much may be called."""

from bot.access import Right
from bot.console.accounts import pages
from bot.console.page import Page

PAGES: tuple[Page, ...] = (
    Page("GET", "/accounts", pages.accounts_page, Right.ACCOUNT_SEE),
    Page("POST", "/accounts/examine", pages.examine, Right.ACCOUNT_SEE),
    Page("POST", "/accounts/retry", pages.retry, Right.RULE_WRITE),
)
