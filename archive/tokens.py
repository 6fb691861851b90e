"""Which keyed tokens stand for a text, and does a text say what is looked for?

Pairs of neighbouring characters of Chinese (Japanese, Korean), whole words of everything else, each as a keyed digest
of 32 bits: who has the database without the search key learns which entries share a token, not which (docs/adr/0019).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from archive.sealing import Secret

TOKEN_BYTES: Final = 4
INDEXED_CHARS: Final = 20_000  # of a longer text (files' contents) the beginning is found
MOST_TOKENS: Final = 16  # of a query: more narrow it no further
_HAN: Final = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_WORD: Final = rf"[^\W_{_HAN}]"  # a letter or digit of a writing that parts its words
_RUNS: Final = re.compile(rf"(?P<han>[{_HAN}]+)|{_WORD}+")


def folded(text: str) -> str:
    """As it is compared: full width as half width, no difference of case."""
    return unicodedata.normalize("NFKC", text).casefold()


def pieces(text: str) -> Iterator[str]:
    """What of a folded text becomes tokens; a lone character becomes none."""
    for run in _RUNS.finditer(text):
        if run["han"] is None:
            yield run[0]
        else:
            yield from (run[0][start : start + 2] for start in range(len(run[0]) - 1))


def tokens_of(text: str, secret: Secret) -> list[int]:
    """The tokens by which a text is found, each once, sorted: their order says nothing."""
    return sorted({_token(piece, secret) for piece in pieces(folded(text[:INDEXED_CHARS]))})


@lru_cache(65_536)  # the pairs that are said every day
def _token(piece: str, secret: Secret) -> int:
    return secret.token(piece, size=TOKEN_BYTES)


class Wanted:
    """What is looked for: words apart must all be said, each as it is written; "" is said by everything."""

    def __init__(self, text: str) -> None:
        self._terms: Sequence[re.Pattern[str]] = [_term(term) for term in folded(text).split()]
        self._pieces = list(dict.fromkeys(pieces(folded(text))))[:MOST_TOKENS]

    def tokens(self, secret: Secret) -> list[int]:
        """Tokens that a text has which says it; none where it is too short to have any."""
        return sorted({_token(piece, secret) for piece in self._pieces})

    def is_said_in(self, text: str) -> bool:
        """Whether a text says it."""
        seen = folded(text)
        return all(term.search(seen) for term in self._terms)


def _term(term: str) -> re.Pattern[str]:
    """A word stands alone ("ok" is not in "book"), Chinese stands anywhere."""
    before = rf"(?<![^\W_{_HAN}])" if re.match(_WORD, term) else ""
    after = rf"(?![^\W_{_HAN}])" if re.search(rf"{_WORD}\Z", term) else ""
    return re.compile(f"{before}{re.escape(term)}{after}")
