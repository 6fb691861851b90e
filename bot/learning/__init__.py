"""What does serving customers teach about the scripts? Pure: facts in, lessons out; the store keeps the facts.

`uses_of` turns one message and its decision into facts about scripts, `judgements` turns facts into lessons for
the search, `proposals` turns questions asked in vain into drafts, masked.
"""

from bot.learning.hearing import Found, Heard, heard_of
from bot.learning.proposing import InVain, Library, masked_questions, proposals
from bot.learning.reactions import Reaction, reaction
from bot.learning.uses import LastShown, ScriptUse, UseKind, uses_of
from bot.learning.voting import Vote, judgements

__all__ = [
    "Found",
    "Heard",
    "InVain",
    "LastShown",
    "Library",
    "Reaction",
    "ScriptUse",
    "UseKind",
    "Vote",
    "heard_of",
    "judgements",
    "masked_questions",
    "proposals",
    "reaction",
    "uses_of",
]
