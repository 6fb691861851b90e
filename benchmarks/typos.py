"""How do customers mistype by pinyin? The right syllable, another character."""

from __future__ import annotations

import random
from collections import defaultdict
from functools import cache

from pypinyin import Style, pinyin


def mistyped(text: str, share: float, *, seed: int) -> str:
    """The text with this share of its Chinese characters, rounded by chance, replaced by common homophones."""
    dice = random.Random(f"{seed}/{text}")
    places = [place for place, letter in enumerate(text) if _others(letter)]
    wanted = share * len(places)
    count = int(wanted) + (dice.random() < wanted % 1)
    letters = list(text)
    for place in dice.sample(places, min(count, len(places))):
        letters[place] = dice.choice(_others(letters[place]))
    return "".join(letters)


@cache
def _others(letter: str) -> tuple[str, ...]:
    return tuple(other for other in _homophones().get(_sound(letter), ()) if other != letter)


@cache
def _homophones() -> dict[str, tuple[str, ...]]:
    """The 3,755 characters of everyday use (GB 2312, level 1), by their syllable without tone."""
    by_sound: dict[str, list[str]] = defaultdict(list)
    for row in range(0xB0, 0xD8):
        for cell in range(0xA1, 0xFF):
            letter = bytes((row, cell)).decode("gb2312", errors="ignore")
            if letter:
                by_sound[_sound(letter)].append(letter)
    return {sound: tuple(letters) for sound, letters in by_sound.items()}


@cache
def _sound(letter: str) -> str:
    return pinyin(letter, style=Style.NORMAL)[0][0]
