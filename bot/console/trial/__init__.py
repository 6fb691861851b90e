"""The pages of the trial: a customer played against the drafts and what is live, side by side."""

from __future__ import annotations

from typing import Final

from bot.access import Right
from bot.console.page import Page
from bot.console.trial import batch, talk, upload
from bot.studio.pack_upload import MOST_PACKED

MOST_UPLOADED: Final = 512 * 1024  # bytes: some hundred questions take a tenth

PAGES: Final = (
    Page("GET", "/trial", talk.trial_page, Right.TRIAL_RUN),
    Page("POST", "/trial", talk.say, Right.TRIAL_RUN),
    Page("POST", "/trial/pack", upload.take, Right.TRIAL_RUN, MOST_PACKED + MOST_UPLOADED),
    Page("GET", "/trial/batch", batch.batch_page, Right.TRIAL_RUN),
    Page("POST", "/trial/batch", batch.ask, Right.TRIAL_RUN, MOST_UPLOADED),
)
