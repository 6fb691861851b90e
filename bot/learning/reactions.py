"""How does a customer react to what she was told? By words alone: useless, satisfied, or neither."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.learning.words import WORDS
from nlu import normalise

LONGEST = 40  # characters of a reaction made of fixed words; what is longer asks or tells something


class Reaction(StrEnum):
    """What a message says about the answer before it."""

    UNHELPFUL = "unhelpful"
    SATISFIED = "satisfied"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class _Words:
    """anywhere: enough in any part. whole: with fillers the whole message. excepts: cut out before looking."""

    anywhere: tuple[str, ...]
    whole: frozenset[str]
    excepts: tuple[str, ...]


def _words(table: Mapping[str, Any]) -> _Words:
    return _Words(tuple(table["anywhere"]), frozenset(table["whole"]), tuple(table["except_words"]))


_UNHELPFUL, _SATISFIED = _words(WORDS["unhelpful"]), _words(WORDS["satisfied"])
_CHAT, _FILLERS = frozenset(WORDS["chat"]["whole"]), frozenset(WORDS["fillers"])


def reaction(text: str) -> Reaction:
    """What `text` says about the answer it follows; useless wins over polite ("没用，谢谢")."""
    plain = normalise(text)
    if _says(plain, _UNHELPFUL, _FILLERS | _SATISFIED.whole):
        return Reaction.UNHELPFUL
    if not text.rstrip().endswith(("?", "？")) and _says(plain, _SATISFIED, _FILLERS):
        return Reaction.SATISFIED
    return Reaction.NONE


def asks_nothing(text: str) -> bool:
    """Whether `text` is only a reaction, a greeting, a yes or a call for somebody: no question for a script."""
    plain = normalise(text)
    words = _CHAT | _SATISFIED.whole | _UNHELPFUL.whole
    return len(plain) < 2 or plain.isdecimal() or _made_of(plain, words, _FILLERS)  # noqa: PLR2004


def _says(plain: str, words: _Words, fillers: frozenset[str]) -> bool:
    for except_word in words.excepts:
        plain = plain.replace(except_word, "?")
    return any(phrase in plain for phrase in words.anywhere) or _made_of(plain, words.whole, fillers)


def _made_of(plain: str, words: frozenset[str], fillers: frozenset[str]) -> bool:
    """Whether the whole of `plain` can be cut into `words` and `fillers`, with at least one of `words`."""
    if not plain or len(plain) > LONGEST:
        return False
    reached = {0: False}  # end of what was cut so far → whether one of `words` is in it
    for start in range(len(plain)):
        if start not in reached:
            continue
        for end in range(start + 1, len(plain) + 1):
            part = plain[start:end]
            if part in words or part in fillers:
                reached[end] = reached.get(end, False) or reached[start] or part in words
    return reached.get(len(plain), False)
