"""What was said, may we use it, and what does it teach? First: one transcript of all that was said.

Front door: `Archive` (append, transcript, recall), `Entry`, `define_tables`; of the words: `Keywords`, `new_words`,
`keyness`, `bursts`, `topics`, `write_next`.
"""

from archive.record import Archive, Entry, Voice
from archive.tables import ArchiveTables, define_tables
from archive.words import (
    Burst,
    Key,
    Keyword,
    Keywords,
    Known,
    LabelledFileWrong,
    LabelledText,
    NewWord,
    Priority,
    Question,
    Topic,
    bursts,
    evaluate_keywords,
    keyness,
    keyword_peers,
    known,
    new_words,
    read_labelled,
    topics,
    write_next,
)

__all__ = [
    "Archive",
    "ArchiveTables",
    "Burst",
    "Entry",
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
    "Voice",
    "bursts",
    "define_tables",
    "evaluate_keywords",
    "keyness",
    "keyword_peers",
    "known",
    "new_words",
    "read_labelled",
    "topics",
    "write_next",
]
