"""Which runs of one to three symbols does a text hold, as numbers that sort and compare fast?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.sound import sounded

Keys = NDArray[np.uint64]
Symbols = NDArray[np.uint32]

_BITS = 21  # of a symbol: Unicode's code points and the syllables behind them
LONGEST = 3  # symbols that fit in a key
_ONE, _SHIFT, _TWICE, _LAST = np.uint64(1), np.uint64(_BITS), np.uint64(2 * _BITS), np.uint64((1 << _BITS) - 1)
_BEYOND = np.array([1 << _BITS * size for size in range(LONGEST)], np.uint64)  # the least key of each size, or less
# what questions are put with, whatever they are about; by spelling alone, for syllables mean too many other words
_GRAMMAR = "会不能可以吗呢吧啊呀嘛么什怎多少我你您他们要有没的了是在哪几这那个为啥咋想问请就都也还"
_GRAMMATICAL = np.zeros(1 << _BITS, dtype=np.bool_)  # by symbol of a key; zero is none
_GRAMMATICAL[[0, *(ord(character) + 1 for character in _GRAMMAR)]] = True


def symbols(plain: Sequence[str], *, sound: bool = False) -> tuple[Symbols, NDArray[np.int64]]:
    """The code points of the normalised texts in a row, or their syllables, and the length of each text."""
    row = np.frombuffer("".join(plain).encode("utf-32-le", "replace"), dtype="<u4")
    lengths = np.fromiter(map(len, plain), np.int64, len(plain))
    return (sounded(row) if sound else row), lengths


@dataclass(frozen=True, slots=True)
class Runs:
    """The distinct runs of a text: keys, ascending and so the shorter ones first; counts: how often it holds each.

    grammar: which of them are mere grammar.
    """

    keys: Keys
    counts: NDArray[np.int64]
    grammar: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.keys)

    def of_sizes(self, shortest: int, longest: int) -> Runs:
        """Those of so many symbols."""
        if (shortest, longest) == (1, LONGEST):
            return self
        first = self.keys.searchsorted(_BEYOND[shortest - 1]) if shortest > 1 else 0
        end = self.keys.searchsorted(_BEYOND[longest]) if longest < LONGEST else len(self.keys)
        return Runs(self.keys[first:end], self.counts[first:end], self.grammar[first:end])


def runs_of(plain: str, *, longest: int = LONGEST, sound: bool = False) -> Runs:
    """The runs of one to `longest` symbols of one normalised text."""
    row = np.frombuffer(plain.encode("utf-32-le", "replace"), dtype="<u4")
    wide = (sounded(row) if sound else row).astype(np.uint64)
    wide += _ONE
    joined = [wide]
    for place in range(1, min(longest, len(wide))):
        joined.append((joined[-1][:-1] << _SHIFT) | wide[place:])
    keys = np.concatenate(joined)
    keys.sort()
    new = np.ones(len(keys) + 1, dtype=np.bool_)  # one more, where the last ends
    np.not_equal(keys[1:], keys[:-1], out=new[1:-1])
    bounds = new.nonzero()[0]
    keys = keys[bounds[:-1]]
    # no syllable is mere grammar: it means too many other words
    grammar = np.zeros(len(keys), np.bool_) if sound else grammatical(keys)
    return Runs(keys, bounds[1:] - bounds[:-1], grammar)


def keys_by_size(
    row: Symbols, lengths: NDArray[np.int64], sizes: Iterable[int]
) -> Iterable[tuple[Keys, NDArray[np.int32]]]:
    """For each size the runs of all texts and the text each is of, texts ascending; no run crosses texts."""
    wide = row.astype(np.uint64) + np.uint64(1)
    owner = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    for size in sizes:
        if size > len(wide):
            continue
        first = owner[: len(owner) - size + 1]
        inside = first == owner[size - 1 :]
        yield _joined(wide, size)[inside], first[inside]


def grammatical(keys: Keys) -> NDArray[np.bool_]:
    """Which runs hold nothing but characters that every question may hold, [n]."""
    found = _GRAMMATICAL.take(keys & _LAST)
    found &= _GRAMMATICAL.take((keys >> _SHIFT) & _LAST)
    found &= _GRAMMATICAL.take(keys >> _TWICE)
    return found


def _joined(wide: Keys, size: int) -> Keys:
    """Exact: a run of `size` symbols fills `size` times `_BITS` bits, and no symbol is zero."""
    count = len(wide) - size + 1
    keys = wide[:count]
    for place in range(1, size):
        keys = keys << _SHIFT
        keys |= wide[place : place + count]
    return keys
