"""What was said, may we use it, and what does it teach? First: one transcript of all that was said.

Front door: `Archive` (append, transcript, recall), `Entry`, `define_tables`; of moods: `SentimentModel`, `signals`,
`trend`, `predicted_satisfaction`.
"""

from archive.record import Archive, Entry, Voice
from archive.sentiment import (
    SIGNALS,
    Judged,
    ModelUnreadable,
    NothingToLearn,
    NothingToMeasure,
    RowsUnreadable,
    SatisfactionFormula,
    SentimentModel,
    TooFewRatings,
    Trend,
    fit_satisfaction,
    ours_beside,
    predicted_satisfaction,
    signals,
    trend,
)
from archive.sentiment import evaluate as evaluate_sentiment
from archive.sentiment import read_rows as read_judged
from archive.sentiment import train as train_sentiment
from archive.tables import ArchiveTables, define_tables

__all__ = [
    "SIGNALS",
    "Archive",
    "ArchiveTables",
    "Entry",
    "Judged",
    "ModelUnreadable",
    "NothingToLearn",
    "NothingToMeasure",
    "RowsUnreadable",
    "SatisfactionFormula",
    "SentimentModel",
    "TooFewRatings",
    "Trend",
    "Voice",
    "define_tables",
    "evaluate_sentiment",
    "fit_satisfaction",
    "ours_beside",
    "predicted_satisfaction",
    "read_judged",
    "signals",
    "train_sentiment",
    "trend",
]
