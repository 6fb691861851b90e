"""Does what somebody types mean this text? By its characters, its pinyin, or the first letters of that."""

from __future__ import annotations

from nlu import normalise, pinyin_readings


def findable(*texts: str) -> str:
    """What is searched for these texts: themselves, their pinyin and its first letters, a line each.

    A character of several readings is spelt by its first and by its last one.
    """
    lines: dict[str, None] = {}
    known = pinyin_readings()
    for text in texts:
        plain = normalise(text)
        lines[plain] = None
        for which in (0, -1):
            syllables = [known[char][which] if char in known else char for char in plain]
            lines["".join(syllables)] = None
            lines["".join(syllable[0] for syllable in syllables)] = None
    return "\n".join(lines)


def wanted(typed: str) -> str:
    """What is looked for in `findable` texts: "" finds all of them."""
    return normalise(typed)
