"""Which words matter in what was said, which are new or said more than usual, and what do customers ask about?"""

from archive.words.alike import Encode
from archive.words.bursts import Burst, bursts
from archive.words.continuity import Known, known
from archive.words.evaluation import LabelledFileWrong, LabelledText, evaluate_keywords, keyword_peers, read_labelled
from archive.words.keyness import Key, keyness
from archive.words.keywords import Keyword, Keywords
from archive.words.new_words import NewWord, new_words
from archive.words.normalising import normalise
from archive.words.priorities import Priority, write_next
from archive.words.questions import Question, Topic
from archive.words.topics import topics

__all__ = [
    "Burst",
    "Encode",
    "Key",
    "Keyword",
    "Keywords",
    "Known",
    "LabelledFileWrong",
    "LabelledText",
    "NewWord",
    "Priority",
    "Question",
    "Topic",
    "bursts",
    "evaluate_keywords",
    "keyness",
    "keyword_peers",
    "known",
    "new_words",
    "normalise",
    "read_labelled",
    "topics",
    "write_next",
]
