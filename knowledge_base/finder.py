"""Which script does an agent mean who types a few letters of it: of its text, its pinyin or its initials?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from knowledge_base.script import Script

MOST_QUESTIONS = 3  # of a script, beside its title: those that agents know it by
_TITLE, _START = 2, 1


@dataclass(frozen=True, slots=True)
class _Spelt:
    """One name of a script in the three ways it is typed. place: 0 for the title."""

    text: str
    sound: str
    initials: str
    place: int

    @classmethod
    def of(cls, name: str, place: int) -> _Spelt:
        from pypinyin import Style, lazy_pinyin  # noqa: PLC0415 - 30 MB, for those alone who search by typing

        plain = "".join(name.lower().split())
        sound = lazy_pinyin(plain, style=Style.NORMAL)
        initials = "".join(each[:1] for each in chain.from_iterable(_syllables(one) for one in sound))
        return cls(plain, "".join(sound), initials, place)

    def score(self, typed: str) -> int:
        """How well it fits, 0 for not at all: its beginning before its middle, the title before questions."""
        best = 0
        for worth, spelt in ((6, self.text), (4, self.initials), (4, self.sound)):
            at = spelt.find(typed)
            if at >= 0:
                best = max(best, worth + (_START if at == 0 else 0))
        return best * 2 + (_TITLE if self.place == 0 else 0) if best else 0


class Finder:
    """An immutable index over scripts; 10,000 of them are gone through in some milliseconds."""

    def __init__(self, scripts: Iterable[Script], before: Finder | None = None) -> None:
        """before: an earlier index, from which what did not change is taken: to spell a name costs some 50 µs."""
        known = before.names if before is not None else {}
        self.names: dict[tuple[str, ...], tuple[_Spelt, ...]] = {}
        self._scripts: list[tuple[Script, tuple[_Spelt, ...]]] = []
        for script in scripts:
            names = (script.title, *script.questions[:MOST_QUESTIONS])
            spelt = known.get(names) or tuple(_Spelt.of(name, place) for place, name in enumerate(names))
            self.names[names] = spelt
            self._scripts.append((script, spelt))

    def find(self, typed: str, *, limit: int) -> Sequence[Script]:
        """The scripts that fit best; for nothing typed the first by title."""
        wanted = "".join(typed.lower().split())
        if not wanted:
            return [script for script, _ in self._scripts[:limit]]
        scored = [
            (score, script) for script, names in self._scripts if (score := max(each.score(wanted) for each in names))
        ]
        scored.sort(key=lambda each: (-each[0], len(each[1].title), each[1].title))
        return [script for _, script in scored[:limit]]


def _syllables(sound: str) -> Iterable[str]:
    """What is no Chinese comes as it stands: each of its characters counts by itself."""
    return (sound,) if sound.isalpha() and sound.isascii() else tuple(sound)
