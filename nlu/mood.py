"""How does the customer feel, and how soon does she need an answer?"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nlu.lexicon import weighted_words

_REACH = 4  # characters between "不" and the word it turns round
_SHOUTS = re.compile(r"[!！]{2,}|[?？]{2,}|[!！?？]{3,}")
_CLAUSE_END = re.compile(r"[\s,.;:!?~、，。；：！？…]")
_SHOUT_URGENCY = 0.3
# read at import: the first customer's message must not wait for files
_POSITIVE = weighted_words("mood_positive")
_NEGATIVE = weighted_words("mood_negative")
_URGENT = weighted_words("mood_urgent")
_SHIFTERS = tuple(sorted(weighted_words("mood_shifters").items(), key=lambda entry: -len(entry[0])))


@dataclass(frozen=True, slots=True)
class Mood:
    """sentiment: -1 (furious) to 1 (delighted), 0 unmoved. urgency: 0 (whenever) to 1 (this minute)."""

    sentiment: float
    urgency: float


def mood(text: str) -> Mood:
    """Read the mood from the words: the longest match counts, a negation before it turns it round."""
    plain = unicodedata.normalize("NFKC", text).lower()
    pleased = sum(_signed(plain, _POSITIVE))
    displeased = sum(_signed(plain, _NEGATIVE))
    shouts = len(_SHOUTS.findall(text))
    urgent = sum(abs(value) for value in _signed(plain, _URGENT))
    # "！！" makes what is said louder; alone it says nothing about the feeling
    loudness = 1 + 0.2 * min(shouts, 2)
    return Mood(
        sentiment=math.tanh(loudness * (pleased - displeased)),
        urgency=math.tanh(urgent + _SHOUT_URGENCY * min(shouts, 2)),
    )


def _signed(text: str, words: Mapping[str, float]) -> Iterator[float]:
    position = said = 0  # said: where the mood word before this one ended; its own negation is spent
    longest = max(map(len, words))
    while position < len(text):
        word = _word_at(text, position, words, longest)
        if word is None:
            position += 1
            continue
        before = _CLAUSE_END.split(text[max(said, position - _REACH) : position])[-1]
        yield words[word] * _shift(before)
        position += len(word)
        said = position


def _word_at(text: str, position: int, words: Mapping[str, float], longest: int) -> str | None:
    """The longest word of the list that starts at this character."""
    candidates = (text[position : position + size] for size in range(longest, 0, -1))
    return next((candidate for candidate in candidates if candidate in words), None)


def _shift(before: str) -> float:
    """The factor that the words right before put on a mood word: a degree where adjacent, a negation anywhere."""
    adjacent = next(((word, factor) for word, factor in _SHIFTERS if before.endswith(word)), ("", 1.0))
    earlier = before.removesuffix(adjacent[0])
    return next((factor for word, factor in _SHIFTERS if factor < 0 and word in earlier), adjacent[1])
