"""How like is what a person said to the words approved for that question?"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from knowledge_base import CHANNELS, Audience, KnowledgeBase

SURE: Final = 0.6  # probability from which on a script is the one for a question
REMEMBERED: Final = 1_024  # answers taken apart: a shop has some hundred scripts
LOOKED_AT: Final = 3  # scripts that may be it: a person who followed any of them followed a script
WORDS_FROM: Final = 8  # characters; what is shorter ("好的，稍等") is no answer that a script could be held against
_NO_WORDS: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Approved:
    """Holds answers against the live scripts, by spelling alone: no vector is made."""

    knowledge: KnowledgeBase
    at: datetime

    def likeness(self, question: str, answer: str) -> float | None:
        """The overlap of character pairs with the nearest approved answer, in [0, 1].

        Overlap coefficient (Szymkiewicz–Simpson): the share of the shorter one's pairs that the longer one has too, so
        that who says a part of the script says the script. None: no script is surely the one, or too little was said.
        """
        said = _pairs(answer)
        if said.total() < WORDS_FROM - 1:
            return None
        found = self.knowledge.search(question, None, Audience(CHANNELS[0], self.at), LOOKED_AT)
        scripts = [self.knowledge.script(each.script_id) for each in found if each.probability >= SURE]
        answers = {each.answer(channel) for each in scripts if each is not None for channel in CHANNELS}
        return max((_overlap(said, _pairs(each)) for each in answers), default=None)


@lru_cache(REMEMBERED)
def _pairs(text: str) -> Counter[str]:
    bare = _NO_WORDS.sub("", text.lower())
    return Counter(bare[at : at + 2] for at in range(len(bare) - 1))


def _overlap(one: Counter[str], other: Counter[str]) -> float:
    smaller = min(one.total(), other.total())
    return (one & other).total() / smaller if smaller else 0.0
