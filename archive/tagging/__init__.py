"""Which tags does a customer have, how sure is that, and by which of her messages?

Front door: `TagRules` are judged by `evaluate`; `Tagger` keeps what comes of it in a `TagStore`; `TagWatch` knows whose
tags are to be looked at.
"""

from archive.tagging.conditions import (
    CameFrom,
    Condition,
    Figure,
    HasIntent,
    HasKeyword,
    HasMood,
    HasSignal,
    HasTopic,
    Observation,
    SessionShows,
    ShowsOrder,
    Signal,
    WithinHours,
    holds,
)
from archive.tagging.evaluation import Judgement, Share, TagState, Weighed, evaluate, weigh
from archive.tagging.evidence import Context, EvidenceReader, Spoken, nothing_known
from archive.tagging.joining import joined
from archive.tagging.rules import Clue, Each, TagRule, TagRules
from archive.tagging.store import Customer, Tag, TagChange, TagStore, worn
from archive.tagging.tables import TAG_CHARS, TaggingTables, define_tables
from archive.tagging.tagger import Tagger, TaggingStep
from archive.tagging.trial import TagTrial, TagTrials
from archive.tagging.watch import TagWatch, Watched

__all__ = [
    "TAG_CHARS",
    "CameFrom",
    "Clue",
    "Condition",
    "Context",
    "Customer",
    "Each",
    "EvidenceReader",
    "Figure",
    "HasIntent",
    "HasKeyword",
    "HasMood",
    "HasSignal",
    "HasTopic",
    "Judgement",
    "Observation",
    "SessionShows",
    "Share",
    "ShowsOrder",
    "Signal",
    "Spoken",
    "Tag",
    "TagChange",
    "TagRule",
    "TagRules",
    "TagState",
    "TagStore",
    "TagTrial",
    "TagTrials",
    "TagWatch",
    "Tagger",
    "TaggingStep",
    "TaggingTables",
    "Watched",
    "Weighed",
    "WithinHours",
    "define_tables",
    "evaluate",
    "holds",
    "joined",
    "nothing_known",
    "weigh",
    "worn",
]
