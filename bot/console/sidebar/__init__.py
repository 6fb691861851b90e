"""What does an agent see beside a chat in WeCom? The customer, words for her, tags and tickets: `PAGES`."""

from bot.access import Right
from bot.console.page import Page
from bot.console.sidebar import acts, customer, shell, signing, words

_ACCOUNT = r"/sidebar/{account:[a-z0-9][a-z0-9_-]*}"
_TICKET = _ACCOUNT + r"/tickets/{ticket:\d{1,18}}"

PAGES = (
    Page("GET", "/sidebar", shell.choose, Right.DESK_WORK),
    Page("GET", _ACCOUNT, shell.page, Right.DESK_WORK),
    Page("POST", f"{_ACCOUNT}/signature", signing.sign, Right.DESK_WORK),
    Page("POST", f"{_ACCOUNT}/customer", customer.show, Right.DESK_WORK),
    Page("POST", f"{_ACCOUNT}/suggestions", words.suggest_ticketless, Right.DESK_WORK),
    Page("GET", f"{_ACCOUNT}/scripts", words.find, Right.DESK_WORK),
    Page("GET", f"{_TICKET}/suggestions", words.suggest, Right.DESK_WORK),
    Page("POST", f"{_TICKET}/tag", acts.tag, Right.DESK_WORK),
    Page("POST", f"{_TICKET}/reveal", acts.reveal_field, Right.FIELD_REVEAL),
)

__all__ = ["PAGES"]
