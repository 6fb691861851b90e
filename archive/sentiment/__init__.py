"""How do customers feel over a conversation, what do they announce, and how satisfied were they?

Front door: `SentimentModel` (load, scores, save) and `train`; `signals`; `trend`; `predicted_satisfaction`.
"""

from archive.sentiment.evaluation import NothingToMeasure, SentimentScores, evaluate
from archive.sentiment.model import ModelUnreadable, SentimentModel
from archive.sentiment.rows import Judged, RowsUnreadable, read_rows
from archive.sentiment.satisfaction import SatisfactionFormula, TooFewRatings, predicted_satisfaction
from archive.sentiment.satisfaction import fit as fit_satisfaction
from archive.sentiment.signalling import SIGNALS, signals
from archive.sentiment.training import NothingToLearn, Report, train
from archive.sentiment.trend import Trend, trend
from archive.sentiment.writing import ours_beside, own_texts

__all__ = [
    "SIGNALS",
    "Judged",
    "ModelUnreadable",
    "NothingToLearn",
    "NothingToMeasure",
    "Report",
    "RowsUnreadable",
    "SatisfactionFormula",
    "SentimentModel",
    "SentimentScores",
    "TooFewRatings",
    "Trend",
    "evaluate",
    "fit_satisfaction",
    "ours_beside",
    "own_texts",
    "predicted_satisfaction",
    "read_rows",
    "signals",
    "train",
    "trend",
]
