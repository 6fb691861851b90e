"""Where does a text name a word of the shop's dictionary? The longest one wins, whatever stands around it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

SHORTEST = 2  # characters of a name


class Goods:
    """The shop's dictionary: names of goods, series and services, found as they are, in any case."""

    def __init__(self, names: Iterable[str]) -> None:
        # by the first two characters, the longest first: a name is found in one look at each place
        self._names: dict[str, list[str]] = defaultdict(list)
        for name in sorted({" ".join(each.split()).lower() for each in names}, key=lambda one: (-len(one), one)):
            if len(name) >= SHORTEST:
                self._names[name[:SHORTEST]].append(name)

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Where they stand, from left to right, as start and end; none overlap."""
        if not self._names:
            return
        lower = text.lower()
        if len(lower) != len(text):  # "İ" grows when it is made small: such a text names no goods of ours
            return
        place = 0
        while place < len(lower) - 1:
            for name in self._names.get(lower[place : place + SHORTEST], ()):
                if lower.startswith(name, place) and _whole(lower, place, place + len(name)):
                    yield place, place + len(name)
                    place += len(name) - 1
                    break
            place += 1


def _whole(text: str, start: int, end: int) -> bool:
    """Not cut out of a longer Latin word or number: "pro" is no part of "problem"."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (_sticks(before) and _sticks(text[start])) and not (_sticks(text[end - 1]) and _sticks(after))


def _sticks(char: str) -> bool:
    return char.isascii() and char.isalnum()
