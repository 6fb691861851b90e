"""Which pieces of the vocabulary does a text consist of? The most probable split (Kudo 2018, SentencePiece)."""

from __future__ import annotations

import re

from nlu.bundled_weights import Tokens

_SPACES = re.compile(" {2,}")
_SPACE_MARK = "\u2581"
_UNKNOWN_PENALTY = 10.0  # as SentencePiece: below the least probable piece
_LEAST = -1e30


class Unigram:
    """The tokenizer of XLM-RoBERTa, which multilingual-e5 has: normalise, mark spaces, take the best split."""

    def __init__(self, tokens: Tokens) -> None:
        self._start, self._end, self._unknown = tokens.bos, tokens.eos, tokens.unknown
        self._table = str.maketrans(dict(tokens.replaced))
        self._scores: list[float] = tokens.scores.tolist()
        self._pieces = {piece: number for number, piece in enumerate(tokens.pieces) if number != self._unknown}
        self._longest: dict[str, int] = {}  # of the pieces that begin with a character: hardly one is long in Chinese
        for piece in filter(None, self._pieces):
            self._longest[piece[0]] = max(len(piece), self._longest.get(piece[0], 0))
        self._unknown_score = min(self._scores) - _UNKNOWN_PENALTY

    def encode(self, text: str) -> list[int]:
        """The ids of the pieces between the marks of start and end; characters no piece covers are unknown."""
        plain = _SPACES.sub(" ", text.translate(self._table))
        marked = plain.replace(" ", _SPACE_MARK)
        return [self._start, *self._split(marked if plain.startswith(" ") else _SPACE_MARK + marked), self._end]

    def _split(self, text: str) -> list[int]:
        """Viterbi over all pieces that occur in the text."""
        size = len(text)
        best = [_LEAST] * (size + 1)
        best[0] = 0.0
        back: list[tuple[int, int]] = [(0, self._unknown)] * (size + 1)
        for start in range(size):
            reached = best[start]
            longest = self._longest.get(text[start], 0)
            for end in range(start + 1, min(size, start + longest) + 1):
                piece = self._pieces.get(text[start:end])
                if piece is not None and reached + self._scores[piece] > best[end]:
                    best[end] = reached + self._scores[piece]
                    back[end] = (start, piece)
            if reached + self._unknown_score > best[start + 1]:
                best[start + 1] = reached + self._unknown_score
                back[start + 1] = (start, self._unknown)
        pieces: list[int] = []
        while size:
            size, number = back[size]
            pieces.append(number)
        return pieces[::-1]
