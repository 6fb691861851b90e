"""What was said, may we use it, and what does it teach? First: one transcript of all that was said.

Front door: `Archive` (append, transcript, recall), `Entry`, `define_tables`.
"""

from archive.record import Archive, Entry, Voice
from archive.tables import ArchiveTables, define_tables
from archive.words import Keyword, Keywords, LabelledFileWrong, evaluate_keywords, keyword_peers, read_labelled

__all__ = [
    "Archive",
    "ArchiveTables",
    "Entry",
    "Keyword",
    "Keywords",
    "LabelledFileWrong",
    "Voice",
    "define_tables",
    "evaluate_keywords",
    "keyword_peers",
    "read_labelled",
]
