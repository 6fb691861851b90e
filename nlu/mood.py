"""How does the customer feel, and how soon does she need an answer?"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nlu.lexicon import weighted_words
from nlu.mood_head import MoodHead, spelling_only
from nlu.tidying import EMOJI_WORDS

_EMOJI = frozenset(map(chr, EMOJI_WORDS))
_REACH = 4  # characters between "不" and the word it turns round
_SHOUTS = re.compile(r"[!！]{2,}|[?？]{2,}|[!！?？]{3,}")
_CLAUSE_END = re.compile(r"[\s,.;:!?~、，。；：！？…]")
_SHOUT_URGENCY = 0.3
REACH = 500  # characters
AT_ONCE = 64  # texts under way
_TRUST = 2.0  # the head's share beside the words'
_DOUBT = 0.2


@dataclass(frozen=True, slots=True)
class Mood:
    """sentiment: -1 (furious) to 1 (delighted), 0 unmoved. urgency: 0 (whenever) to 1 (this minute)."""

    sentiment: float
    urgency: float


@dataclass(frozen=True, slots=True)
class _Words:
    """What the words of a text say by themselves, not yet bounded. plain: the text they were looked for in."""

    plain: str
    sentiment: float
    urgency: float


def mood(text: str, vector: NDArray[np.float32] | None = None, *, head: MoodHead | None = None) -> Mood:
    """Read the mood from the words (the longest match counts, a negation before it turns it round) and a linear head.

    vector: of the text, from the encoder that `head` was fitted with; without both the spelling alone decides. Of a
    text only the first `REACH` characters count.
    """
    words = _words(text[:REACH])
    learned, pressing = (head if head and vector is not None else spelling_only()).read(words.plain, vector)
    return Mood(
        sentiment=math.tanh(words.sentiment + _beyond(learned)),
        urgency=math.tanh(words.urgency + max(0.0, _beyond(pressing))),
    )


@lru_cache(AT_ONCE)  # a message is read by spelling first, then with its vector
def _words(text: str) -> _Words:
    worded = text if _EMOJI.isdisjoint(text) else text.translate(EMOJI_WORDS)
    plain = unicodedata.normalize("NFKC", worded).lower()
    pleased = sum(_signed(plain, _POSITIVE))
    displeased = sum(_signed(plain, _NEGATIVE))
    shouts = min(len(_SHOUTS.findall(text)), 2)
    urgent = sum(abs(value) for value in _signed(plain, _URGENT))
    # "！！" makes what is said louder; alone it says nothing about the feeling
    return _Words(plain, (1 + 0.2 * shouts) * (pleased - displeased), urgent + _SHOUT_URGENCY * shouts)


def _beyond(learned: float) -> float:
    """What the head says for certain: close to zero it only guesses."""
    return _TRUST * math.copysign(max(0.0, abs(learned) - _DOUBT), learned)


def _by_first(words: Mapping[str, float]) -> dict[str, tuple[tuple[str, float], ...]]:
    """The words by their first character, longest first."""
    first: dict[str, list[tuple[str, float]]] = {}
    for word, weight in sorted(words.items(), key=lambda entry: -len(entry[0])):
        first.setdefault(word[0], []).append((word, weight))
    return {char: tuple(entries) for char, entries in first.items()}


# read at import: the first customer's message must not wait for files
_POSITIVE = _by_first(weighted_words("mood_positive"))
_NEGATIVE = _by_first(weighted_words("mood_negative"))
_URGENT = _by_first(weighted_words("mood_urgent"))
_SHIFTERS = tuple(sorted(weighted_words("mood_shifters").items(), key=lambda entry: -len(entry[0])))


def _signed(text: str, words: Mapping[str, tuple[tuple[str, float], ...]]) -> Iterator[float]:
    """The weight of each word of the list in the text, turned by what stands before it."""
    end = 0  # where the mood word before this one ended; its own negation is spent
    for position, char in enumerate(text):
        if char not in words or position < end:
            continue
        found = next((entry for entry in words[char] if text.startswith(entry[0], position)), None)
        if found is not None:
            before = _CLAUSE_END.split(text[max(end, position - _REACH) : position])[-1]
            yield found[1] * _shift(before)
            end = position + len(found[0])


def _shift(before: str) -> float:
    """The factor that the words right before put on a mood word: a degree where adjacent, a negation anywhere."""
    adjacent = next(((word, factor) for word, factor in _SHIFTERS if before.endswith(word)), ("", 1.0))
    earlier = before.removesuffix(adjacent[0])
    return next((factor for word, factor in _SHIFTERS if factor < 0 and word in earlier), adjacent[1])
