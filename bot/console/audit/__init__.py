"""What was done, by whom and why? The audit log for those who watch over the others.

Front door: `PAGES`.
"""

from bot.access import Right
from bot.console.audit import export, pages
from bot.console.page import Page

PAGES = (
    Page("GET", "/audit", pages.audit_page, Right.AUDIT_READ),
    Page("GET", "/audit/chain", pages.chain_page, Right.AUDIT_READ),
    Page("POST", "/audit/export", export.export, Right.DATA_EXPORT),
)

__all__ = ["PAGES"]
