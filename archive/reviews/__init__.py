"""How well was a conversation led, in the eyes of people, and do they agree?

Front door: a `ScoreSheet` and `score`; `ReviewStore` (assign, score, appeal, settle); `between_reviewers`,
`with_rules`; `forget_reviews`.
"""

from archive.reviews.agreement import Agreement, agreement
from archive.reviews.comparing import NodeAgreement, PairAgreement, between_reviewers, with_rules
from archive.reviews.forgetting import forget_reviews
from archive.reviews.sheets import Marks, MarksBroken, Scored, ScoreSheet, SheetNode, score
from archive.reviews.store import ReviewStore
from archive.reviews.tables import ReviewTables
from archive.reviews.values import (
    Comment,
    Outcome,
    Review,
    ReviewEvent,
    ReviewRefused,
    ReviewSelection,
    ReviewState,
    ToReview,
    Words,
)

__all__ = [
    "Agreement",
    "Comment",
    "Marks",
    "MarksBroken",
    "NodeAgreement",
    "Outcome",
    "PairAgreement",
    "Review",
    "ReviewEvent",
    "ReviewRefused",
    "ReviewSelection",
    "ReviewState",
    "ReviewStore",
    "ReviewTables",
    "ScoreSheet",
    "Scored",
    "SheetNode",
    "ToReview",
    "Words",
    "agreement",
    "between_reviewers",
    "forget_reviews",
    "score",
    "with_rules",
]
