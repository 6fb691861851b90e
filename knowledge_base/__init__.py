"""What have we approved to say about it?"""

from knowledge_base.attachments import (
    MAX_FILE_BYTES,
    PICTURE_SUFFIXES,
    VIDEO_SUFFIXES,
    Attachment,
    Link,
    Menu,
    MiniProgram,
    Picture,
    Video,
    is_file,
    sources,
)
from knowledge_base.building import Reading, script_of
from knowledge_base.drafts import Near, Proposal, propose
from knowledge_base.edits import Edit, Edits
from knowledge_base.evaluation import KbScores, evaluate
from knowledge_base.example import example_script
from knowledge_base.files import SUFFIXES, read_file, read_scripts, write_scripts
from knowledge_base.finder import Finder
from knowledge_base.findings import Finding
from knowledge_base.gaps import Gap, Unanswered, core, find_gaps
from knowledge_base.hours import Window
from knowledge_base.indexing import build_snapshot
from knowledge_base.knowledge_base import KnowledgeBase
from knowledge_base.lessons import Judged
from knowledge_base.library import Changes, Library, NoSuchVersion, Overtaken, Version
from knowledge_base.lint_all import lint
from knowledge_base.problems import ImportFailed, LeftOut, NotAllKept, Problem, ScriptInvalid
from knowledge_base.script import CHANNELS, STAGES, STATES, Script, State, fingerprint, to_plain
from knowledge_base.snapshot import Audience, Passage, Snapshot, revision_of
from knowledge_base.spelt import findable, wanted
from knowledge_base.table_format import COLUMNS, spreadsheet_text
from knowledge_base.tables import Tables, define
from knowledge_base.unwritten import TO_BE_WRITTEN, is_written
from knowledge_base.vector_files import open_index
from knowledge_base.vector_index import VectorIndex
from knowledge_base.workflow import MOVES, MoveRefused

__all__ = [
    "CHANNELS",
    "COLUMNS",
    "MAX_FILE_BYTES",
    "MOVES",
    "PICTURE_SUFFIXES",
    "STAGES",
    "STATES",
    "SUFFIXES",
    "TO_BE_WRITTEN",
    "VIDEO_SUFFIXES",
    "Attachment",
    "Audience",
    "Changes",
    "Edit",
    "Edits",
    "Finder",
    "Finding",
    "Gap",
    "ImportFailed",
    "Judged",
    "KbScores",
    "KnowledgeBase",
    "LeftOut",
    "Library",
    "Link",
    "Menu",
    "MiniProgram",
    "MoveRefused",
    "Near",
    "NoSuchVersion",
    "NotAllKept",
    "Overtaken",
    "Passage",
    "Picture",
    "Problem",
    "Proposal",
    "Reading",
    "Script",
    "ScriptInvalid",
    "Snapshot",
    "State",
    "Tables",
    "Unanswered",
    "VectorIndex",
    "Version",
    "Video",
    "Window",
    "build_snapshot",
    "core",
    "define",
    "evaluate",
    "example_script",
    "find_gaps",
    "findable",
    "fingerprint",
    "is_file",
    "is_written",
    "lint",
    "open_index",
    "propose",
    "read_file",
    "read_scripts",
    "revision_of",
    "script_of",
    "sources",
    "spreadsheet_text",
    "to_plain",
    "wanted",
    "write_scripts",
]
