"""What have we approved to say about it?"""

from knowledge_base.evaluation import KbScores, evaluate
from knowledge_base.files import read_scripts, write_scripts
from knowledge_base.knowledge_base import KnowledgeBase
from knowledge_base.library import Changes, Library
from knowledge_base.problems import ImportFailed, Problem, ScriptInvalid
from knowledge_base.script import CHANNELS, Script, fingerprint, to_plain
from knowledge_base.snapshot import Audience, Passage, Snapshot, build_snapshot, revision_of
from knowledge_base.table_format import COLUMNS
from knowledge_base.tables import Tables, define
from knowledge_base.vector_index import VectorIndex, open_index

__all__ = [
    "CHANNELS",
    "COLUMNS",
    "Audience",
    "Changes",
    "ImportFailed",
    "KbScores",
    "KnowledgeBase",
    "Library",
    "Passage",
    "Problem",
    "Script",
    "ScriptInvalid",
    "Snapshot",
    "Tables",
    "VectorIndex",
    "build_snapshot",
    "define",
    "evaluate",
    "fingerprint",
    "open_index",
    "read_scripts",
    "revision_of",
    "to_plain",
    "write_scripts",
]
