"""What was said before 店小二 came? Files of past conversations, row by row; a bad row is named, the others are read.

Front door: `read_history` for a file of one of `FORMATS`.
"""

from archive.history.files import FORMATS, HistoryUnreadable, read_history
from archive.history.rows import Origin, RowProblem

__all__ = ["FORMATS", "HistoryUnreadable", "Origin", "RowProblem", "read_history"]
