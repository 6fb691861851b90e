"""Which runs of characters does a text hold? Hashed, for thousands of texts a second."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LONGEST = 5  # characters of a run
READ = 10_000  # characters of a text; a mood is told sooner
_FIRST, _LAST = "\1", "\2"  # 好 alone says yes, 很好 is praise: where a text begins and ends is part of its runs
_AT_ONCE = 256  # texts whose runs are sorted together: they stay in the processor's cache
_MASKS = re.compile(r"\[\w{1,4}x\]")  # [订单x]: what was hidden has no mood
_DIGITS = re.compile(r"\d+")
_SPACES = re.compile(r"[\s\x00-\x1f]+")
_REPEATS = re.compile(r"(.)\1{2,}")
# the finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_STIRS = ((np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)), (np.uint64(27), np.uint64(0x94D049BB133111EB)))
_LAST_SHIFT = np.uint64(31)

Columns = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grams:
    """Of each text the columns of its runs, each once. columns: all texts' one after the other; ends: [texts + 1]."""

    columns: Columns
    ends: Columns

    @property
    def rows(self) -> Columns:
        """The number of the text that each column belongs to."""
        return np.repeat(np.arange(len(self.ends) - 1), np.diff(self.ends))


def tidy(text: str) -> str:
    """One width, one case, one digit; no masks, no control characters, nothing said more than twice in a row."""
    plain = unicodedata.normalize("NFKC", text[:READ]).lower()
    plain = _SPACES.sub(" ", _DIGITS.sub("0", _MASKS.sub(" ", plain))).strip()
    return _REPEATS.sub(r"\1\1", plain)


def grams(texts: Sequence[str], *, bits: int, longest: int = LONGEST) -> Grams:
    """The runs of 1 to `longest` characters, ends of the text included, each as a column below 2**bits."""
    parts = [_chunk(texts[start : start + _AT_ONCE], bits, longest) for start in range(0, len(texts), _AT_ONCE)]
    lengths = np.concatenate([np.zeros(1, np.int64), *(lengths for _, lengths in parts)])
    columns = [columns for columns, _ in parts]
    return Grams(np.concatenate(columns) if columns else np.zeros(0, np.int64), np.cumsum(lengths))


def crossed(found: Grams, kinds: NDArray[np.int64], *, bits: int) -> Columns:
    """For each column another one that holds only for texts of the same kind. kinds: [texts], from 0."""
    kind = (kinds + 1).astype(np.uint64)[found.rows]
    mixed = _stirred((found.columns.astype(np.uint64) << np.uint64(16)) + kind)
    return (mixed >> np.uint64(64 - bits)).astype(np.int64)


def _chunk(texts: Sequence[str], bits: int, longest: int) -> tuple[Columns, Columns]:
    """Columns text after text, and how many each text has."""
    joined = "\0".join(["", *(f"{_FIRST}{plain}{_LAST}" if plain else "" for plain in map(tidy, texts)), ""])
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    text = np.cumsum(codes == 0) - 1
    keys = np.concatenate([(text[at] << bits) | columns for at, columns in _runs(codes, bits, longest)])
    keys.sort()  # a third of the time of numpy.unique
    keys = keys[np.concatenate([np.ones(min(len(keys), 1), bool), keys[1:] != keys[:-1]])]
    return keys & ((1 << bits) - 1), np.bincount(keys >> bits, minlength=len(texts))[: len(texts)]


def _runs(codes: NDArray[np.uint64], bits: int, longest: int) -> Iterator[tuple[NDArray[np.intp], Columns]]:
    """For each length: where the runs start, and their columns; no run reaches over the end of a text (code 0)."""
    characters = _stirred((codes + np.uint64(1)) * _GOLDEN)
    broken = codes == 0
    whole, run = broken, characters
    for length in range(1, longest + 1):
        if length > 1:
            run = _stirred(run[:-1] * _GOLDEN + characters[length - 1 :])
            whole = whole[:-1] | broken[length - 1 :]
        at = np.flatnonzero(~whole)
        yield at, (run[at] >> np.uint64(64 - bits)).astype(np.int64)


def _stirred(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    for shift, factor in _STIRS:
        values = (values ^ (values >> shift)) * factor
    return values ^ (values >> _LAST_SHIFT)
