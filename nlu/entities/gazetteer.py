"""Which words and patterns of the shop's own does a text contain?"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from nlu.entities.found import Found, Rank
from nlu.text import folded
from nlu.training_data import Entity, TrainingData

PATTERN_REACH = 500  # characters of a text that the shop's own patterns see
# a repeated group without bound can take exponential time: such a pattern is not used
_UNBOUNDED_GROUP = re.compile(r"\)(?:[*+]|\{[0-9]*,\})")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """The shop's words by their first character, longest first, and its patterns, compiled."""

    words: Mapping[str, tuple[tuple[str, str, str], ...]] = field(default_factory=dict)
    patterns: tuple[tuple[str, re.Pattern[str]], ...] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, data: TrainingData, products: Mapping[str, Sequence[str]] | None = None) -> Gazetteer:
        """Compile lookups, synonyms and regexes of training data, and products (id → names and aliases).

        A synonym extracts as the entity of the lookup that holds its value; its value is that value. A pattern that
        is no regular expression, or repeats a group without bound, is left out and named in the log.
        """
        synonyms = {folded(way).lower(): value for value, ways in data.synonyms.items() for way in (value, *ways)}
        words: dict[str, tuple[str, str]] = {}
        for name, listed in data.lookups.items():
            for word in listed:
                key = folded(word).lower()
                value = synonyms.get(key, word)
                words.setdefault(key, (name, value))
                for way in data.synonyms.get(value, ()):
                    words.setdefault(folded(way).lower(), (name, value))
        for product, names in (products or {}).items():
            words |= {folded(name).lower(): ("product", product) for name in names}
        return cls(_by_first(words), tuple(_compiled(data.regexes)), synonyms)

    def find(self, text: str) -> Iterator[Found]:
        """Find them in a folded text (`nlu.text.folded`); of the words that start at one character the longest."""
        yield from self._words(text.lower())
        for name, pattern in self.patterns:
            for match in pattern.finditer(text, 0, PATTERN_REACH):
                if match.end() > match.start():
                    value = self.synonyms.get(match[0].lower(), match[0])
                    yield Found(Entity(name, *match.span(), value), Rank.SHOP_PATTERN)

    def _words(self, plain: str) -> Iterator[Found]:
        end = 0  # of the word found last
        for position, char in enumerate(plain):
            if position < end or char not in self.words:
                continue
            found = next((each for each in self.words[char] if plain.startswith(each[0], position)), None)
            if found is not None and _stands_apart(plain, position, found[0]):
                word, name, value = found
                end = position + len(word)
                yield Found(Entity(name, position, end, value), Rank.WORD)


EMPTY = Gazetteer()


def _by_first(words: Mapping[str, tuple[str, str]]) -> dict[str, tuple[tuple[str, str, str], ...]]:
    grouped: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for word, (name, value) in words.items():
        if word.strip():
            grouped[word[0]].append((word, name, value))
    return {first: tuple(sorted(group, key=lambda each: (-len(each[0]), each))) for first, group in grouped.items()}


def _stands_apart(text: str, start: int, word: str) -> bool:
    """Whether a Latin word is not a piece of a longer one; Chinese words need no space around them."""
    end = start + len(word)
    before = start > 0 and _latin(text[start - 1]) and _latin(word[0])
    after = end < len(text) and _latin(text[end]) and _latin(word[-1])
    return not before and not after


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _compiled(regexes: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, re.Pattern[str]]]:
    for name, patterns in regexes.items():
        for pattern in patterns:
            try:
                if _UNBOUNDED_GROUP.search(pattern):
                    raise re.error("repeats a group without bound")  # noqa: TRY301 - both are one fact here
                yield name, re.compile(pattern)
            except re.error as error:
                _log.warning("entity_pattern_refused", name=name, reason=str(error))
