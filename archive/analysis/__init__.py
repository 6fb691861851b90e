"""What does all that was said tell us? Analyzers, sessions, findings: in batches, restartable, once each.

Front door: `AnalysisRunner` over a `AnalysisGround`, `ANALYZERS`, `QualityRule`s held against sessions by a `Quality`.
"""

from archive.analysis.analyzers import ANALYZERS, CLEAR, build_analyzers
from archive.analysis.features import Features, features_of, satisfaction_of
from archive.analysis.feeling import NEGATIVE, POSITIVE, feels, last_moods
from archive.analysis.finding_store import CONFIRMED, DISMISSED, OPEN, FindingStore, KeptFinding
from archive.analysis.fresh import Analysed
from archive.analysis.ground import AnalysisGround, May
from archive.analysis.judging import (
    Answered,
    BusinessSeconds,
    Case,
    Finding,
    HandedOver,
    Judge,
    Likeness,
    ServiceFacts,
    Verdict,
)
from archive.analysis.kit import Kit, LastScores
from archive.analysis.lines import PEOPLE, Line, Wait, waits
from archive.analysis.progress import RULES, OvertakenError, Progress, ProgressStore
from archive.analysis.quality import FactsOf, Quality, any_time, no_facts, nothing_approved
from archive.analysis.report_reading import Shown, read_report
from archive.analysis.report_sums import FELT
from archive.analysis.report_values import (
    BUCKETS,
    AgentShown,
    ArchiveReport,
    Day,
    Moods,
    Quote,
    RuleFound,
    Times,
    TopicShown,
    Totals,
    WordCount,
)
from archive.analysis.results import Result, Results
from archive.analysis.rules import (
    BrokenPromise,
    CausedHandover,
    Check,
    Drift,
    ForbiddenPhrase,
    MissingPhrase,
    Node,
    QualityRule,
    Severity,
    Side,
    SlowAnswer,
    Unanswered,
)
from archive.analysis.runner import AnalysisRunner, AnalysisStep, progress_of
from archive.analysis.sampling import Sampled, sample, spoken_in
from archive.analysis.session_store import DueSession, SessionStore
from archive.analysis.tables import AnalysisTables
from archive.analysis.values import UNTIMED, Analyzer, Mark, Utterance

__all__ = [
    "ANALYZERS",
    "BUCKETS",
    "CLEAR",
    "CONFIRMED",
    "DISMISSED",
    "FELT",
    "NEGATIVE",
    "OPEN",
    "PEOPLE",
    "POSITIVE",
    "RULES",
    "UNTIMED",
    "AgentShown",
    "Analysed",
    "AnalysisGround",
    "AnalysisRunner",
    "AnalysisStep",
    "AnalysisTables",
    "Analyzer",
    "Answered",
    "ArchiveReport",
    "BrokenPromise",
    "BusinessSeconds",
    "Case",
    "CausedHandover",
    "Check",
    "Day",
    "Drift",
    "DueSession",
    "FactsOf",
    "Features",
    "Finding",
    "FindingStore",
    "ForbiddenPhrase",
    "HandedOver",
    "Judge",
    "KeptFinding",
    "Kit",
    "LastScores",
    "Likeness",
    "Line",
    "Mark",
    "May",
    "MissingPhrase",
    "Moods",
    "Node",
    "OvertakenError",
    "Progress",
    "ProgressStore",
    "Quality",
    "QualityRule",
    "Quote",
    "Result",
    "Results",
    "RuleFound",
    "Sampled",
    "ServiceFacts",
    "SessionStore",
    "Severity",
    "Shown",
    "Side",
    "SlowAnswer",
    "Times",
    "TopicShown",
    "Totals",
    "Unanswered",
    "Utterance",
    "Verdict",
    "Wait",
    "WordCount",
    "any_time",
    "build_analyzers",
    "features_of",
    "feels",
    "last_moods",
    "no_facts",
    "nothing_approved",
    "progress_of",
    "read_report",
    "sample",
    "satisfaction_of",
    "spoken_in",
    "waits",
]
