"""Which texts is the encoder narrowed on? Made-up messages, always the same, with no shop's words in them."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files

import jieba

from nlu.lexicon import general_negatives, lines

SEED = 7
_MOST_WORDS = 20_000  # of jieba's dictionary, the most frequent
_NOUNS = frozenset({"n", "nz", "vn"})
_LIST = "made_texts.toml"
_AROUND = 0.7  # of the sentences have something said before them, and as many behind


@dataclass(frozen=True, slots=True)
class _Words:
    """frequent: the dictionary's. often: how often, damped. nouns: those of two to four characters. service: ours."""

    frequent: Sequence[str]
    often: Sequence[float]
    nouns: Sequence[str]
    service: Sequence[str]


def made_texts(count: int, *, seed: int = SEED) -> list[str]:
    """So many distinct messages: written by people where we have such, then made up from words and sentences."""
    maker = _Maker(random.Random(seed))  # noqa: S311 - always the same texts
    found = dict.fromkeys([*maker.ours, *maker.said["short"], *maker.said["latin"]])
    while len(found) < count:
        if text := maker.one().strip():
            found[text] = None
    texts = list(found)
    maker.dice.shuffle(texts)
    return texts[:count]


class _Maker:
    """dice: decides everything. ours: utterances of nlu/data. said: the word lists of made_texts.toml."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.said: dict[str, list[str]] = tomllib.loads((files("nlu") / "data" / _LIST).read_text(encoding="utf-8"))
        moods = [line.split("\t")[-1] for line in lines("mood_examples.txt")]
        self.ours = [*general_negatives(), *moods]
        self._words = _words()
        self._kinds: tuple[tuple[Callable[[], str], float], ...] = (
            (self._sentence, 0.40),
            (lambda: self._sentence() + self._choice("，, 。！") + self._sentence(), 0.14),
            (self._loose, 0.18),
            (self._piece, 0.06),
            (lambda: self._piece() + self._choice(["，", "", " ", "。"]) + self._sentence(), 0.12),
            (self._figures, 0.06),
            (lambda: self._choice(self.said["latin"]) + " " + self._choice(self.said["latin"]), 0.04),
        )

    def one(self) -> str:
        """A message of one of the kinds."""
        kinds, shares = zip(*self._kinds, strict=True)
        make: Callable[[], str] = self.dice.choices(kinds, shares)[0]
        return make()

    def _sentence(self) -> str:
        """A sentence about one or two words, with or without what people say around it."""
        said = self._choice(self.said["sentences"]).replace("{word}", self._word()).replace("{other}", self._word())
        before = self._choice(self.said["before"]) if self.dice.random() < _AROUND else ""
        after = self._choice(self.said["after"]) if self.dice.random() < _AROUND else ""
        return before + said + after

    def _word(self) -> str:
        kind = self.dice.choices(("service", "noun", "latin", "figure"), (0.40, 0.50, 0.05, 0.05))[0]
        match kind:
            case "service":
                return self._choice(self._words.service)
            case "noun":
                return self._choice(self._words.nouns)
            case "latin":
                return self._choice(self.said["latin"])
            case _:
                return self._figure()

    def _loose(self) -> str:
        """Frequent words after each other, which mean nothing together."""
        many = self.dice.randint(1, 6)
        return self._choice(["", "", " "]).join(self.dice.choices(self._words.frequent, self._words.often, k=many))

    def _piece(self) -> str:
        """A part of an utterance of ours."""
        text = self._choice(self.ours)
        start = self.dice.randrange(max(1, len(text) - 3))
        return text[start : start + self.dice.randint(3, 14)]

    def _figures(self) -> str:
        match self._choice(("alone", "before", "behind")):
            case "alone":
                return self._figure()
            case "before":
                return self._figure() + self._piece()
            case _:
                return self._piece() + self._figure()

    def _figure(self) -> str:
        """An amount, a date, an order's number, a model's name."""
        number = self.dice.randint
        return self._choice(
            (
                f"{number(0, 100)}",
                f"{number(10**3, 10**5)}",
                f"{number(10**9, 10**12)}",
                f"1{number(10**9, 10**10 - 1)}",
                f"{number(1, 12)}月{number(1, 30)}号",
                f"{number(1, 60)}天",
                f"{number(1, 999)}元",
                f"{number(1, 9)}.{number(1, 9)}",
                f"{number(0, 23)}点",
                f"{self._choice('ABCDEFGHXVQR')}{number(1, 9999)}",
                f"{self._choice('一二三四五六七八九十两')}{self._choice('个天件次年月周箱瓶台')}",
            )
        )

    def _choice(self, among: Sequence[str]) -> str:
        return self.dice.choice(among)


def _words() -> _Words:
    """From jieba's dictionary (word, how often, kind a line) and our list of what shops speak of."""
    with jieba.get_dict_file() as stream:
        rows = [line.decode("utf-8").split() for line in stream]
    rows.sort(key=lambda row: (-int(row[1]), row[0]))
    nouns = [word for word, _, kind in rows[: 2 * _MOST_WORDS] if kind in _NOUNS and 2 <= len(word) <= 4]  # noqa: PLR2004
    frequent = rows[:_MOST_WORDS]
    return _Words(
        [row[0] for row in frequent],
        [int(row[1]) ** 0.5 for row in frequent],
        nouns,
        [word for line in lines("service_words.txt") for word in line.split()],
    )
