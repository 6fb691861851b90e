"""Which script does an agent mean who types a few letters of it: of its text, its pinyin or its initials?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from knowledge_base.script import Script
from knowledge_base.spelt import Spelt, spelt, wanted

MOST_QUESTIONS = 3  # of a script, beside its title: those that agents know it by
_TITLE, _START = 2, 1


class Finder:
    """An immutable index over scripts; 10,000 of them are gone through in some milliseconds."""

    def __init__(self, scripts: Iterable[Script], before: Finder | None = None) -> None:
        """before: an earlier index, from which what did not change is taken: to spell a name costs some 50 µs."""
        known = before.names if before is not None else {}
        self.names: dict[tuple[str, ...], tuple[Spelt, ...]] = {}
        self._scripts: list[tuple[Script, tuple[Spelt, ...]]] = []
        for script in scripts:
            names = (script.title, *script.questions[:MOST_QUESTIONS])
            all_ways = known.get(names) or tuple(spelt(name) for name in names)
            self.names[names] = all_ways
            self._scripts.append((script, all_ways))

    def find(self, typed: str, *, limit: int) -> Sequence[Script]:
        """The scripts that fit best; for nothing typed the first by title."""
        letters = wanted(typed)
        if not letters:
            return [script for script, _ in self._scripts[:limit]]
        scored = [(score, script) for script, names in self._scripts if (score := _score(names, letters))]
        scored.sort(key=lambda each: (-each[0], len(each[1].title), each[1].title))
        return [script for _, script in scored[:limit]]


def _score(names: Sequence[Spelt], typed: str) -> int:
    """How well one of them fits, 0 for not at all: its beginning before its middle, the title before questions."""
    best = 0
    for place, name in enumerate(names):
        for worth, way in ((6, name.text), (4, name.initials), (4, name.sound)):
            at = way.find(typed)
            if at >= 0:
                best = max(best, 2 * (worth + (_START if at == 0 else 0)) + (_TITLE if place == 0 else 0))
    return best
