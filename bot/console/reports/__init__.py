"""How was the shop's service in a period, in pictures and tables, and as files?

Front door: `PAGES`.
"""

from typing import Final

from bot.access import Right
from bot.console.page import Page
from bot.console.reports.export import export_file
from bot.console.reports.shown import report_page, said_fragment

PAGES: Final = (
    Page("GET", "/reports", report_page, Right.REPORT_SEE),
    Page("GET", "/reports/said", said_fragment, Right.REPORT_SEE),
    Page("GET", "/reports/export", export_file, Right.DATA_EXPORT),
)

__all__ = ["PAGES"]
