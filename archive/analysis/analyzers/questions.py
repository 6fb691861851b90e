"""Does the customer ask or want something, or does she only answer, thank and say good-bye?

By its words alone: a question mark, a question word, or the particle of a yes-no question at the end of a clause
(Chao, A Grammar of Spoken Chinese, 1968, §2.12: 吗, 么, A-不-A and question words make questions), and the usual
wordings of a request to a shop.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files
from typing import Final

from archive.analysis.values import Mark, Utterance
from archive.entry import Voice

_WORDS: Final = tomllib.loads(files("archive.analysis.analyzers").joinpath("questions.toml").read_text("utf-8"))
_NOT: Final = re.compile("|".join(map(re.escape, sorted(_WORDS["courtesies"], key=len, reverse=True))))
_ASKS: Final = re.compile(
    "|".join(
        (
            r"[?？]",
            r"(?<=[一-龥A-Za-z0-9])(?:" + "|".join(map(re.escape, _WORDS["particles"])) + r")(?=$|[,，。.!！~～…\s])",
            r"那[^,，。.!！~～…\s]{1,12}呢",  # 那运费呢; without 那, as in 没了呢, it only softens
            "|".join(map(re.escape, (*_WORDS["question_words"], *_WORDS["requests"]))),
            r"([一-龥])[不没]\1",  # A-不-A: 能不能, 有没有
        )
    )
)
_HAS_WORDS: Final = re.compile(r"[一-龥A-Za-z]{2}")


class Questions:
    """label "question" for what a customer asks or wants, nothing otherwise."""

    name = "question"
    version = 1

    def analyze(self, batch: Sequence[Utterance]) -> Sequence[Mark | None]:
        """Marks for customers' questions."""
        return [
            Mark(each.id, label="question") if each.voice is Voice.CUSTOMER and asks(each.text) else None
            for each in batch
        ]


def asks(text: str) -> bool:
    """Whether a customer's text asks or wants something of the shop."""
    bare = _NOT.sub("", text)
    return bool(_HAS_WORDS.search(bare)) and bool(_ASKS.search(bare))
