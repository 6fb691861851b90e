"""Which words and runs of neighbouring words of a text could be its keywords?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from archive.words.catalogue import catalogue
from archive.words.tokens import GOODS_TAG, MARK_TAG, NUMBER_TAG, Token

MOST_TOKENS = 6  # of a phrase; authors' keywords of 7 and more are 1 in 1,000
SHORTEST, LONGEST = 2, 25  # characters
EDGE = ""  # the neighbour where a phrase ends: a mark, a stop word, the end of the text
_HEADLINE = re.compile(r"(?:[.。!！?？;；…][ \n]+|^\s+|\n\s*)([^.。!！?？;；…\n]{4,80})\s*$")


@dataclass(slots=True)
class Candidate:
    """A run of tokens.

    starts: where it stands. left, right: how often which token stands beside it, `EDGE` for none.
    """

    text: str
    tokens: Sequence[Token]
    starts: list[int] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)


def headline(text: str) -> int:
    """Where the text's headline starts: a last sentence without an end mark, set apart; `len(text)` for none."""
    found = _HEADLINE.search(text)
    return found.start(1) if found else len(text)


def candidates(text: str, tokens: Sequence[Token]) -> list[Candidate]:
    """All runs of up to `MOST_TOKENS` adjoining tokens that hold a word, each once, in the order of the text."""
    found: dict[str, Candidate] = {}
    for first, token in enumerate(tokens):
        if token.breaks:
            continue
        for last in range(first, min(len(tokens), first + MOST_TOKENS)):
            if last > first and not _adjoin(text, tokens[last - 1], tokens[last]):
                break
            if tokens[last].breaks:
                break
            run = text[token.start : tokens[last].end]
            if len(run) > LONGEST and (last > first or token.tag != GOODS_TAG):
                break
            if len(run) < SHORTEST or not _says_something(tokens[first : last + 1]):
                continue
            candidate = found.get(run)
            if candidate is None:
                candidate = found[run] = Candidate(run, tokens[first : last + 1])
            candidate.starts.append(token.start)
            candidate.left[_beside(text, tokens, first - 1, first)] += 1
            candidate.right[_beside(text, tokens, last + 1, last)] += 1
    return list(found.values())


def _says_something(run: Sequence[Token]) -> bool:
    if len(run) == 1:
        return run[0].tag not in (NUMBER_TAG, MARK_TAG) and run[0].text not in catalogue().hollow
    return any(token.tag != NUMBER_TAG for token in run)


def _beside(text: str, tokens: Sequence[Token], at: int, edge: int) -> str:
    """The token at `at` if it could belong to the same phrase as the one at `edge`."""
    if not 0 <= at < len(tokens) or tokens[at].breaks:
        return EDGE
    one, other = (tokens[at], tokens[edge]) if at < edge else (tokens[edge], tokens[at])
    return tokens[at].text if _adjoin(text, one, other) else EDGE


def _adjoin(text: str, one: Token, other: Token) -> bool:
    """Written together, or Latin words or numbers with one space between: "iPhone 15"."""
    if one.end == other.start:
        return True
    return (
        other.start - one.end == 1 and text[one.end] == " " and text[one.end - 1].isascii() and other.text[0].isascii()
    )
