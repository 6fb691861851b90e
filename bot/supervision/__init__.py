"""What do those see who are answerable for how customers are served: conversations, reviews, reports?

Front door: `Supervision`, the parts of which the console is given; `Lookout`, who looks and how far.
"""

from bot.supervision.archive_desk import ArchiveDesk, Choices, Replay
from bot.supervision.drawing import Drawing
from bot.supervision.report_desk import ReportDesk
from bot.supervision.review_desk import Compared, OpenedReview, ReviewDesk
from bot.supervision.side import Supervision, build_supervision, supervision_of
from bot.supervision.sight import Lookout

__all__ = [
    "ArchiveDesk",
    "Choices",
    "Compared",
    "Drawing",
    "Lookout",
    "OpenedReview",
    "Replay",
    "ReportDesk",
    "ReviewDesk",
    "Supervision",
    "build_supervision",
    "supervision_of",
]
