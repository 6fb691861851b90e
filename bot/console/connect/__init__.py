"""Which programs are connected? Tokens and webhooks, made and ended by people.

Front door: `PAGES`.
"""

from bot.access import Right
from bot.console.connect import hook_pages, token_pages
from bot.console.page import Page

_ONE = r"/connect/tokens/{token:\d{1,18}}"
_HOOK = r"/connect/webhooks/{hook:\d{1,18}}"

PAGES = (
    Page("GET", "/connect", token_pages.overview, Right.CONNECT),
    Page("POST", "/connect/tokens", token_pages.issue, Right.CONNECT),
    Page("POST", f"{_ONE}/revoke", token_pages.revoke, Right.CONNECT),
    Page("POST", "/connect/webhooks", hook_pages.add, Right.CONNECT),
    Page("GET", _HOOK, hook_pages.detail, Right.CONNECT),
    Page("POST", f"{_HOOK}/switch", hook_pages.switch, Right.CONNECT),
    Page("POST", f"{_HOOK}/try", hook_pages.try_out, Right.CONNECT),
    Page("POST", f"{_HOOK}/renew", hook_pages.renew, Right.CONNECT),
    Page("POST", f"{_HOOK}/remove", hook_pages.remove, Right.CONNECT),
    Page("POST", f"{_HOOK}/deliveries/{{delivery:[0-9a-f]{{32}}}}/again", hook_pages.again, Right.CONNECT),
)

__all__ = ["PAGES"]
