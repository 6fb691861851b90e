"""What did we write ourselves for the model to learn from? Service messages and reviews, put together from lists."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files

from archive.sentiment.rows import Judged

PARTS = 4
_SEED = 12  # any; the same texts every time
_ENOUGH = 1_000  # judged texts of each side
_BESIDE = 4_000  # compositions without a mood: more of them cost accuracy on long reviews
_EVERY_DAY = 3  # times that a sentence counts beside a composition
_WHOLE = 3  # characters of a predicate that needs no subject
_CLAUSES = (1, 1, 1, 2, 2, 3, 4)
# shares of the texts
_WITH_ASIDE, _TURNED = 0.3, 0.12
_SAID, _OF_ANOTHER, _NEGATED = 0.35, 0.15, 0.25


@dataclass(frozen=True, slots=True)
class Aspect:
    """What one may speak of, and what is said of it. A trailing * marks what 不 turns round."""

    subjects: tuple[str, ...]
    pleases: tuple[str, ...]
    displeases: tuple[str, ...]


def own_texts(*, polar: int = 12_000, neutral: int = 16_000) -> list[Judged]:
    """Our sentences, `polar` compositions of each side and `neutral` ones without a feeling.

    In parts (`Judged.part`), each from a share of the lists: what a part says is new to who learned the others only.
    """
    rows = []
    for part in range(PARTS):
        writer = _Writer(random.Random(_SEED + part), part)  # noqa: S311 - texts, not secrets
        said = [Judged(text, label, part=part) for label, lines in writer.sayings.items() for text in lines]
        rows += said * _EVERY_DAY
        for label in (1, -1):
            rows += [Judged(writer.opinion(label), label, part=part) for _ in range(polar // PARTS)]
        rows += [Judged(writer.matter_of_fact(), 0, part=part) for _ in range(neutral // PARTS)]
    return rows


def ours_beside(rows: Sequence[Judged]) -> list[Judged]:
    """What of ours to learn beside what others judged: all, or, where they have enough, only what has no mood.

    Real texts tell good from bad better than ours; what has no mood is seldom among them.
    """
    enough = all(sum(row.label == side for row in rows) >= _ENOUGH for side in (1, -1))
    return [row for row in own_texts(polar=0, neutral=_BESIDE) if row.label == 0] if enough else own_texts()


def _read(name: str) -> str:
    return (files("archive.sentiment") / "data" / name).read_text(encoding="utf-8")


def _lines(name: str) -> list[str]:
    return [line for line in _read(name).splitlines() if line.strip() and not line.startswith("#")]


def _share(entries: Sequence[str], part: int) -> tuple[str, ...]:
    return tuple(entries[part::PARTS]) or tuple(entries)


def _aspect(line: str, part: int) -> Aspect:
    subjects, pleases, displeases = (tuple(words.split()) for words in line.split("|"))
    return Aspect(subjects, _share(pleases, part), _share(displeases, part))


class _Writer:
    """Puts texts together; what it draws depends on the generator's state alone."""

    def __init__(self, chance: random.Random, part: int) -> None:
        self.aspects = [_aspect(line, part) for line in _lines("aspects.txt")]
        names = {1: "pleased.txt", -1: "displeased.txt", 0: "unmoved.txt"}
        self.sayings = {label: _share(_lines(name), part) for label, name in names.items()}
        self._frames: dict[str, list[str]] = tomllib.loads(_read("frames.toml"))
        self._chance = chance

    def opinion(self, label: int) -> str:
        """One to four clauses of one side; now and then the other side is heard first and turned round."""
        chance, draw = self._chance, self._chance.choice
        aspect = draw(self.aspects)
        parts = [self._clause(aspect, label) for _ in range(draw(_CLAUSES))]
        if chance.random() < _WITH_ASIDE:
            parts.insert(chance.randrange(len(parts) + 1), self._frame("asides"))
        if chance.random() < _TURNED:
            turned = self._frame("turns") + self._clause(aspect, label)
            parts = [self._clause(aspect, -label), turned, *parts[1:], draw(self.sayings[label])]
        return "".join(part + self._frame("stops") for part in parts[:-1]) + parts[-1] + self._frame("ends")

    def matter_of_fact(self) -> str:
        """A question or a fact; also questions for what would please or displease if it were said."""
        draw, facts = self._chance.choice, self.sayings[0]
        aspect = draw(self.aspects)
        subject = draw(aspect.subjects)
        word = draw((*aspect.pleases, *aspect.displeases)).rstrip("*")
        forms: tuple[Callable[[], str], ...] = (
            lambda: draw(facts),
            lambda: draw(facts) + self._frame("stops") + draw(facts),
            lambda: self._frame("asked").format(subject),
            lambda: self._frame("doubted").format(subject, word),
            lambda: self._frame("asides") + self._frame("stops") + draw((draw(facts), subject)),
            lambda: subject + self._frame("question_ends") + draw(facts),
        )
        return draw(forms)() + self._frame("question_ends")

    def _frame(self, name: str) -> str:
        return self._chance.choice(self._frames[name])

    def _clause(self, aspect: Aspect, label: int) -> str:
        draw = self._chance.choice
        if self._chance.random() < _SAID:
            return draw(self.sayings[label])
        if self._chance.random() < _OF_ANOTHER:
            aspect = draw(self.aspects)
        predicate, subject = self._predicate(aspect, label), draw(aspect.subjects)
        # 好 by itself says yes, not that it is good
        return subject + predicate if len(predicate) < _WHOLE else draw(("", "", subject)) + predicate

    def _predicate(self, aspect: Aspect, label: int) -> str:
        draw = self._chance.choice
        said, other = (aspect.pleases, aspect.displeases) if label > 0 else (aspect.displeases, aspect.pleases)
        turned = [word.rstrip("*") for word in other if word.endswith("*")]
        if turned and self._chance.random() < _NEGATED:
            return self._frame("reliefs" if label > 0 else "negations") + draw(turned)
        word = draw(said)
        if label < 0:
            return self._frame("stresses") + word.rstrip("*")
        return self._frame("degrees") + word.rstrip("*") if word.endswith("*") else word
