"""Which words matter in what was said, which are new or said more than usual, and what do customers ask about?"""

from archive.words.evaluation import LabelledFileWrong, evaluate_keywords, keyword_peers, read_labelled
from archive.words.keywords import Keyword, Keywords
from archive.words.normalising import normalise

__all__ = [
    "Keyword",
    "Keywords",
    "LabelledFileWrong",
    "evaluate_keywords",
    "keyword_peers",
    "normalise",
    "read_labelled",
]
