"""How are conversations reviewed by people, and what do those see who were reviewed?

Front door: `PAGES`.
"""

from typing import Final

from bot.access import Right
from bot.console.page import Page
from bot.console.reviews.commands import appeal, draw, score, settle
from bot.console.reviews.lists import agreement_page, all_page, appeals_page, mine_page, tasks_page
from bot.console.reviews.one import review_page

_ONE = r"/reviews/{review:\d{1,18}}"
PAGES: Final = (
    Page("GET", "/reviews", mine_page, Right.REVIEW_APPEAL),
    Page("GET", "/reviews/tasks", tasks_page, Right.REVIEW_WRITE),
    Page("GET", "/reviews/all", all_page, Right.REVIEW_WRITE),
    Page("GET", "/reviews/appeals", appeals_page, Right.REVIEW_WRITE),
    Page("GET", "/reviews/agreement", agreement_page, Right.REVIEW_WRITE),
    Page("POST", "/reviews/draw", draw, Right.REVIEW_WRITE),
    Page("GET", _ONE, review_page, Right.REVIEW_APPEAL),
    Page("POST", f"{_ONE}/score", score, Right.REVIEW_WRITE),
    Page("POST", f"{_ONE}/appeal", appeal, Right.REVIEW_APPEAL),
    Page("POST", f"{_ONE}/settle", settle, Right.REVIEW_WRITE),
)

__all__ = ["PAGES"]
